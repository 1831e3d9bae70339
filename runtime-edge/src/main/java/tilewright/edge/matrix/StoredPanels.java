package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
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
        pack(name, parts, 0, Math.ceilDiv(rows(name, parts), PanelLayout.PANEL_ROWS), panels);
    }

    /** Rows of a panel. */
    public static int rowsPerPanel() {
        return PanelLayout.PANEL_ROWS;
    }

    /**
     * Packs some panels of a matrix, as above; safe for use by several threads on different panels.
     *
     * @param parts of which only the rows of these panels are read
     * @param firstPanel the first of them
     * @param endPanel after the last of them
     */
    public static void pack(
            String name, List<EncodedMatrix> parts, int firstPanel, int endPanel, MemorySegment panels) {
        int rows = rows(name, parts);
        EncodedMatrix first = parts.getFirst();
        PanelLayout layout = PanelLayout.of(first.format());
        Objects.checkFromToIndex(firstPanel, endPanel, Math.ceilDiv(rows, PanelLayout.PANEL_ROWS));
        MemorySegment memory =
                MatrixWeights.required(name, "panel", panels, bytes(first.format(), rows, first.width()));
        int firstRow = firstPanel * PanelLayout.PANEL_ROWS;
        int endRow = Math.min(rows, endPanel * PanelLayout.PANEL_ROWS);
        if (firstRow < endRow) {
            long at = firstPanel * layout.panelBytes(first.width());
            PanelPacker.pack(
                    name, parts, firstRow, new Panels(layout, endRow - firstRow, first.width(), memory.asSlice(at)));
        }
    }

    private static int rows(String name, List<EncodedMatrix> parts) {
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
        return Math.toIntExact(rows);
    }
}
