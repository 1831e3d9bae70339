package tilewright.compiler.profile;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import tilewright.compiler.codes.InputMoments;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;

/** Errors of an expert's output on its kept rows when one of its matrices is quantised. */
final class OutputErrors {
    private final Graph graph;
    private final RoutedLayer layer;
    private final LayerStatistics statistics;
    private final QuantisedExperts quantised;
    private final ExpertWeights own;

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
     * @param widths how many of {@link Profile#WIDTHS} to measure; the other errors stay 0
     * @return [matrices, widths]
     */
    float[] of(int expert, int widths) {
        List<ExpertMatrix> matrices = layer.experts().matrices();
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
            for (ExpertMatrix matrix : matrices) {
                InputMoments moments = statistics.quantisingMoments(expert, matrix);
                for (int width = 0; width < widths && square > 0; width++) {
                    try (Arena arena = Arena.ofConfined()) {
                        var other = quantised.quantised(expert, matrix, Profile.WIDTHS.get(width), moments, arena);
                        var changed = QuantisedExperts.with(stored, matrix, other);
                        run.outputs(QuantisedExperts.alone(own, changed), rows, offsets, found);
                    }
                    errors[matrix.ordinal() * Profile.WIDTHS.size() + width] =
                            (float) (difference(expert, found, exact) / square);
                }
            }
        } finally {
            own.release(expert);
        }
        return errors;
    }

    /** The weighted square of the rows' distance; from zero where {@code from} is null. */
    private double difference(int expert, float[] rows, float[] from) {
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
