package tilewright.compiler.profile;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import tilewright.compiler.codes.InputMoments;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;

/** Errors of an expert's output on its kept rows when one of its matrices is quantised. */
class OutputErrors {
    private final Graph graph;
    final RoutedLayer layer;
    final LayerStatistics statistics;
    final QuantisedExperts quantised;
    final ExpertWeights own;

    OutputErrors(
            Graph graph, RoutedLayer layer, LayerStatistics statistics, QuantisedExperts quantised, ExpertWeights own) {
        this.graph = graph;
        this.layer = layer;
        this.statistics = statistics;
        this.quantised = quantised;
        this.own = own;
    }

    /**
     * Squared errors relative to the output's square, both weighted by the squared routing weight; for an expert without rows all 0.
     *
     * @param widths those of {@link Profile#WIDTHS} to measure; the other errors stay 0
     * @return [matrices, widths]
     */
    final float[] of(int expert, List<Integer> widths) {
        float[] errors = new float[ExpertMatrix.values().length * Profile.WIDTHS.size()];
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
            if (!(square > 0)) {
                return errors;
            }
            for (ExpertMatrix matrix : layer.experts().matrices()) {
                InputMoments moments = statistics.quantisingMoments(expert, matrix);
                for (int bits : widths) {
                    try (Arena arena = Arena.ofConfined()) {
                        var changed =
                                QuantisedExperts.with(stored, matrix, other(expert, matrix, bits, moments, arena));
                        run.outputs(QuantisedExperts.alone(own, changed), rows, offsets, found);
                    }
                    errors[matrix.ordinal() * Profile.WIDTHS.size() + Profile.WIDTHS.indexOf(bits)] =
                            (float) (difference(expert, found, exact) / square);
                }
            }
        } finally {
            own.release(expert);
        }
        return errors;
    }

    /**
     * What takes a matrix's place.
     *
     * @param moments by which to quantise it; null when nothing is known
     * @param arena gives its memory
     */
    MatrixWeights other(int expert, ExpertMatrix matrix, int bits, InputMoments moments, Arena arena) {
        return quantised.quantised(expert, matrix, bits, moments, arena);
    }

    /** The weighted square of the rows' distance; from zero where {@code from} is null. */
    double difference(int expert, float[] rows, float[] from) {
        int outputs = own.outputs();
        double sum = 0;
        for (int row = 0; row * outputs < rows.length; row++) {
            double square = 0;
            for (int i = row * outputs; i < (row + 1) * outputs; i++) {
                double d = from == null ? rows[i] : rows[i] - from[i];
                square += d * d;
            }
            double weight = statistics.sampleWeight(expert, row);
            sum += weight * weight * square;
        }
        return sum;
    }
}
