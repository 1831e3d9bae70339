package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/**
 * Brings stored rows into the order of {@link PanelLayout}; the counterpart of {@link PanelReader}, the reference of
 * {@link NativePacker}, and what packs where that is not there.
 *
 * <p>A piece of 16 rows at a time is put together on the heap, where it stays in the first-level cache and array accesses are
 * cheap, and then copied.
 */
final class PanelPacker {
    /** Elements along the width that are packed at a time; a multiple of every block. */
    private static final int PIECE = 512;

    private static final int LANES = PanelLayout.PANEL_ROWS;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final Panels panels;
    private final PanelLayout layout;
    private final BlockPacker blocks;
    private final EncodedMatrix[] parts = new EncodedMatrix[LANES];
    private final int[] rows = new int[LANES];
    private final byte[] in;
    private final int[] headers;
    private final int[] codes;
    private int lanes;
    private int panel;

    private PanelPacker(String name, DType format, Panels panels) {
        this.name = name;
        this.panels = panels;
        this.layout = panels.layout();
        this.in = new byte[Math.toIntExact(format.bytesFor(PIECE)) + Integer.BYTES];
        this.headers = new int[(int) layout.headerBytes(PIECE) / Integer.BYTES];
        this.codes = new int[(int) layout.codeBytes(PIECE) / Integer.BYTES];
        this.blocks = new BlockPacker(format, layout, in, headers, codes);
    }

    /**
     * Packs all rows, natively where that can be done.
     *
     * @param parts of one format and width, one below the other
     * @param panels takes them
     * @throws InvalidInputException when a scale is infinite or not a number
     */
    static void pack(String name, List<EncodedMatrix> parts, Panels panels) {
        pack(name, parts, 0, panels);
    }

    /**
     * Packs as many rows as the panels have, natively where that can be done.
     *
     * @param parts of one format and width, one below the other
     * @param firstRow the first of them, of the parts taken together
     * @param panels takes them
     * @throws InvalidInputException when a scale is infinite or not a number
     */
    static void pack(String name, List<EncodedMatrix> parts, int firstRow, Panels panels) {
        NativePacker packer = NativePacker.canPack(parts) ? NativePacker.orNull() : null;
        if (packer == null || !packer.pack(parts, firstRow, panels)) {
            // What is damaged is named here.
            packInJava(name, parts, firstRow, panels);
        }
    }

    /** As {@link #pack}, without native code. */
    static void packInJava(String name, List<EncodedMatrix> parts, int firstRow, Panels panels) {
        PanelPacker packer = new PanelPacker(name, parts.getFirst().format(), panels);
        long before = 0;
        for (EncodedMatrix part : parts) {
            long end = Math.min(part.rows(), firstRow + panels.rows() - before);
            for (long row = Math.max(0, firstRow - before); row < end; row++) {
                packer.add(part, (int) row);
            }
            before += part.rows();
        }
        packer.finish();
    }

    private void add(EncodedMatrix part, int row) {
        parts[lanes] = part;
        rows[lanes] = row;
        if (++lanes == LANES) {
            finish();
        }
    }

    /** Packs the panel of the rows that were added. */
    private void finish() {
        if (lanes == 0) {
            return;
        }
        long at = panel * panels.panelBytes();
        long codesAt = at + layout.headerBytes(panels.width());
        for (int from = 0; from < panels.width(); from += PIECE) {
            int count = Math.min(PIECE, panels.width() - from);
            // Lanes without a row and the rest of a last block are zeros; so are halves that are not yet written.
            Arrays.fill(headers, 0);
            if (lanes < LANES || count < PIECE) {
                Arrays.fill(codes, 0);
            }
            for (int lane = 0; lane < lanes; lane++) {
                lane(lane, from, count);
            }
            copy(headers, layout.headerBytes(count), at + layout.headerBytes(from));
            copy(codes, layout.codeBytes(count), codesAt + layout.codeBytes(from));
        }
        panel++;
        lanes = 0;
    }

    private void copy(int[] words, long bytes, long to) {
        MemorySegment.copy(words, 0, panels.bytes(), INT, to, (int) (bytes / Integer.BYTES));
    }

    /** Packs elements {@code from .. from + count - 1} of one row. */
    private void lane(int lane, int from, int count) {
        EncodedMatrix part = parts[lane];
        DType format = part.format();
        int row = rows[lane];
        if (layout == PanelLayout.F32 && format != DType.F32 || layout == PanelLayout.BF16 && format != DType.BF16) {
            decoded(part, row, from, count, lane);
            return;
        }
        long at = row * part.rowBytes() + format.bytesFor(from);
        MemorySegment.copy(part.bytes(), ValueLayout.JAVA_BYTE, at, in, 0, (int) format.bytesFor(count));
        if (!blocks.pack(count, lane)) {
            throw new InvalidInputException("matrix '" + name + "' (" + format.label() + ") has "
                    + (layout == PanelLayout.F16 ? "an element" : "a scale")
                    + " that is infinite or not a number in row " + row + " of a part of " + part.rows()
                    + " rows; is the file damaged?");
        }
    }

    /** Formats without a layout of their own, as binary32, or as bfloat16 where that holds their values exactly. */
    private void decoded(EncodedMatrix part, int row, int from, int count, int lane) {
        float[] values = new float[part.width()];
        part.decode(row, 1, values, 0);
        for (int i = 0; i < count; i++) {
            int bits = Float.floatToRawIntBits(values[from + i]);
            if (layout == PanelLayout.F32) {
                codes[i * LANES + lane] = bits;
            } else {
                int to = (i >> 1) * LANES + lane;
                codes[to] = (i & 1) == 0 ? bits >>> 16 : codes[to] | bits & 0xFFFF0000;
            }
        }
    }
}
