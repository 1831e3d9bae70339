package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Kernels on the JDK's Vector API, for any vector length up to a panel's 16 floats.
 *
 * <p>Few rows are multiplied with the weights as they are packed, one panel at a time, which then is in the cache for the
 * next row. For more rows two panels at a time are decoded to float32 in a piece that fits the second-level cache, and a
 * register tile of multiply-adds runs over it.
 */
public final class VectorKernels extends PanelKernels {
    /** Elements along the width that are decoded at a time, whole blocks of every layout: 128 KiB of floats. */
    private static final int DECODED = 1024;

    private static final int PANEL = PanelLayout.PANEL_ROWS;
    private static final int LANES = FloatVector.SPECIES_PREFERRED.length();

    /** The only one. */
    public static final VectorKernels INSTANCE = new VectorKernels();

    private VectorKernels() {
        if (PANEL % LANES != 0) {
            throw new IllegalStateException("vectors of " + LANES + " floats, expected at most " + PANEL);
        }
    }

    @Override
    void multiply(
            Panels panels,
            Activations x,
            int firstRow,
            int rows,
            int firstPanel,
            int lastPanel,
            PanelResults to,
            KernelScratch scratch) {
        boolean ready = x.isDirect() || panels.layout().codeBits() == 0;
        if (ready && rows <= Activations.directRows(x.precision())) {
            direct(panels, x, firstRow, rows, firstPanel, lastPanel, to, scratch);
        } else {
            decoded(panels, x, firstRow, rows, firstPanel, lastPanel, to, scratch);
        }
    }

    private static void direct(
            Panels panels,
            Activations x,
            int firstRow,
            int rows,
            int firstPanel,
            int lastPanel,
            PanelResults to,
            KernelScratch scratch) {
        PanelLayout layout = panels.layout();
        MemorySegment bytes = panels.bytes();
        long panelBytes = panels.panelBytes();
        float[] out = scratch.edge(rows * PANEL);
        if (layout.codeBits() == 0) {
            int words = Math.ceilDiv(panels.width(), layout.blockElements());
            for (int panel = firstPanel; panel < lastPanel; panel++) {
                for (int lane = 0; lane < PANEL; lane += LANES) {
                    long at = panel * panelBytes + 4 * lane;
                    for (int row = 0; row < rows; row++) {
                        plain(layout, bytes, at, words, x, firstRow + row, out, row * PANEL + lane);
                    }
                }
                put(to, rows, panel, out);
            }
            return;
        }
        if (layout.isNested()) {
            for (int panel = firstPanel; panel < lastPanel; panel++) {
                NestedKernels.direct(panels, panel, x, firstRow, rows, out, scratch);
                put(to, rows, panel, out);
            }
            return;
        }
        int groups = layout.groups(panels.width());
        long headerBytes = layout.headerBytes(panels.width());
        boolean int8 = x.precision() == ActivationPrecision.INT8;
        float[] scales = scratch.scales(2 * groups * LANES);
        float factor = int8 ? 1 : unit(layout);
        for (int panel = firstPanel; panel < lastPanel; panel++) {
            // Some kernels add to what is there; others overwrite it.
            Arrays.fill(out, 0, rows * PANEL, 0);
            for (int lane = 0; lane < PANEL; lane += LANES) {
                long at = panel * panelBytes + 4 * lane;
                PanelScales.expand(layout, bytes, at, groups, factor, 0, scales, null);
                for (int row = 0; row < rows; row++) {
                    int outAt = row * PANEL + lane;
                    int r = firstRow + row;
                    if (int8) {
                        byteDots(layout, bytes, at + headerBytes, groups, x, r, scales, out, outAt);
                    } else {
                        floatDots(layout, bytes, at + headerBytes, groups, x, r, scales, out, outAt);
                    }
                    if (layout.hasMinimum()) {
                        PanelScales.addMinima(layout, bytes, at, groups, x.sums(), r * x.sumStride(), out, outAt);
                    }
                }
            }
            put(to, rows, panel, out);
        }
    }

    private static void put(PanelResults to, int rows, int panel, float[] out) {
        for (int row = 0; row < rows; row++) {
            to.put(row, panel * PANEL, PANEL, out, row * PANEL, false);
        }
    }

    private static void plain(
            PanelLayout layout,
            MemorySegment bytes,
            long at,
            int words,
            Activations x,
            int row,
            float[] out,
            int outAt) {
        switch (layout) {
            case F32 -> PlainDots.binary32(bytes, at, words, x, row, out, outAt);
            case F16 -> PlainDots.binary16(bytes, at, words, x, row, out, outAt);
            case BF16 -> PlainDots.brain(bytes, at, words, x, row, out, outAt);
            default -> throw new IllegalStateException(layout + " has codes");
        }
    }

    private static void floatDots(
            PanelLayout layout,
            MemorySegment bytes,
            long codes,
            int groups,
            Activations x,
            int row,
            float[] scales,
            float[] out,
            int outAt) {
        switch (layout) {
            case Q8_0 -> FloatDots.dots8(layout, bytes, codes, 0, groups, x, row, scales, out, outAt);
            case Q6_K -> FloatDots.dots6(layout, bytes, codes, groups, x, row, scales, out, outAt);
            case Q5_0, Q5_1, Q5_K -> FloatDots.dots5(layout, bytes, codes, groups, x, row, scales, out, outAt);
            case Q4_0, Q4_1, Q4_K -> FloatDots.dots4(layout, bytes, codes, 0, groups, x, row, scales, out, outAt);
            case Q3_K -> FloatDots.dots3(layout, bytes, codes, groups, x, row, scales, out, outAt);
            case Q2_K -> FloatDots.dots2(layout, bytes, codes, groups, x, row, scales, out, outAt);
            default -> FloatDots.dotsOfTable(layout, bytes, codes, groups, x, row, scales, out, outAt);
        }
    }

