package tilewright.compiler.codes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import tilewright.model.InvalidInputException;
import tilewright.model.format.GroupedCodes;

/**
 * What inputs that belong together say about quantising them: their damped second moments, and how later ones make up for the
 * errors of earlier ones, in the order in which they are quantised.
 *
 * <p>Products of different inputs that few samples have shown are mostly chance: they count as if half as many samples more as
 * there are inputs had been seen in which inputs had nothing to do with each other. (Shrinkage towards the diagonal as by Ledoit
 * and Wolf 2004, its amount measured: with a few hundred samples the loss on other text falls by up to a third.)
 *
 * <p>Groups of large inputs go first, and so do large inputs within a group: what comes first has the most others to make up
 * for it (activation order). A group's inputs stay next to each other, so that its scale can be chosen when it is reached.
 *
 * @param inputs the inputs in the order of quantisation
 * @param groups the storage groups in that order
 * @param starts where each of these groups begins in {@code inputs}, and at the end how many inputs there are
 * @param moments damped second moments [inputs, inputs] in rows of {@link #pitch()}, 1 on the diagonal in the mean
 * @param inverse U with U^T U the inverse of these, upper triangular, in the same way
 * @param sums of the moments within each group
 * @param importance of each input's squared error once what came before is made up for: 1 / U[j][j]^2
 */
record Feedback(
        int[] inputs, int[] groups, int[] starts, float[] moments, float[] inverse, float[] sums, float[] importance) {
    /** Elements from a row of the matrices to the next: no power of two, so that a cache keeps parts of many rows at once. */
    int pitch() {
        return pitch(size());
    }

    private static int pitch(int size) {
        return Math.ceilDiv(size, 16) * 16 + 16;
    }

    /** The number of inputs. */
    int size() {
        return inputs.length;
    }

    /**
     * The feedback within each set of inputs whose products are known.
     *
     * @param moments whose blocks are joined until they hold whole groups
     * @param damping what is added to the diagonal, as a fraction of its mean
     * @throws InvalidInputException when no inputs have such moments
     */
    static List<Feedback> of(InputMoments moments, double damping) {
        int width = moments.width();
        long joined = moments.block();
        while (joined % GroupedCodes.GROUP != 0 && joined < width) {
            joined += moments.block();
        }
        int side = (int) Math.min(width, joined);
        double mean = 0;
        for (float square : moments.diagonal()) {
            mean += square / (double) width;
        }
        List<Feedback> all = new ArrayList<>();
        for (int first = 0; first < width; first += side) {
            all.add(of(moments, first, Math.min(width, first + side), damping, mean > 0 ? mean : 1));
        }
        return all;
    }

    private static Feedback of(InputMoments moments, int first, int last, double damping, double mean) {
        int size = last - first;
        int group = GroupedCodes.GROUP;
        float[] squares = Arrays.copyOfRange(moments.diagonal(), first, last);
        double[] energy = new double[Math.ceilDiv(size, group)];
        Integer[] groups = new Integer[energy.length];
        for (int i = 0; i < size; i++) {
            energy[i / group] += squares[i];
            groups[i / group] = i / group;
        }
        Arrays.sort(groups, Comparator.comparingDouble(g -> -energy[g]));
        int[] inputs = new int[size];
        int[] starts = new int[groups.length + 1];
        for (int g = 0; g < groups.length; g++) {
            int from = groups[g] * group;
            Integer[] members = new Integer[Math.min(group, size - from)];
            Arrays.setAll(members, i -> from + i);
            Arrays.sort(members, Comparator.comparingDouble(i -> -squares[i]));
            for (int i = 0; i < members.length; i++) {
                inputs[starts[g] + i] = first + members[i];
            }
            starts[g + 1] = starts[g] + members.length;
        }
        double known = moments.samples() / (moments.samples() + size / 2.0);
        int pitch = pitch(size);
        double[] h = new double[size * pitch];
        float[] damped = new float[size * pitch];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                // The mean of both, so that moments which rounding left unsymmetric become symmetric.
                double product = 0.5 * moments.value(inputs[i], inputs[j]) + 0.5 * moments.value(inputs[j], inputs[i]);
                h[i * pitch + j] = i == j ? product / mean + damping : product / mean * known;
                damped[i * pitch + j] = (float) h[i * pitch + j];
            }
        }
        double[] inverse;
        try {
            inverse = InverseRoot.of(h, size, pitch);
        } catch (ArithmeticException e) {
            throw new InvalidInputException(
                    moments + " are no means of products: " + e.getMessage() + "; is the profile damaged?", e);
        }
        float[] upper = new float[size * pitch];
        float[] importance = new float[size];
        for (int i = 0; i < upper.length; i++) {
            upper[i] = (float) inverse[i];
        }
        for (int j = 0; j < size; j++) {
            importance[j] = (float) (1 / (inverse[j * pitch + j] * inverse[j * pitch + j]));
        }
        return new Feedback(
                inputs,
                Arrays.stream(groups).mapToInt(g -> first / group + g).toArray(),
                starts,
                damped,
                upper,
                sums(damped, pitch, starts),
                importance);
    }

    private static float[] sums(float[] moments, int pitch, int[] starts) {
        float[] sums = new float[starts.length - 1];
        for (int group = 0; group < sums.length; group++) {
            for (int i = starts[group]; i < starts[group + 1]; i++) {
                for (int j = starts[group]; j < starts[group + 1]; j++) {
                    sums[group] += moments[i * pitch + j];
                }
            }
        }
        return sums;
    }
}
