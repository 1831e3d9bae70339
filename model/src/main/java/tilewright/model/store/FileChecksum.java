package tilewright.model.store;

/**
 * What a file must hold.
 *
 * @param bytes its size
 * @param crc32c the CRC32C of all of them
 */
public record FileChecksum(long bytes, int crc32c) {
    /** The checksum as eight hexadecimal digits. */
    public String digits() {
        return String.format("%08x", crc32c);
    }
}