    private static void byteDots(
            PanelLayout layout,
            MemorySegment bytes,
            long codes,
            int groups,
            Activations x,
            int row,
            float[] scales,
            float[] out,
            int outAt) {
        switch (layout) {
            case Q8_0 -> ByteDots.dots8(layout, bytes, codes, 0, groups, x, row, scales, out, outAt);
            case Q6_K -> ByteDots.dots6(layout, bytes, codes, groups, x, row, scales, out, outAt);
            case Q5_0, Q5_1, Q5_K -> ByteDots.dots5(layout, bytes, codes, groups, x, row, scales, out, outAt);
            case Q4_0, Q4_1, Q4_K -> ByteDots.dots4(layout, bytes, codes, groups, x, row, scales, out, outAt);
            case Q3_K -> ByteDots.dots3(layout, bytes, codes, groups, x, row, scales, out, outAt);
            case Q2_K -> ByteDots.dots2(layout, bytes, codes, groups, x, row, scales, out, outAt);
            default -> ByteDots.dotsOfTable(layout, bytes, codes, groups, x, row, scales, out, outAt);
        }
    }

    /** 2^b where codes are read as 1 + code / 2^b. */
    private static float unit(PanelLayout layout) {
        return layout.isTable() ? 256 : 1 << layout.codeBits();
    }

    private static void decoded(
            Panels panels,
            Activations x,
            int firstRow,
            int rows,
            int firstPanel,
            int lastPanel,
            PanelResults to,
            KernelScratch scratch) {
        float[] weights = scratch.panel(Math.min(DECODED, x.paddedWidth()) * PanelTile.STRIDE);
        float[] out = scratch.edge(PanelTile.ROWS * PanelTile.STRIDE);
        for (int panel = firstPanel; panel < lastPanel; panel += 2) {
            boolean pair = panel + 1 < lastPanel;
            int outputs = pair ? PanelTile.STRIDE : PANEL;
            for (int from = 0; from < panels.width(); from += DECODED) {
                int width = Math.min(DECODED, panels.width() - from);
                decode(panels, panel, from, width, weights, 0, scratch);
                if (pair) {
                    decode(panels, panel + 1, from, width, weights, PANEL, scratch);
                }
                for (int row = 0; row < rows; row += PanelTile.ROWS) {
                    int count = Math.min(PanelTile.ROWS, rows - row);
                    int at = (firstRow + row) * x.stride() + from;
                    for (int o = 0; o < outputs; o += PanelTile.OUTPUTS) {
                        PanelTile.multiply(x.values(), at, x.stride(), count, weights, o, width, out, o);
                    }
                    for (int r = 0; r < count; r++) {
                        to.put(row + r, panel * PANEL, outputs, out, r * PanelTile.STRIDE, from > 0);
                    }
                }
            }
        }
    }

    /** Decodes {@code width} elements, from a block's begin on, of one panel. */
    private static void decode(
            Panels panels, int panel, int from, int width, float[] out, int outAt, KernelScratch scratch) {
        PanelLayout layout = panels.layout();
        MemorySegment bytes = panels.bytes();
        int stride = PanelTile.STRIDE;
        long headers = panel * panels.panelBytes();
        long codes = headers + layout.headerBytes(panels.width()) + layout.codeBytes(from);
        headers += layout.headerBytes(from);
        if (layout.codeBits() == 0) {
            int words = Math.ceilDiv(width, layout.blockElements());
            for (int lane = 0; lane < PANEL; lane += LANES) {
                PanelDecoder.decodePlain(layout, bytes, codes + 4 * lane, words, out, outAt + lane, stride);
            }
            return;
        }
        if (layout.isNested()) {
            NestedKernels.decode(panels, panel, from, width, out, outAt, scratch);
            return;
        }
        int groups = layout.groups(width);
        float[] s = scratch.scales(2 * groups * LANES);
        float[] o = scratch.offsets(2 * groups * LANES);
        float unit = unit(layout);
        float shift = -(unit + (layout.isTable() ? 128 : layout.centre()));
        for (int lane = 0; lane < PANEL; lane += LANES) {
            long begin = codes + 4 * lane;
            int to = outAt + lane;
            PanelScales.expand(layout, bytes, headers + 4 * lane, groups, unit, shift, s, o);
            switch (layout) {
                case Q8_0 -> PanelDecoder.decode8(layout, bytes, begin, groups, s, o, out, to, stride);
                case Q6_K -> PanelDecoder.decode6(layout, bytes, begin, groups, s, o, out, to, stride);
                case Q5_0, Q5_1, Q5_K -> PanelDecoder.decode5(layout, bytes, begin, groups, s, o, out, to, stride);
                case Q4_0, Q4_1, Q4_K -> PanelDecoder.decode4(layout, bytes, begin, groups, s, o, out, to, stride);
                case Q3_K -> PanelDecoder.decode3(layout, bytes, begin, groups, s, o, out, to, stride);
                case Q2_K -> PanelDecoder.decode2(layout, bytes, begin, groups, s, o, out, to, stride);
                default -> PanelDecoder.decodeTable(layout, bytes, begin, groups, s, o, out, to, stride);
            }
        }
    }
}
