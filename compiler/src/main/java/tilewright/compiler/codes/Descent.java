package tilewright.compiler.codes;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import tilewright.model.format.GroupedCodes;

/**
 * Lowers {@code (w - q)^T H (w - q)} of each row of a panel by steps that never raise it: a code at a time, or a group's scale and
 * zero point together.
 *
 * <p>It keeps the gradient {@code H (w - q)} up to date, so that a step's gain is known exactly.
 */
final class Descent {
    private static final VectorSpecies<Float> FLOATS = GroupSearch.FLOATS;
    private static final int LANES = GroupSearch.LANES;
    /** Steps of the scale byte that are tried on either side of the best real scale. */
    private static final int REACH = 2;
    /** Codes after which the others of their group hear of their steps. */
    private static final int TOGETHER = 8;

    private final CodePanel panel;
    private final Feedback feedback;
    private final int size;
    private final int pitch;
    private final float[] gradient;
    private final float[] products;
    private final float[] steps = new float[GroupedCodes.GROUP * LANES];
    private final int[] moved = new int[GroupedCodes.GROUP];
    private final int[] recent = new int[TOGETHER];

    Descent(CodePanel panel) {
        this.panel = panel;
        this.feedback = panel.feedback;
        this.size = feedback.size();
        this.pitch = feedback.pitch();
        gradient = new float[size * LANES];
        products = new float[size * LANES];
    }

    /** Adds a group's part of the gradient; to be called for each group before any other step. */
    void begin(int group) {
        FloatVector scale = FloatVector.fromArray(FLOATS, panel.scales, group * LANES);
        FloatVector zero = FloatVector.fromArray(FLOATS, panel.zeros, group * LANES);
        int from = feedback.starts()[group];
        int to = feedback.starts()[group + 1];
        for (int i = from; i < to; i++) {
            FloatVector.fromArray(FLOATS, panel.codes, i * LANES)
                    .sub(zero)
                    .mul(scale)
                    .sub(FloatVector.fromArray(FLOATS, panel.weights, i * LANES))
                    .intoArray(steps, (i - from) * LANES);
        }
        PanelProduct.subtract(gradient, 0, size, feedback.moments(), pitch, from, steps, 0, to - from);
    }

    /** Moves each code of a group in turn to the one that is best while all others stay. */
    void improveCodes(int group) {
        int from = feedback.starts()[group];
        int to = feedback.starts()[group + 1];
        int count = improveCodes(group, from, to);
        PanelProduct.subtract(gradient, 0, from, feedback.moments(), pitch, from, steps, moved, count);
        PanelProduct.subtract(gradient, to, size, feedback.moments(), pitch, from, steps, moved, count);
    }

    /** Puts those codes of the group that moved in any row, a tenth or less, into {@link #moved} and returns how many. */
    private int improveCodes(int group, int from, int to) {
        float[] moments = feedback.moments();
        FloatVector scale = FloatVector.fromArray(FLOATS, panel.scales, group * LANES);
        FloatVector perScale = FloatVector.broadcast(FLOATS, 1).div(scale);
        int most = GroupSearch.ROUND_BITS + (int) panel.top;
        int count = 0;
        for (int first = from; first < to; first += TOGETHER) {
            int last = Math.min(to, first + TOGETHER);
            int near = 0;
            for (int j = first; j < last; j++) {
                FloatVector old = FloatVector.fromArray(FLOATS, panel.codes, j * LANES);
                FloatVector code = FloatVector.fromArray(FLOATS, gradient, j * LANES)
                        .mul(1 / moments[j * pitch + j])
                        .fma(perScale, old)
                        .add(GroupSearch.ROUND)
                        .reinterpretAsInts()
                        .max(GroupSearch.ROUND_BITS)
                        .min(most)
                        .reinterpretAsFloats()
                        .sub(GroupSearch.ROUND);
                if (code.eq(old).allTrue()) {
                    continue;
                }
                code.intoArray(panel.codes, j * LANES);
                FloatVector step = code.sub(old).mul(scale);
                step.intoArray(steps, (j - from) * LANES);
                FloatVector lost = step.neg();
                for (int k = first; k < last; k++) {
                    lost.fma(
                                    FloatVector.broadcast(FLOATS, moments[j * pitch + k]),
                                    FloatVector.fromArray(FLOATS, gradient, k * LANES))
                            .intoArray(gradient, k * LANES);
                }
                recent[near++] = j - from;
                moved[count++] = j - from;
            }
            // The other codes' gradients are not looked at until these steps are made, and take them in the same order.
            PanelProduct.subtract(gradient, from, first, moments, pitch, from, steps, recent, near);
            PanelProduct.subtract(gradient, last, to, moments, pitch, from, steps, recent, near);
        }
        return count;
    }

