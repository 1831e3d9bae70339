package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.util.List;
import tilewright.model.graph.EncodedMatrix;

/** The rows of a matrix in one format: consecutive stored parts, packed once, on first use, or packed rows from the start. */
final class Section {
    private final String name;
    private final PanelLayout layout;
    private final int rows;
    private final int width;
    private final int firstRow;
    private final int firstPanel;
    private final WeightMemory memory;

    /** Set once; the parts are dropped after that. */
    private volatile Panels packed;

    private volatile List<EncodedMatrix> parts;

    Section(String name, List<EncodedMatrix> parts, int firstRow, int firstPanel, WeightMemory memory) {
        this.name = name;
        this.layout = PanelLayout.of(parts.getFirst().format());
        this.width = parts.getFirst().width();
        this.rows =
                Math.toIntExact(parts.stream().mapToLong(EncodedMatrix::rows).reduce(0, Math::addExact));
        this.firstRow = firstRow;
        this.firstPanel = firstPanel;
        this.parts = parts;
        this.memory = memory;
    }

    /** The only section of a matrix that is packed already. */
    Section(String name, Panels packed) {
        this.name = name;
        this.layout = packed.layout();
        this.rows = packed.rows();
        this.width = packed.width();
        this.firstRow = 0;
        this.firstPanel = 0;
        this.memory = null;
        this.packed = packed;
    }

    int rows() {
        return rows;
    }

    int firstRow() {
        return firstRow;
    }

    int firstPanel() {
        return firstPanel;
    }

    int panels() {
        return Math.ceilDiv(rows, PanelLayout.PANEL_ROWS);
    }

    long packedBytes() {
        Panels panels = packed;
        long residual = panels == null || panels.residual() == null ? 0 : layout.residualBytes(width);
        return Math.multiplyExact(layout.panelBytes(width) + residual, (long) panels());
    }

    boolean isPacked() {
        return packed != null;
    }

    /** The packed form. */
    Panels packed() {
        Panels panels = packed;
        return panels != null ? panels : pack();
    }

    private synchronized Panels pack() {
        if (packed == null) {
            MemorySegment bytes = memory.allocate(packedBytes());
            Panels panels = new Panels(layout, rows, width, bytes);
            PanelPacker.pack(name, parts, panels);
            packed = panels;
            for (EncodedMatrix part : parts) {
                OffHeap.release(part.bytes());
            }
            parts = null;
        }
        return packed;
    }

    /** Decodes one row, from whichever form there is. */
    void row(int row, float[] values, int at) {
        List<EncodedMatrix> stored = parts;
        if (stored == null) {
            PanelReader.row(packed, row, values, at);
            return;
        }
        int first = 0;
        for (EncodedMatrix part : stored) {
            if (row - first < part.rows()) {
                part.decode(row - first, 1, values, at);
                return;
            }
            first += (int) part.rows();
        }
    }
}
