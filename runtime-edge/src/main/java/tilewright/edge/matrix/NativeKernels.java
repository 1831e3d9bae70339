package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import tilewright.edge.matrix.nativecode.NativeCodeException;

/**
 * Kernels in C, compiled for the machine they run on, for 8-bit activations and for plain elements; all else is left to
 * {@link VectorKernels}.
 *
 * <p>With {@link ActivationPrecision#INT8} products with quantised weights come from them for any number of rows, and with
 * plain weights for any precision. One row's result does not depend on how many there are, and it is that of
 * {@link VectorKernels} for few rows: dot products of codes are exact, and float operations come in the same order.
 *
 * <p>Activations must come from {@link #activations()}; others are left to {@link VectorKernels}.
 */
final class NativeKernels extends PanelKernels {
    /** Scratch memory that the C functions want for each padded element of a row. */
    static final long SCRATCH_BYTES = 80;

    /** Results that one call leaves for copying, in bytes; half a second-level cache is plenty. */
    private static final long RESULT_BYTES = 1L << 18;

    private static final int PANEL = PanelLayout.PANEL_ROWS;

    private final KernelLibrary library;

    NativeKernels(KernelLibrary library) {
        this.library = library;
    }

    /** What came of the attempt to load them, made once. */
    private record Outcome(NativeKernels kernels, String problem) {
        static final Outcome ONLY = attempt();

        private static Outcome attempt() {
            try {
                return new Outcome(new NativeKernels(KernelLibrary.load()), null);
            } catch (NativeCodeException e) {
                return new Outcome(null, e.getMessage());
            }
        }
    }

    /** The kernels for this machine, or null; compiled by the first call, unless they are in the cache. */
    static NativeKernels orNull() {
        return Outcome.ONLY.kernels();
    }

    /** Why there are none, or null when there are. */
    static String problem() {
        return Outcome.ONLY.problem();
    }

    @Override
    public Activations activations() {
        return new Activations(new ByteActivations(library));
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
        boolean bytes = x.bytes() != null && x.precision() == ActivationPrecision.INT8;
        if (bytes && panels.layout().codeBits() > 0) {
            multiplyBytes(panels, x, firstRow, rows, firstPanel, lastPanel, to, scratch);
        } else if (panels.layout().codeBits() == 0 && NativeLoops.available()) {
            multiplyPlain(panels, x, firstRow, rows, firstPanel, lastPanel, to);
        } else {
            VectorKernels.INSTANCE.multiply(panels, x, firstRow, rows, firstPanel, lastPanel, to, scratch);
        }
    }

    private static void multiplyPlain(
            Panels panels, Activations x, int firstRow, int rows, int firstPanel, int lastPanel, PanelResults to) {
        NativeLoops.multiplyPlain(panels, x, firstRow, rows, firstPanel, lastPanel, to.y(), to.yAt(), to.yStride());
        Reference.reachabilityFence(panels);
        for (int row = 0; row < rows; row++) {
            to.addBias(row, firstPanel * PANEL, (lastPanel - firstPanel) * PANEL);
        }
    }

    private void multiplyBytes(
            Panels panels,
            Activations x,
            int firstRow,
            int rows,
            int firstPanel,
            int lastPanel,
            PanelResults to,
            KernelScratch scratch) {
        int pairs = Math.toIntExact(Math.max(1, RESULT_BYTES / (2L * PANEL * Float.BYTES * rows)));
        MemorySegment work = scratch.work(SCRATCH_BYTES * x.paddedWidth());
        for (int panel = firstPanel; panel < lastPanel; panel += 2 * pairs) {
            int count = Math.min(2 * pairs, lastPanel - panel);
            long outStride = (long) count * PANEL;
            MemorySegment out = scratch.results(rows * outStride * Float.BYTES);
            multiply(panels, panel, count, x, firstRow, rows, out.address(), outStride, work.address());
            for (int row = 0; row < rows; row++) {
                to.put(row, panel * PANEL, count * PANEL, out, row * outStride * Float.BYTES);
            }
        }
        Reference.reachabilityFence(panels);
        Reference.reachabilityFence(x.bytes().memory());
        Reference.reachabilityFence(work);
    }

    /** The results for {@code count} panels. */
    private void multiply(
            Panels panels,
            int panel,
            int count,
            Activations x,
            int firstRow,
            int rows,
            long out,
            long outStride,
            long work) {
        PanelLayout layout = panels.layout();
        MemorySegment used = panels.bytes().asSlice(panel * panels.panelBytes(), count * panels.panelBytes());
        ByteActivations bytes = x.bytes();
        if (!layout.isNested()) {
            library.multiply(
                    layout.ordinal(),
                    used.address(),
                    count,
                    panels.width(),
                    bytes.address(firstRow),
                    bytes.stride(),
                    x.paddedWidth(),
                    rows,
                    out,
                    outStride,
                    work);
            return;
        }
        long residual = 0;
        if (panels.residual() != null) {
            long size = layout.residualBytes(panels.width());
            residual = panels.residual().asSlice(panel * size, count * size).address();
        }
        library.multiplyNested(
                layout.baseBits(),
                panels.knownBits() - layout.baseBits(),
                NestedScales.unit(panels),
                NestedScales.middle(panels),
                used.address(),
                residual,
                count,
                panels.width(),
                bytes.address(firstRow),
                bytes.stride(),
                x.paddedWidth(),
                rows,
                out,
                outStride,
                work);
    }
}
