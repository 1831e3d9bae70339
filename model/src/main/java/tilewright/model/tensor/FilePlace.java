package tilewright.model.tensor;

import java.nio.file.Path;

/**
 * Where stored bytes lie.
 *
 * @param file the file that holds them
 * @param offset the position of the first one, in bytes from the start of the file
 */
public record FilePlace(Path file, long offset) {}
