package tilewright.compiler.codes;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjIntConsumer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tilewright.model.format.GroupedCodes;

/**
 * Quantises one input after the other and lets the inputs that are still to come make up for each one's error, then improves
 * codes and scales in turns until all errors together are small: the least {@code (w - q)^T H (w - q)} that can be found for each
 * row, with H the second moments of the inputs.
 *
 * <p>The first part is GPTQ (Frantar et al. 2022, arXiv 2210.17323) with scales chosen by {@link GroupSearch} when a group is
 * reached, the second coordinate descent over codes and, exactly for each group, over scale and zero point. Without moments it is
 * {@link ScaleSearch#thorough()}.
 */
public final class ErrorFeedback implements MatrixQuantiser {
    private static final VectorSpecies<Float> FLOATS = GroupSearch.FLOATS;
    private static final int LANES = GroupSearch.LANES;
    /** Panels that use a part of the moments before the next part is fetched. */
    private static final int TOGETHER = 6;

    /** Inputs after which those further on in their group hear of their errors. */
    private static final int NEAR = 8;

    private static final int BY_WIDTH = -1;

    /** What a thread's last matrix had: gate and up share their inputs, and so do all widths of a matrix. */
    private record Known(InputMoments moments, List<Feedback> parts) {}

    private final double damping;
    private final int rounds;
    private final ThreadLocal<Known> known = new ThreadLocal<>();

    /**
     * The settings that measured best: one percent of damping; three rounds of improvement with codes of 2 bits, two with 3 bits and
     * one with more, where further rounds change next to nothing.
     */
    public ErrorFeedback() {
        damping = 0.01;
        rounds = BY_WIDTH;
    }

    /**
     * Error feedback with settings of one's own.
     *
     * @param damping what is added to the diagonal of the second moments, as a fraction of its mean; positive
     * @param rounds of improvement after the feedback; 0 is plain GPTQ
     */
    public ErrorFeedback(double damping, int rounds) {
        if (!(damping > 0) || rounds < 0) {
            throw new IllegalArgumentException(
                    "damping of " + damping + " and " + rounds + " rounds, expected a positive number and at least 0");
        }
        this.damping = damping;
        this.rounds = rounds;
    }

    @Override
    public String name() {
        return "feedback";
    }

    @Override
    public GroupedCodes quantise(float[] weights, int rows, int width, int bits, InputMoments moments) {
        if (moments == null) {
            return ScaleSearch.thorough().quantise(weights, rows, width, bits, null);
        }
        Grid grid = Grid.of(weights, rows, width, bits, moments);
        return quantise(weights, grid, parts(moments));
    }

    private List<Feedback> parts(InputMoments moments) {
        Known last = known.get();
        if (last == null || !last.moments().equals(moments)) {
            known.remove();
            last = new Known(moments, Feedback.of(moments, damping));
            known.set(last);
        }
        return last.parts();
    }

    /** Quantises with feedback that is known already. */
    private GroupedCodes quantise(float[] weights, Grid grid, List<Feedback> parts) {
        GroupSearch search = ScaleSearch.thorough().groups(grid.bits);
        for (Feedback part : parts) {
            for (int row = 0; row < grid.rows; row += TOGETHER * LANES) {
                List<CodePanel> panels = new ArrayList<>();
                for (int at = row; at < Math.min(grid.rows, row + TOGETHER * LANES); at += LANES) {
                    panels.add(new CodePanel(part, grid, weights, at));
                }
                quantise(panels, part, search, grid.bits);
                panels.forEach(CodePanel::store);
            }
        }
        return grid.codes();
    }

    /** All panels take a step on a group before the next group's step, so that its moments are fetched from memory once. */
    private void quantise(List<CodePanel> panels, Feedback feedback, GroupSearch search, int bits) {
        int improvements = rounds == BY_WIDTH ? Math.max(1, 5 - bits) : rounds;
        int groups = feedback.groups().length;
        float[] errors = new float[GroupedCodes.GROUP * LANES];
        for (int group = 0; group < groups; group++) {
            for (CodePanel panel : panels) {
                feedBack(panel, group, search, errors);
            }
        }
        if (improvements == 0) {
            return;
        }
        List<Descent> descents = panels.stream().map(Descent::new).toList();
        forEachGroup(groups, descents, Descent::begin);
        for (int round = 0; round < improvements; round++) {
            forEachGroup(groups, descents, Descent::improveCodes);
            forEachGroup(groups, descents, Descent::improveCodes);
            forEachGroup(groups, descents, Descent::improveScale);
        }
        forEachGroup(groups, descents, Descent::improveCodes);
    }

    private static void forEachGroup(int groups, List<Descent> descents, ObjIntConsumer<Descent> step) {
        for (int group = 0; group < groups; group++) {
            for (Descent descent : descents) {
                step.accept(descent, group);
            }
        }
    }

    /** Quantises a group and lets what is still to come make up for its errors. */
    private static void feedBack(CodePanel panel, int group, GroupSearch search, float[] errors) {
        Feedback feedback = panel.feedback;
        int size = feedback.size();
        int from = feedback.starts()[group];
        int to = feedback.starts()[group + 1];
        search.search(panel.pending, from * LANES, to - from, feedback.importance(), from);
        System.arraycopy(search.scales, 0, panel.scales, group * LANES, LANES);
        System.arraycopy(search.zeros, 0, panel.zeros, group * LANES, LANES);
        feedBack(panel, group, panel.pending, errors);
        PanelProduct.subtract(
                panel.pending, to, size, feedback.inverse(), feedback.pitch(), from, errors, 0, to - from);
    }

    private static void feedBack(CodePanel panel, int group, float[] pending, float[] errors) {
        Feedback feedback = panel.feedback;
        float[] inverse = feedback.inverse();
        int pitch = feedback.pitch();
        int from = feedback.starts()[group];
        int to = feedback.starts()[group + 1];
        FloatVector scale = FloatVector.fromArray(FLOATS, panel.scales, group * LANES);
        FloatVector zero = FloatVector.fromArray(FLOATS, panel.zeros, group * LANES);
        FloatVector perScale = FloatVector.broadcast(FLOATS, 1).div(scale);
        int most = GroupSearch.ROUND_BITS + (int) panel.top;
        for (int first = from; first < to; first += NEAR) {
            int last = Math.min(to, first + NEAR);
            for (int j = first; j < last; j++) {
                FloatVector w = FloatVector.fromArray(FLOATS, pending, j * LANES);
                FloatVector code = w.fma(perScale, zero)
                        .add(GroupSearch.ROUND)
                        .reinterpretAsInts()
                        .max(GroupSearch.ROUND_BITS)
                        .min(most)
                        .reinterpretAsFloats()
                        .sub(GroupSearch.ROUND);
                code.intoArray(panel.codes, j * LANES);
                FloatVector error = w.sub(code.sub(zero).mul(scale)).mul(1 / inverse[j * pitch + j]);
                error.intoArray(errors, (j - from) * LANES);
                FloatVector lost = error.neg();
                for (int k = j + 1; k < last; k++) {
                    lost.fma(
                                    FloatVector.broadcast(FLOATS, inverse[j * pitch + k]),
                                    FloatVector.fromArray(FLOATS, pending, k * LANES))
                            .intoArray(pending, k * LANES);
                }
            }
            PanelProduct.subtract(pending, last, to, inverse, pitch, first, errors, first - from, last - first);
        }
    }
}
