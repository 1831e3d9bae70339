package tilewright.compiler.profile;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import tilewright.compiler.codes.MatrixQuantiser;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.GroupedPanels;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;

/**
 * Errors of an expert's output on its kept rows when only the base of one matrix's codes is there, as when it is read at its lower width.
 *
 * <p>Of layers with many experts only some are measured: how much worse a base is than codes made for its width differs little
 * between matrices of one kind.
 */
final class LowerErrors {
    private static final int MATRICES = ExpertMatrix.values().length;
    private static final List<Integer> WIDTHS = Profile.WIDTHS;
    private static final int ALIGNMENT = 64;

    private final Graph graph;
    private final RoutedLayer layer;
    private final LayerStatistics statistics;
    private final MatrixQuantiser quantiser;
    private final ExpertWeights own;

    LowerErrors(
            Graph graph, RoutedLayer layer, LayerStatistics statistics, MatrixQuantiser quantiser, ExpertWeights own) {
        this.graph = graph;
        this.layer = layer;
        this.statistics = statistics;
        this.quantiser = quantiser;
        this.own = own;
    }

    /** Whether codes of these bits have a base that can be read alone. */
    private static boolean isNested(int bits) {
        return GroupedCodes.baseBits(bits) < bits;
    }

    /**
     * Squared errors relative to the output's square, both weighted by the squared routing weight; 0 for widths that are not nested, and
     * for an expert without rows.
     *
     * @return [matrices, widths]
     */
    float[] of(int expert) {
        float[] errors = new float[MATRICES * WIDTHS.size()];
        int count = statistics.samples(expert);
        if (count == 0) {
            return errors;
        }
        int[] offsets = new int[own.experts() + 1];
        Arrays.fill(offsets, expert + 1, offsets.length, count);
        float[] rows = statistics.sampleRows(expert);
        float[] exact = new float[count * own.outputs()];
        float[] found = new float[exact.length];
        ExpertRun run = new ExpertRun(graph, layer, own);
        ExpertWeights.Expert stored = own.acquire(expert);
        try {
            run.outputs(rows, offsets, exact);
            double square = difference(expert, exact, null);
            for (ExpertMatrix matrix : layer.experts().matrices()) {
                for (int width = 0; width < WIDTHS.size() && square > 0; width++) {
                    if (isNested(WIDTHS.get(width))) {
                        try (Arena arena = Arena.ofConfined()) {
                            var changed = QuantisedExperts.with(
                                    stored, matrix, base(expert, matrix, WIDTHS.get(width), arena));
                            run.outputs(QuantisedExperts.alone(own, changed), rows, offsets, found);
                        }
                        errors[matrix.ordinal() * WIDTHS.size() + width] =
                                (float) (difference(expert, found, exact) / square);
                    }
                }
            }
        } finally {
            own.release(expert);
        }
        return errors;
    }

    private MatrixWeights base(int expert, ExpertMatrix matrix, int bits, Arena arena) {
        ExpertLayer of = layer.experts();
        GroupedCodes codes = quantiser.quantise(
                new QuantisedExperts(of, quantiser).weights(expert, matrix),
                of.rows(matrix),
                of.width(matrix),
                bits,
                statistics.quantisingMoments(expert, matrix));
        MemorySegment base = arena.allocate(GroupedPanels.baseBytes(bits, codes.rows(), codes.width()), ALIGNMENT);
        MemorySegment rest = arena.allocate(GroupedPanels.residualBytes(bits, codes.rows(), codes.width()), ALIGNMENT);
        GroupedPanels.write(codes, base, rest);
        String name = new MatrixPlace(of.index(), expert, matrix).toString();
        return MatrixWeights.packed(name, bits, codes.rows(), codes.width(), codes.unit(), base, null);
    }

    /** The weighted square of the rows' distance; from zero where {@code from} is null. */
    private double difference(int expert, float[] rows, float[] from) {
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
            for (int width = 0; width < WIDTHS.size(); width++) {
                int bits = WIDTHS.get(width);
                if (isNested(bits)) {
                    int base = WIDTHS.indexOf(GroupedCodes.baseBits(bits));
                    fill(lower, errors, measured, matrix * WIDTHS.size() + width, matrix * WIDTHS.size() + base);
                }
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
