package tilewright.edge.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Activation rows rounded to 8 bits as the native kernels read them, off heap.
 *
 * <p>Rounding is that of {@link Activations}. A row of P elements (padded with zeros) is, one after the other: P codes of a
 * byte; for each 32 elements their scale (binary32), minus the sum of their codes (32 bits), and that sum (not negated)
 * times the scale (binary32); for each 16 elements minus the sum of their codes, and that sum times the scale.
 */
final class ByteActivations {
    /** Keeps rows of a power of two apart in the cache. */
    private static final int GAP = 64;

    private final KernelLibrary library;
    private MemorySegment bytes = MemorySegment.NULL;
    private long stride;

    ByteActivations(KernelLibrary library) {
        this.library = library;
    }

    /** Makes room for so many rows; what was there before is lost. */
    void resize(int rows, int padded) {
        stride = padded / 8 * 15L + GAP;
        if (bytes.byteSize() < rows * stride) {
            bytes = Arena.ofAuto().allocate(rows * stride, PanelLayout.WORD_BYTES);
        }
    }

    /** Rounds one row; several threads may load different rows. */
    void load(int row, float[] values, int at, int padded) {
        MemorySegment from = MemorySegment.ofArray(values).asSlice(4L * at, 4L * padded);
        library.quantise(from, padded, address(row), stride);
        Reference.reachabilityFence(bytes);
    }

    /** Where a row begins, as long as {@link #memory} is reachable. */
    long address(int row) {
        return bytes.address() + row * stride;
    }

    /** Bytes from one row to the next. */
    long stride() {
        return stride;
    }

    /** Where the rows are. */
    MemorySegment memory() {
        return bytes;
    }
}
