package tilewright.compiler.allocate;

import java.util.Arrays;
import java.util.List;
import tilewright.compiler.store.Allocation;
import tilewright.compiler.store.MatrixPlace;
import tilewright.model.graph.ExpertMatrix;

/** The bit-width of every matrix of a model's experts, and what it means. */
public final class BitAllocation implements Allocation {
    private final ExpertModel model;
    private final int[][][] bits;

    /** The same width for all. */
    public BitAllocation(ExpertModel model, int width) {
        this.model = model;
        this.bits = new int[model.layers()][][];
        for (int layer = 0; layer < bits.length; layer++) {
            bits[layer] = new int[model.experts(layer)][model.matrices(layer).size()];
            for (int[] expert : bits[layer]) {
                Arrays.fill(expert, width);
            }
        }
    }

    /** Sets the widths of an expert's matrices. */
    void set(int layer, int expert, int... widths) {
        bits[layer][expert] = widths.clone();
    }

    @Override
    public int bits(MatrixPlace place) {
        int index = model.matrices(place.layer()).indexOf(place.matrix());
        if (index < 0) {
            throw new IllegalArgumentException(place + ": the layer's experts have no such matrix");
        }
        return bits[place.layer()][place.expert()][index];
    }

    /** Bytes of all experts. */
    public long bytes(RecordSizes sizes) {
        long total = 0;
        for (int layer = 0; layer < bits.length; layer++) {
            List<ExpertMatrix> matrices = model.matrices(layer);
            for (int[] expert : bits[layer]) {
                total += sizes.bytes(model, layer, matrices, expert);
            }
        }
        return total;
    }

    /** Bytes of an expert. */
    public long bytes(RecordSizes sizes, int layer, int expert) {
        return sizes.bytes(model, layer, model.matrices(layer), bits[layer][expert]);
    }

    /** Mean bits of an expert weight. */
    public double bitsPerWeight(RecordSizes sizes) {
        return (double) bytes(sizes) * Byte.SIZE / weights(model);
    }

    /** Mean bits of an expert weight that a token reads: each expert counted as often as tokens are routed to it. */
    public double bitsWeightedByUse(RecordSizes sizes) {
        double read = 0;
        double weights = 0;
        for (int layer = 0; layer < bits.length; layer++) {
            List<ExpertMatrix> matrices = model.matrices(layer);
            long elements = elements(model, layer);
            for (int expert = 0; expert < bits[layer].length; expert++) {
                double use = model.frequency(layer, expert);
                read += use * sizes.bytes(model, layer, matrices, bits[layer][expert]) * Byte.SIZE;
                weights += use * elements;
            }
        }
        return weights > 0 ? read / weights : 0;
    }

    /** The sum of the matrices' predicted losses, in nats per token. */
    public double loss() {
        return loss(model);
    }

    /** That sum by what another model, of the same experts, predicts. */
    public double loss(ExpertModel model) {
        double sum = 0;
        for (int layer = 0; layer < bits.length; layer++) {
            for (int expert = 0; expert < bits[layer].length; expert++) {
                sum += loss(model, layer, expert, bits[layer][expert]);
            }
        }
        return sum;
    }

    /** The predicted loss of an expert with matrices of these widths. */
    static double loss(ExpertModel model, int layer, int expert, int[] widths) {
        double sum = 0;
        List<ExpertMatrix> matrices = model.matrices(layer);
        for (int i = 0; i < widths.length; i++) {
            sum += model.loss(new MatrixPlace(layer, expert, matrices.get(i)), widths[i]);
        }
        return sum;
    }

    /** Weights of all experts of a model. */
    public static long weights(ExpertModel model) {
        long weights = 0;
        for (int layer = 0; layer < model.layers(); layer++) {
            weights += model.experts(layer) * elements(model, layer);
        }
        return weights;
    }

    /** Weights of one expert of a layer. */
    static long elements(ExpertModel model, int layer) {
        return model.matrices(layer).stream()
                .mapToLong(matrix -> model.elements(layer, matrix))
                .sum();
    }
}
