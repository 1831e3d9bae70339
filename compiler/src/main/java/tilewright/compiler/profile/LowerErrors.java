package tilewright.compiler.profile;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.GroupedPanels;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;

/**
 * Errors of an expert's output on its kept rows when only the base of one matrix's codes is there, as when it is read at its lower width.
 *
 * <p>Of layers with many experts only some are measured: how much worse a base is than codes made for its width differs little
 * between matrices of one kind.
 */
final class LowerErrors extends OutputErrors {
    private static final int MATRICES = ExpertMatrix.values().length;
    private static final List<Integer> WIDTHS = Profile.WIDTHS;
    /** Those whose codes have a base that can be read alone. */
    private static final List<Integer> NESTED =
            WIDTHS.stream().filter(bits -> GroupedCodes.baseBits(bits) < bits).toList();

    private static final int ALIGNMENT = 64;

    LowerErrors(
            Graph graph, RoutedLayer layer, LayerStatistics statistics, QuantisedExperts quantised, ExpertWeights own) {
        super(graph, layer, statistics, quantised, own);
    }

    /** The errors of an expert at all widths that are nested, as {@link OutputErrors#of(int, List)} gives them. */
    float[] of(int expert) {
        return of(expert, NESTED);
    }

    @Override
    MatrixWeights other(int expert, ExpertMatrix matrix, int bits, InputMoments moments, Arena arena) {
        GroupedCodes codes = quantised.codes(expert, matrix, bits, moments);
        MemorySegment base = arena.allocate(GroupedPanels.baseBytes(bits, codes.rows(), codes.width()), ALIGNMENT);
        MemorySegment rest = arena.allocate(GroupedPanels.residualBytes(bits, codes.rows(), codes.width()), ALIGNMENT);
        GroupedPanels.write(codes, base, rest);
        String name = new MatrixPlace(layer.experts().index(), expert, matrix).toString();
        return MatrixWeights.packed(name, bits, codes.rows(), codes.width(), codes.unit(), base, null);
    }

    /** Likewise, but each element is weighted before it is squared: that rounds otherwise, and profiles keep their last bit. */
    @Override
    double difference(int expert, float[] rows, float[] from) {
        int outputs = own.outputs();
        double sum = 0;
        for (int i = 0; i < rows.length; i++) {
            double weight = statistics.sampleWeight(expert, i / outputs);
            double d = weight * (from == null ? rows[i] : rows[i] - from[i]);
            sum += d * d;
        }
        return sum;
    }

    /**
     * Fills in the errors of experts that were not measured.
     *
     * @param lower [experts, matrices, widths]
     * @param errors of codes as a whole, likewise
     * @param measured by expert
     */
    static void fill(float[] lower, float[] errors, boolean[] measured) {
        for (int matrix = 0; matrix < MATRICES; matrix++) {
            for (int bits : NESTED) {
                int width = WIDTHS.indexOf(bits);
                int base = WIDTHS.indexOf(GroupedCodes.baseBits(bits));
                fill(lower, errors, measured, matrix * WIDTHS.size() + width, matrix * WIDTHS.size() + base);
            }
        }
    }

    private static void fill(float[] lower, float[] errors, boolean[] measured, int place, int base) {
        int each = MATRICES * WIDTHS.size();
        double logarithms = 0;
        int count = 0;
        for (int expert = 0; expert < measured.length; expert++) {
            double ratio = lower[expert * each + place] / (double) errors[expert * each + base];
            if (measured[expert] && ratio > 0 && ratio < Double.POSITIVE_INFINITY) {
                logarithms += Math.log(ratio);
                count++;
            }
        }
        double ratio = count > 0 ? Math.exp(logarithms / count) : 1;
        for (int expert = 0; expert < measured.length; expert++) {
            if (!measured[expert]) {
                lower[expert * each + place] = (float) (ratio * errors[expert * each + base]);
            }
        }
    }
}
