package tilewright.compiler.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tilewright.compiler.codes.MatrixQuantiser;
import tilewright.edge.language.LanguageEngine;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;
import tilewright.model.store.LayerSensitivity;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.SafetensorsWriter;

/**
 * What a model's layers bear when precision gives way at run time: experts at their lower width, and experts that are left out.
 *
 * <p>Part of a {@link Profiler}'s work, which goes on from its state.
 */
final class LayerBearing {
    /** Models with more matrices measure the lower widths of some experts only. */
    private static final int MOST_MATRICES = 512;

    private static final int STEPS = 0;
    private static final int EXPERTS = 1;

    private final List<RoutedLayer> layers;
    private final LeftOutUses leftOut;
    private final List<float[]> lower = new ArrayList<>();
    private final double[] done;

    /** Nothing measured yet, unless the state says otherwise later; {@code windows} are those on which sensitivity is measured. */
    LayerBearing(State state, List<RoutedLayer> layers, Windows windows) {
        this.layers = layers;
        this.done = state.doubles("bearing.done", 2);
        this.leftOut = new LeftOutUses(
                layers,
                windows,
                state.doubles("bearing.shares", (long) layers.size() * LayerSensitivity.RANGES),
                state.doubles("bearing.left_out", 2L * layers.size()),
                done);
        for (int layer = 0; layer < layers.size(); layer++) {
            long length = (long) layers.get(layer).experts().experts() * ExpertMatrix.values().length;
            lower.add(state.floats(layer + ".lower_error", length * Profile.WIDTHS.size()));
        }
    }

    /** What of it takes long, and how much is done. */
    interface Progress {
        void done(String phase, long done, long all);
    }

    /**
     * Measures what is still to be measured.
     *
     * @param errors of whole codes, by layer
     */
    void measure(
            Graph graph,
            LanguageEngine engine,
            SubstitutedExperts experts,
            List<LayerStatistics> statistics,
            MatrixQuantiser quantiser,
            List<float[]> errors,
            Progress progress) {
        leftOut.measure(engine, experts, () -> progress.done("leave out experts", (long) done[STEPS], leftOut.steps()));
        int all = layers.stream().mapToInt(layer -> layer.experts().experts()).sum();
        int matrices = layers.stream()
                .mapToInt(layer ->
                        layer.experts().experts() * layer.experts().matrices().size())
                .sum();
        int first = 0;
        for (int i = 0; i < layers.size(); i++) {
            int layer = i;
            int count = layers.get(layer).experts().experts();
            boolean[] measured = measured(count, matrices > MOST_MATRICES);
            if (done[EXPERTS] <= first) {
                LowerErrors measuring = new LowerErrors(
                        graph,
                        layers.get(layer),
                        statistics.get(layer),
                        new QuantisedExperts(layers.get(layer).experts(), quantiser),
                        experts.own(layer));
                IntStream.range(0, count)
                        .filter(expert -> measured[expert])
                        .parallel()
                        .forEach(expert -> {
                            float[] found = measuring.of(expert);
                            System.arraycopy(found, 0, lower.get(layer), expert * found.length, found.length);
                        });
                LowerErrors.fill(lower.get(layer), errors.get(layer), measured);
                done[EXPERTS] = first + count;
                progress.done("lower widths", (long) done[EXPERTS], all);
            }
            first += count;
        }
    }

    /** All experts, or a few in equal steps. */
    private boolean[] measured(int experts, boolean few) {
        boolean[] measured = new boolean[experts];
        int count = few ? SampledErrors.count(experts, layers.size()) : experts;
        for (int i = 0; i < count; i++) {
            measured[(2 * i + 1) * experts / (2 * count)] = true;
        }
        return measured;
    }

    /** Adds what was measured to a profile's tensors. */
    void put(Map<String, SafetensorsWriter.Tensor> tensors) {
        for (int i = 0; i < layers.size(); i++) {
            int layer = i;
            List<Long> shape =
                    List.of((long) layers.get(layer).experts().experts(), (long) ExpertMatrix.values().length, (long)
                            Profile.WIDTHS.size());
            tensors.put(
                    Profile.name(layer, "squared_shares"),
                    new SafetensorsWriter.Tensor(
                            DType.F32, List.of((long) LayerSensitivity.RANGES), () -> leftOut.squaredShares(layer)));
            tensors.put(
                    Profile.name(layer, "left_out"),
                    new SafetensorsWriter.Tensor(DType.F32, List.of(2L), () -> leftOut.leftOut(layer)));
            tensors.put(
                    Profile.name(layer, "lower_error"),
                    new SafetensorsWriter.Tensor(DType.F32, shape, () -> lower.get(layer)));
        }
    }
}