    /** Gives a group the scale and zero point that are best while all codes stay. */
    void improveScale(int group) {
        int from = feedback.starts()[group];
        int to = feedback.starts()[group + 1];
        if (improveScale(group, from, to)) {
            PanelProduct.subtract(gradient, 0, size, feedback.moments(), pitch, from, steps, 0, to - from);
        }
    }

    /** With a change of all values by a * code + b, the loss changes by a quadratic form in a and b. */
    private boolean improveScale(int group, int from, int to) {
        Arrays.fill(products, from * LANES, to * LANES, 0);
        PanelProduct.subtract(products, from, to, feedback.moments(), pitch, from, panel.codes, from, to - from);
        FloatVector codesCodes = FloatVector.zero(FLOATS);
        FloatVector codesOnes = codesCodes;
        FloatVector codesGradient = codesCodes;
        FloatVector onesGradient = codesCodes;
        float onesOnes = feedback.sums()[group];
        for (int i = from; i < to; i++) {
            FloatVector code = FloatVector.fromArray(FLOATS, panel.codes, i * LANES);
            FloatVector product = FloatVector.fromArray(FLOATS, products, i * LANES);
            FloatVector slope = FloatVector.fromArray(FLOATS, gradient, i * LANES);
            codesCodes = codesCodes.sub(code.mul(product));
            codesOnes = codesOnes.sub(product);
            codesGradient = code.fma(slope, codesGradient);
            onesGradient = onesGradient.add(slope);
        }
        if (!(onesOnes > 0)) {
            return false;
        }
        FloatVector scale = FloatVector.fromArray(FLOATS, panel.scales, group * LANES);
        FloatVector zero = FloatVector.fromArray(FLOATS, panel.zeros, group * LANES);
        FloatVector determinant = codesCodes.mul(onesOnes).sub(codesOnes.mul(codesOnes));
        VectorMask<Float> singular =
                determinant.lt(codesCodes.mul(onesOnes * 1e-6f)).or(codesCodes.lt(1e-20f));
        FloatVector best = codesGradient
                .mul(onesOnes)
                .sub(codesOnes.mul(onesGradient))
                .div(determinant)
                .blend(0, singular);
        best = GroupSearch.nearest(scale.add(best));
        FloatVector bestScale = scale;
        FloatVector bestZero = zero;
        FloatVector bestChange = FloatVector.zero(FLOATS);
        for (int reach = -REACH; reach <= REACH; reach++) {
            FloatVector tried = GroupSearch.neighbour(best, reach);
            FloatVector a = tried.sub(scale);
            FloatVector b = onesGradient.sub(a.mul(codesOnes)).mul(1 / onesOnes);
            FloatVector triedZero = GroupSearch.zero(scale.mul(zero).sub(b).div(tried), panel.zeroSteps);
            b = scale.mul(zero).sub(tried.mul(triedZero));
            FloatVector change = a.mul(codesCodes)
                    .add(b.mul(codesOnes).mul(2))
                    .sub(codesGradient.mul(2))
                    .mul(a)
                    .add(b.mul(onesOnes).sub(onesGradient.mul(2)).mul(b));
            VectorMask<Float> better = change.lt(bestChange);
            bestChange = bestChange.blend(change, better);
            bestScale = bestScale.blend(tried, better);
            bestZero = bestZero.blend(triedZero, better);
        }
        if (!bestChange.lt(0).anyTrue()) {
            return false;
        }
        FloatVector a = bestScale.sub(scale);
        FloatVector b = scale.mul(zero).sub(bestScale.mul(bestZero));
        for (int i = from; i < to; i++) {
            FloatVector.fromArray(FLOATS, panel.codes, i * LANES).fma(a, b).intoArray(steps, (i - from) * LANES);
        }
        bestScale.intoArray(panel.scales, group * LANES);
        bestZero.intoArray(panel.zeros, group * LANES);
        return true;
    }
}
