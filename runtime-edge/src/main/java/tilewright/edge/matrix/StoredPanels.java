package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.util.List;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/** Panels of a stored format in memory that the caller owns; {@link MatrixWeights#packed(String, DType, int, int, MemorySegment)} reads them. */
public final class StoredPanels {
    private StoredPanels() {}

    /**
     * Bytes that the panels of a matrix take, a multiple of 64.
     *
     * @throws IllegalArgumentException for a shape without elements, a format that holds integers, and rows that are not whole
     *     blocks
     * @throws ArithmeticException when it is more than a 64-bit integer can say
     */
    public static long bytes(DType format, int rows, int width) {
        if (rows < 1 || width < 1) {
            throw new IllegalArgumentException(rows + " x " + width + " weights, expected at least 1 x 1");
        }
        if (!format.isFloat()) {
            throw new IllegalArgumentException("weights stored as " + format.label() + ", expected real numbers");
        }
        format.bytesFor(width);
        return Math.multiplyExact(
                PanelLayout.of(format).panelBytes(width), (long) Math.ceilDiv(rows, PanelLayout.PANEL_ROWS));
    }

    /**
     * Packs a matrix, in the calling thread.
     *
     * @param name what messages call it
     * @param parts at least one, of one width and format, one below the other
     * @param panels takes the panels: off heap, 64-byte aligned, {@link #bytes} or more, whatever they held before
     * @throws IllegalArgumentException for parts that do not belong together and memory that does not fit
     * @throws tilewright.model.InvalidInputException when a scale is infinite or not a number
     */
    public static void pack(String name, List<EncodedMatrix> parts, MemorySegment panels) {
        EncodedMatrix first = parts.getFirst();
        long rows = 0;
        for (EncodedMatrix part : parts) {
            if (part.format() != first.format() || part.width() != first.width()) {
                throw new IllegalArgumentException("matrix '" + name + "' has parts of "
                        + first.format().label() + " x " + first.width() + " and "
                        + part.format().label() + " x " + part.width() + ", expected one format and width");
            }
            rows = Math.addExact(rows, part.rows());
        }
        int count = Math.toIntExact(rows);
        long bytes = bytes(first.format(), count, first.width());
        MemorySegment memory = MatrixWeights.required(name, "panel", panels, bytes);
        PanelPacker.pack(name, parts, new Panels(PanelLayout.of(first.format()), count, first.width(), memory));
    }
}
