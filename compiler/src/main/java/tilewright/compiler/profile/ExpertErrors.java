package tilewright.compiler.profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import tilewright.compiler.codes.MatrixQuantiser;
import tilewright.compiler.codes.ScaleSearch;
import tilewright.model.graph.ExpertMatrix;

/**
 * The output errors of every matrix at every width: part of a {@link Profiler}'s work, which goes on from its state.
 *
 * <p>Of large models only some experts are quantised as well as that can be done; all are quantised quickly, at the coarsest width, and
 * that tells the rest.
 */
final class ExpertErrors {
    /** Where a state counts the experts that are done. */
    static final int DONE = 1;

    private static final List<Integer> COARSEST = Profile.WIDTHS.subList(0, 1);

    private final ProfilePlan plan;
    private final State state;
    private final double[] done;
    /** By layer [experts, matrices, widths]. */
    private final List<float[]> errors = new ArrayList<>();
    /** Likewise, of quick codes; none of small models. */
    private final List<float[]> quick = new ArrayList<>();

    /**
     * Nothing measured yet, unless the state says otherwise later.
     *
     * @param done the state's, at {@link #DONE} the experts that are done
     */
    ExpertErrors(ProfilePlan plan, State state, double[] done) {
        this.plan = plan;
        this.state = state;
        this.done = done;
        for (int layer = 0; layer < plan.layers().size(); layer++) {
            long length =
                    (long) plan.shapes().get(layer).experts() * ExpertMatrix.values().length * Profile.WIDTHS.size();
            errors.add(state.floats(layer + ".error", length));
            if (plan.sampled()) {
                quick.add(state.floats(layer + ".quick_error", length));
            }
        }
    }

    /** Relative to the output's square, by layer [experts, matrices, widths]. */
    List<float[]> errors() {
        return errors;
    }

    /** Those of the codes that are exchanged to see what predictions do: the quick ones of a large model. */
    List<float[]> exchanged() {
        return plan.sampled() ? quick : errors;
    }

    /** Measures what is still to be measured. */
    void measure(Calibration calibration, SubstitutedExperts experts, Checkpoints checkpoints) {
        int all = plan.shapes().stream()
                .mapToInt(ProfileHeader.LayerShape::experts)
                .sum();
        float[][] energies = calibration.energies();
        int first = 0;
        for (int i = 0; i < plan.layers().size(); i++) {
            int layer = i;
            int count = plan.shapes().get(layer).experts();
            boolean[] whole = new boolean[count];
            Arrays.fill(whole, true);
            if (plan.sampled()) {
                whole = SampledErrors.chosen(energies[layer], energies.length);
            }
            OutputErrors best =
                    measuring(layer, calibration, experts, plan.options().quantiser());
            OutputErrors fast = measuring(layer, calibration, experts, ScaleSearch.fast());
            int together = 4 * plan.options().threads();
            for (int from = (int) Math.max(0, done[DONE] - first); from < count; from += together) {
                int to = Math.min(count, from + together);
                boolean[] chosen = whole;
                IntStream.range(from, to).parallel().forEach(expert -> {
                    if (chosen[expert]) {
                        put(errors.get(layer), expert, best.of(expert, Profile.WIDTHS));
                    }
                    if (plan.sampled()) {
                        put(quick.get(layer), expert, fast.of(expert, chosen[expert] ? Profile.WIDTHS : COARSEST));
                    }
                });
                done[DONE] = first + to;
                checkpoints.done(state, "quantise", done[DONE], all);
            }
            first += count;
            if (plan.sampled()) {
                SampledErrors.fill(quick.get(layer), whole);
                SampledErrors.fill(errors.get(layer), quick.get(layer), whole);
            }
        }
    }

    private OutputErrors measuring(
            int layer, Calibration calibration, SubstitutedExperts experts, MatrixQuantiser quantiser) {
        return new OutputErrors(
                plan.model().graph(),
                plan.layers().get(layer),
                calibration.statistics().get(layer),
                new QuantisedExperts(plan.expertLayers().get(layer), quantiser),
                experts.own(layer));
    }

    private static void put(float[] all, int expert, float[] found) {
        System.arraycopy(found, 0, all, expert * found.length, found.length);
    }
}
