package tilewright.compiler.build;

import java.nio.file.Path;

/**
 * What a user asks of a compilation.
 *
 * @param model folder of the model
 * @param board name of a bundled board, or path of a board file
 * @param output the build directory to make
 * @param task the only task wanted, or null for all
 * @param bits of activations and weights: 8 or 16
 * @param calibrate images, or null for those in the model's folder
 * @param limit number of calibration images, or null for the default
 * @param force whether an earlier build is replaced
 */
public record CompileOptions(
        Path model, String board, Path output, String task, int bits, Path calibrate, Integer limit, boolean force) {}
