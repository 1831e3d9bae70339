package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;

/**
 * Packed rows of one layout: what kernels read.
 *
 * @param layout how the bytes are to be read
 * @param rows rows (outputs), without those that fill up the last panel
 * @param width elements of a row, without those that fill up the last block
 * @param bytes panel after panel, 64-byte aligned, off heap; read only by convention
 */
public record Panels(PanelLayout layout, int rows, int width, MemorySegment bytes) {
    /** The number of panels. */
    public int count() {
        return Math.ceilDiv(rows, PanelLayout.PANEL_ROWS);
    }

    /** Bytes of one panel. */
    public long panelBytes() {
        return layout.panelBytes(width);
    }
}
