package tilewright.compiler.profile;

import tilewright.compiler.codes.MatrixQuantiser;

/**
 * How a model is profiled.
 *
 * @param window tokens that run together from position 0
 * @param tokens most tokens of the text to use; 0 for all
 * @param sensitivityTokens most tokens on which sensitivity is measured; 0 for the usual number
 * @param trialTokens most tokens on which allocations are tried; 0 for no trials, negative for the usual number
 * @param momentBytes most bytes of all second moments together; their blocks are as large as this allows
 * @param sampleBytes most bytes of rows kept to measure output errors
 * @param rowBytes most bytes of tokens' rows kept to fit down matrices to; 0 for none
 * @param unit what is quantised together for the sensitivity; null for each matrix where these are not too many, else
 *     {@link SensitivityUnit#SAMPLED}
 * @param exchanges most groups of {@link SensitivityUnit#SAMPLED}; 0 for the usual number
 * @param quantiser makes the codes
 * @param threads that compute
 * @param checkpointSeconds how often what was found is saved, so that a later run can go on from there
 */
public record ProfileOptions(
        int window,
        long tokens,
        long sensitivityTokens,
        long trialTokens,
        long momentBytes,
        long sampleBytes,
        long rowBytes,
        SensitivityUnit unit,
        int exchanges,
        MatrixQuantiser quantiser,
        int threads,
        int checkpointSeconds) {}
