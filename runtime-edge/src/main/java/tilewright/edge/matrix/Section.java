package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.util.List;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/** The rows of a matrix that are stored in one format, as consecutive parts; packed once, on first use. */
final class Section {
    private final String name;
    private final DType format;
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
        this.format = parts.getFirst().format();
        this.width = parts.getFirst().width();
        this.rows =
                Math.toIntExact(parts.stream().mapToLong(EncodedMatrix::rows).reduce(0, Math::addExact));
        this.firstRow = firstRow;
        this.firstPanel = firstPanel;
        this.parts = parts;
        this.memory = memory;
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
        return Math.multiplyExact(PanelLayout.of(format).panelBytes(width), (long) panels());
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
            Panels panels = new Panels(PanelLayout.of(format), rows, width, bytes);
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
