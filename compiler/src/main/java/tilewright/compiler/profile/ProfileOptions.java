package tilewright.compiler.profile;

import tilewright.compiler.codes.MatrixQuantiser;

/**
 * How a model is profiled.
 *
 * @param window tokens that run together from position 0
 * @param tokens most tokens of the text to use; 0 for all
 * @param sensitivityTokens most tokens on which sensitivity is measured, from the text's begin
 * @param trialTokens most tokens on which allocations are tried; 0 for no trials
 * @param momentBytes most bytes of all second moments together; their blocks are as large as this allows
 * @param sampleBytes most bytes of rows kept to measure output errors
 * @param rowBytes most bytes of tokens' rows kept to fit down matrices to; 0 for none
 * @param unit what is quantised together for the sensitivity; null for the finest that is not too many
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
        MatrixQuantiser quantiser,
        int threads,
        int checkpointSeconds) {}
