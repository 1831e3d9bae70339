package tilewright.hw.program;

/**
 * Consecutive rows of a buffer.
 *
 * @param first first row
 * @param count number of rows
 */
public record TokenRange(int first, int count) {}
