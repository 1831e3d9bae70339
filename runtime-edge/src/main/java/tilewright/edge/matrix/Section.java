package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import tilewright.model.graph.EncodedMatrix;

/**
 * The rows of a matrix in one format: consecutive stored parts, packed once, or packed rows from the start.
 *
 * <p>The first product with stored parts reads them as they are, where there is native code for that: a few panels at a time
 * are put together in a thread's own memory. So the first token waits for no copy of the weights, and what is used once never
 * has one. The second product packs.
 */
final class Section {
    /** Panels put together for the moment: half a second-level cache. */
    private static final long SCRATCH_BYTES = 1L << 18;

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

    /** Panels of which products have been computed without packing. */
    private final AtomicInteger passed = new AtomicInteger();

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

    /** Panels that are there for now: those of {@code panels} from {@code first} on are the section's from {@code at} on. */
    record Run(Panels panels, int first, int at, int count) {
        /** From an output's place among the panels to its place in the section. */
        int shift() {
            return (at - first) * PanelLayout.PANEL_ROWS;
        }
    }

    /**
     * Panels for one product: {@code from .. to - 1}, or as many of them from the first on as fit the scratch memory.
     *
     * @param scratch holds them until the next call with it
     */
    Run run(int from, int to, KernelScratch scratch) {
        Panels all = packed;
        List<EncodedMatrix> stored = parts;
        if (all != null || stored == null || !NativePacker.canPack(stored)) {
            return new Run(packed(), from, from, to - from);
        }
        long panelBytes = layout.panelBytes(width);
        // An even number, as kernels take two at a time.
        int most = (int) Math.max(2, SCRATCH_BYTES / panelBytes & ~1L);
        int count = Math.min(to - from, most);
        NativePacker packer = NativePacker.orNull();
        if (packer == null || passed.addAndGet(count) > panels()) {
            return new Run(packed(), from, from, to - from);
        }
        int first = from * PanelLayout.PANEL_ROWS;
        MemorySegment bytes = scratch.panels(count * panelBytes).asSlice(0, count * panelBytes);
        Panels some = new Panels(layout, Math.min(rows - first, count * PanelLayout.PANEL_ROWS), width, bytes);
        // Damaged weights are packed to be named.
        return packer.pack(stored, first, some)
                ? new Run(some, 0, from, count)
                : new Run(packed(), from, from, to - from);
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
