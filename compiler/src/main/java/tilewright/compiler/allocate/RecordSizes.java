package tilewright.compiler.allocate;

import java.util.List;
import tilewright.edge.matrix.GroupedPanels;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.ExpertMatrix;

/** How many bytes an expert takes, by the bits of its matrices. */
public interface RecordSizes {
    /** The multiple of bytes at which records begin in a store. */
    int ALIGNMENT = 4096;

    /**
     * Bytes of one expert.
     *
     * @param matrices its matrices
     * @param bits of each of them
     */
    long bytes(ExpertModel model, int layer, List<ExpertMatrix> matrices, int[] bits);

    /** Bytes of codes with their scales and zero points, nothing else. */
    static RecordSizes codes() {
        return (model, layer, matrices, bits) -> {
            long total = 0;
            for (int i = 0; i < bits.length; i++) {
                int width = model.inputs(layer, matrices.get(i));
                long rows = model.elements(layer, matrices.get(i)) / width;
                total += rows * (Math.ceilDiv((long) bits[i] * width, Byte.SIZE) + 2L * GroupedCodes.groups(width));
            }
            return total;
        };
    }

    /** Bytes of an expert store's record: nested panels, the base part and behind it the residual part, padded together. */
    static RecordSizes stored() {
        return (model, layer, matrices, bits) -> {
            long base = 0;
            long residual = 0;
            for (int i = 0; i < bits.length; i++) {
                int width = model.inputs(layer, matrices.get(i));
                int rows = (int) (model.elements(layer, matrices.get(i)) / width);
                base += GroupedPanels.baseBytes(bits[i], rows, width);
                residual += GroupedPanels.residualBytes(bits[i], rows, width);
            }
            return Math.ceilDiv(base + residual, ALIGNMENT) * ALIGNMENT;
        };
    }
}
