package tilewright.edge.store;

/**
 * One expert's record.
 *
 * @param shape what lies where in it
 * @param offset where it begins in the file, a multiple of 4096
 * @param units what the scales of grouped codes are multiples of, of gate, up and down; 1 for stored formats
 * @param baseChecksum CRC32C of the base ranges
 * @param residualChecksum CRC32C of the residual ranges; of no bytes where there are none
 */
record StoredRecord(RecordShape shape, long offset, float[] units, int baseChecksum, int residualChecksum) {
    /** Bytes in an index. */
    static final int BYTES = 40;
}
