package tilewright.compiler.profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import tilewright.compiler.profile.ProfileHeader.LayerShape;
import tilewright.edge.Tensor;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.matrix.ExpertProduct;
import tilewright.model.graph.ExpertMatrix;

/** Runs the calibration text through the model, and counts; part of a {@link Profiler}'s work, which goes on from its state. */
final class Calibration {
    private final ProfilePlan plan;
    private final State state;
    /** Steps of text done. */
    private final double[] steps;
    /** The text's negative log likelihood, summed over tokens. */
    private final double[] loss;

    private final List<LayerStatistics> statistics = new ArrayList<>();
    private final List<TokenRows.Gathering> rows = new ArrayList<>();

    /** Nothing read yet, unless the state says otherwise later. */
    Calibration(ProfilePlan plan, State state) {
        this.plan = plan;
        this.state = state;
        this.steps = state.doubles("steps", 1);
        this.loss = state.doubles("loss", 1);
        List<LayerShape> shapes = plan.shapes();
        for (int i = 0; i < shapes.size(); i++) {
            LayerShape shape = shapes.get(i);
            RoutedLayer layer = plan.layers().get(i);
            rows.add(new TokenRows.Gathering(
                    state, i, plan.rowText(), plan.rowTokens(), layer.tokenWidth(), layer.topK()));
            statistics.add(new LayerStatistics(
                    state,
                    i,
                    layer,
                    layer.experts().rows(ExpertMatrix.DOWN),
                    i + 1 < shapes.size() ? shapes.get(i + 1).experts() : 0,
                    shape.inputBlock(),
                    shape.hiddenBlock(),
                    plan.sampleRows()));
        }
    }

    /** What was counted, by layer. */
    List<LayerStatistics> statistics() {
        return statistics;
    }

    /** Kept rows, by layer. */
    List<TokenRows.Gathering> rows() {
        return rows;
    }

    /** The text's negative log likelihood, summed over tokens, in nats. */
    double loss() {
        return loss[0];
    }

    /** Mean squares of what experts add to tokens, by layer. */
    float[][] energies() {
        return statistics.stream().map(of -> of.energy(plan.windows().tokens())).toArray(float[][]::new);
    }

    /** Whether all text has been read. */
    boolean complete() {
        return steps[0] == plan.windows().steps();
    }

    /** The values that an engine has to keep. */
    List<String> values() {
        return RoutedLayer.values(plan.layers());
    }

    /**
     * Reads what is still to be read.
     *
     * @param engine keeps {@link #values}
     */
    void run(LanguageEngine engine, SubstitutedExperts experts, Checkpoints checkpoints) {
        Windows windows = plan.windows();
        List<RoutedLayer> layers = plan.layers();
        ThreadLocal<ExpertProduct> product = ThreadLocal.withInitial(ExpertRun::product);
        int longest =
                statistics.stream().mapToInt(LayerStatistics::scratch).max().orElse(0);
        ThreadLocal<float[]> scratch = ThreadLocal.withInitial(() -> new float[longest]);
        List<ThreadLocal<ExpertRun>> runs = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            int layer = i;
            runs.add(ThreadLocal.withInitial(
                    () -> new ExpertRun(plan.model().graph(), layers.get(layer), experts.own(layer), product.get())));
        }
        while (!complete()) {
            int step = (int) steps[0];
            windows.run(engine, step, logits -> loss[0] += Divergence.loss(logits, windows.targets(step)));
            Queues before = null;
            for (int i = 0; i < layers.size(); i++) {
                RoutedLayer layer = layers.get(i);
                Queues queues = queues(engine, layer);
                add(i, queues, runs.get(i), scratch);
                addRows(engine, i);
                if (i > 0) {
                    statistics
                            .get(i - 1)
                            .addPairs(
                                    before,
                                    layers.get(i - 1).topK(),
                                    queues,
                                    layer.topK(),
                                    layer.experts().experts(),
                                    windows.tokens(step));
                }
                before = queues;
                checkpoints.tidy();
            }
            steps[0]++;
            checkpoints.done(state, "calibrate", steps[0], windows.steps());
        }
    }

    private static Queues queues(LanguageEngine engine, RoutedLayer layer) {
        Tensor tokens = engine.kept(layer.tokens());
        return Queues.of(layer, tokens, engine.kept(layer.ids()), engine.kept(layer.weights()));
    }

    private void addRows(LanguageEngine engine, int layer) {
        Windows windows = plan.windows();
        RoutedLayer routed = plan.layers().get(layer);
        int first = (int) steps[0] * windows.together();
        for (int i = 0; i < windows.windows((int) steps[0]); i++) {
            int before = plan.heldOut(first + i);
            if (plan.heldOut(first + i + 1) == before) {
                rows.get(layer)
                        .add(
                                (long) (first + i - before) * windows.window(),
                                i * windows.window(),
                                windows.window(),
                                engine.kept(routed.tokens()).data(),
                                engine.kept(routed.ids()).data(),
                                engine.kept(routed.weights()).data());
            }
        }
    }

    private void add(int layer, Queues queues, ThreadLocal<ExpertRun> runs, ThreadLocal<float[]> scratch) {
        LayerStatistics of = statistics.get(layer);
        int outputs = plan.shapes().get(layer).outputs();
        IntStream.range(0, plan.shapes().get(layer).experts())
                .filter(expert -> queues.offsets()[expert + 1] > queues.offsets()[expert])
                .parallel()
                .forEach(expert -> {
                    int[] offsets = queues.offsets().clone();
                    // The rows of this expert alone; those before it stay where they are.
                    for (int e = 0; e < offsets.length; e++) {
                        offsets[e] = e <= expert ? 0 : queues.offsets()[expert + 1] - queues.offsets()[expert];
                    }
                    int first = queues.offsets()[expert];
                    int count = offsets[expert + 1];
                    float[] rows =
                            Arrays.copyOfRange(queues.rows(), first * queues.width(), (first + count) * queues.width());
                    float[] out = new float[count * outputs];
                    ExpertRun run = runs.get();
                    run.outputs(rows, offsets, out);
                    of.add(expert, queues, run.hidden(), out, scratch.get());
                });
    }
}
