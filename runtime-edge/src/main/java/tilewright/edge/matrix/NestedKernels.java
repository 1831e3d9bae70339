package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * What {@link VectorKernels} does with nested panels: codes are unpacked to bytes, which stay in a near cache, and then met as
 * 8-bit codes.
 */
final class NestedKernels {
    private static final int PANEL = PanelLayout.PANEL_ROWS;
    private static final int WORD = PanelLayout.WORD_BYTES;
    private static final int LANES = FloatVector.SPECIES_PREFERRED.length();

    /** Whose 8-bit codes and centre the unpacked codes have. */
    private static final PanelLayout BYTES = PanelLayout.Q8_0;

    /** Likewise for codes in halves of bytes. */
    private static final PanelLayout HALVES = PanelLayout.Q4_0;

    /** Products of codes of up to so many bits with 8-bit activations are summed in 16 bits. */
    private static final int NARROW = 6;

    /**
     * Groups of 32 elements that are unpacked at a time: 4 KiB of codes. Reading ahead goes on while so few are multiplied; with
     * a whole panel at a time memory is idle in the meantime, which was half as fast.
     */
    private static final int PIECE = 8;

    private NestedKernels() {}

    /** Multiplies up to {@link Activations#directRows} rows with one panel; row r's results begin at {@code 16 r}. */
    static void direct(
            Panels panels, int panel, Activations x, int firstRow, int rows, float[] out, KernelScratch scratch) {
        PanelLayout layout = panels.layout();
        int width = panels.width();
        int groups = layout.groups(width);
        boolean int8 = x.precision() == ActivationPrecision.INT8;
        boolean halves = !int8 && panels.knownBits() <= 4;
        boolean narrow = int8 && panels.knownBits() <= NARROW;
        int down = narrow ? 8 - panels.knownBits() : 0;
        float unit = NestedScales.unit(panels);
        // FloatDots wants scales for codes from 0 to 1.
        float factor = int8 ? 1 << down : 256;
        float shift = NestedScales.middle(panels) + BYTES.centre();
        int centre = 1 << panels.knownBits() - 1;
        long baseBytes = layout.groupWords() * (long) WORD;
        long restBytes = (layout.codeBits() - layout.baseBits()) * (long) WORD;
        float[] scales = scratch.scales(groups * LANES);
        MemorySegment codes = scratch.work(PIECE * 8 * WORD);
        MemorySegment bytes = panels.bytes();
        Arrays.fill(out, 0, rows * PANEL, 0);
        for (int lane = 0; lane < PANEL; lane += LANES) {
            long at = panel * panels.panelBytes() + 4 * lane;
            long base = at + layout.headerBytes(width);
            long rest = panel * layout.residualBytes(width) + 4 * lane;
            NestedScales.expand(bytes, at, groups, unit * factor, scales);
            for (int first = 0; first < groups; first += PIECE) {
                int last = Math.min(groups, first + PIECE);
                if (halves) {
                    halves(
                            panels,
                            base + first * baseBytes,
                            rest + first * restBytes,
                            first,
                            last,
                            x,
                            firstRow,
                            rows,
                            scales,
                            out,
                            lane,
                            codes);
                    continue;
                }
                NestedCodes.unpack(
                        panels, base + first * baseBytes, rest + first * restBytes, last - first, down, codes, 0);
                for (int row = 0; row < rows; row++) {
                    int r = firstRow + row;
                    int to = row * PANEL + lane;
                    if (narrow) {
                        ByteDots.dotsCentred(centre, codes, 0, first, last, x, r, scales, out, to);
                    } else if (int8) {
                        ByteDots.dots8(BYTES, codes, 0, first, last, x, r, scales, out, to);
                    } else {
                        FloatDots.dots8(BYTES, codes, 0, first, last, x, r, scales, out, to);
                    }
                }
            }
            for (int row = 0; row < rows; row++) {
                int sums = (firstRow + row) * x.sumStride();
                NestedScales.addOffsets(bytes, at, groups, unit, shift, x.sums(), sums, out, row * PANEL + lane);
            }
        }
    }

    /** Adds the products of some groups of codes of up to 4 bits with float32 activations. */
    private static void halves(
            Panels panels,
            long base,
            long rest,
            int first,
            int last,
            Activations x,
            int firstRow,
            int rows,
            float[] scales,
            float[] out,
            int lane,
            MemorySegment codes) {
        MemorySegment from = codes;
        long at = 0;
        if (panels.layout().baseBits() == 4) {
            // Without a residual they lie as they should already.
            from = panels.bytes();
            at = base;
        } else {
            NestedCodes.halves(panels, base, rest, last - first, codes, 0);
        }
        for (int row = 0; row < rows; row++) {
            FloatDots.dots4(HALVES, from, at, first, last, x, firstRow + row, scales, out, row * PANEL + lane);
        }
    }

    /** Decodes {@code width} elements from an even block's begin on, of one panel; {@link PanelTile#STRIDE} between elements. */
    static void decode(Panels panels, int panel, int from, int width, float[] out, int outAt, KernelScratch scratch) {
        PanelLayout layout = panels.layout();
        int groups = layout.groups(width);
        float unit = NestedScales.unit(panels);
        float shift = NestedScales.middle(panels) - 256;
        float[] scales = scratch.scales(groups * LANES);
        float[] offsets = scratch.offsets(groups * LANES);
        MemorySegment codes = scratch.work((long) groups * 8 * WORD);
        long headers = panel * panels.panelBytes();
        long base = headers + layout.headerBytes(panels.width()) + layout.codeBytes(from);
        long rest = panel * layout.residualBytes(panels.width()) + layout.residualBytes(from);
        headers += layout.headerBytes(from);
        for (int lane = 0; lane < PANEL; lane += LANES) {
            NestedCodes.unpack(panels, base + 4 * lane, rest + 4 * lane, groups, 0, codes, 0);
            NestedScales.expand(panels.bytes(), headers + 4 * lane, groups, unit * 256, scales);
            NestedScales.offsets(panels.bytes(), headers + 4 * lane, groups, unit, shift, offsets);
            PanelDecoder.decode8(BYTES, codes, 0, groups, scales, offsets, out, outAt + lane, PanelTile.STRIDE);
        }
    }
}
