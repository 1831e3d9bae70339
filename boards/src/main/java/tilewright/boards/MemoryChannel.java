package tilewright.boards;

/**
 * One memory outside the fabric, with its peak rate.
 *
 * @param name its name on the board, unique there
 * @param kind its technology
 * @param bytes its size
 * @param bytesPerSecond peak rate, both directions together (published figure; refresh and turn-around not taken off)
 */
public record MemoryChannel(String name, MemoryKind kind, long bytes, double bytesPerSecond) {}
