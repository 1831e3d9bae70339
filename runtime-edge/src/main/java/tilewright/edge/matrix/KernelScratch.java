package tilewright.edge.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** One thread's own memory for kernels; it grows to the largest size asked for and keeps nothing of meaning. */
public final class KernelScratch {
    private float[] panel = new float[0];
    private float[] edge = new float[0];
    private float[] scales = new float[0];
    private float[] offsets = new float[0];
    private MemorySegment work = MemorySegment.NULL;
    private MemorySegment results = MemorySegment.NULL;
    private MemorySegment panels = MemorySegment.NULL;

    /** Empty scratch. */
    public KernelScratch() {}

    /** At least {@code length} elements for a dequantised panel. */
    float[] panel(int length) {
        if (panel.length < length) {
            panel = new float[length];
        }
        return panel;
    }

    /** At least {@code length} elements for results that do not all belong to the caller's array. */
    float[] edge(int length) {
        if (edge.length < length) {
            edge = new float[length];
        }
        return edge;
    }

    /** At least {@code length} elements for the scales of a panel. */
    float[] scales(int length) {
        if (scales.length < length) {
            scales = new float[length];
        }
        return scales;
    }

    /** At least {@code length} elements for the offsets of a panel. */
    float[] offsets(int length) {
        if (offsets.length < length) {
            offsets = new float[length];
        }
        return offsets;
    }

    /** At least so many bytes off heap for what native kernels unpack. */
    MemorySegment work(long bytes) {
        if (work.byteSize() < bytes) {
            work = Arena.ofAuto().allocate(bytes, PanelLayout.WORD_BYTES);
        }
        return work;
    }

    /** At least so many bytes off heap for the results of native kernels. */
    MemorySegment results(long bytes) {
        if (results.byteSize() < bytes) {
            results = Arena.ofAuto().allocate(bytes, PanelLayout.WORD_BYTES);
        }
        return results;
    }

    /** At least so many bytes off heap for panels that are used once. */
    MemorySegment panels(long bytes) {
        if (panels.byteSize() < bytes) {
            panels = Arena.ofAuto().allocate(bytes, PanelLayout.WORD_BYTES);
        }
        return panels;
    }
}
