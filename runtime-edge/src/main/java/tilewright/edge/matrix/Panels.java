package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;

/**
 * Packed rows of one layout: what kernels read.
 *
 * @param layout how the bytes are to be read
 * @param rows rows (outputs), without those that fill up the last panel
 * @param width elements of a row, without those that fill up the last block
 * @param bytes panel after panel, 64-byte aligned, off heap; of nested codes the base range; read only by convention
 * @param residual the residual range of nested codes, likewise, or null when only the base is known
 * @param unit what scales of nested codes are multiples of
 */
public record Panels(PanelLayout layout, int rows, int width, MemorySegment bytes, MemorySegment residual, float unit) {
    /** Panels of a layout that is not nested. */
    public Panels(PanelLayout layout, int rows, int width, MemorySegment bytes) {
        this(layout, rows, width, bytes, null, 1);
    }

    /** The number of panels. */
    public int count() {
        return Math.ceilDiv(rows, PanelLayout.PANEL_ROWS);
    }

    /** Bytes of one panel, without those in the residual range. */
    public long panelBytes() {
        return layout.panelBytes(width);
    }

    /** Bits of a code that are there. */
    public int knownBits() {
        return residual == null ? layout.baseBits() : layout.codeBits();
    }
}
