package tilewright.compiler.build;

import java.nio.file.Path;

/**
 * What a user asks of a verification.
 *
 * @param build the build directory
 * @param images number of images, or null for all that were kept (at most {@value #DEFAULT_IMAGES}) or given
 * @param data other images than those kept with the build, or null
 * @param blocks whether each block is compared, free-running and with its input forced to the float model's
 */
public record VerifyOptions(Path build, Integer images, Path data, boolean blocks) {
    static final int DEFAULT_IMAGES = 64;
}
