package tilewright.compiler.profile;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import tilewright.model.graph.ExpertMatrix;

/**
 * Output errors of a layer's experts at widths at which only some of them were quantised: how errors fall with more bits differs
 * little between matrices of one kind, so that every expert's error at the coarsest width tells the others.
 */
final class SampledErrors {
    private static final int FEWEST = 4;
    private static final int SHARE = 16;
    private static final int MATRICES = ExpertMatrix.values().length;
    private static final List<Integer> WIDTHS = Profile.WIDTHS;

    private SampledErrors() {}

    /**
     * The experts to quantise at all widths: from the most important to the least in equal steps.
     *
     * @param energies of the layer's experts
     */
    static boolean[] chosen(float[] energies) {
        boolean[] chosen = new boolean[energies.length];
        int count = Math.min(energies.length, Math.max(FEWEST, energies.length / SHARE));
        List<Integer> order = IntStream.range(0, energies.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer expert) -> -energies[expert]))
                .toList();
        for (int i = 0; i < count; i++) {
            chosen[order.get((2 * i + 1) * energies.length / (2 * count))] = true;
        }
        return chosen;
    }

    /**
     * Fills in the errors of the others.
     *
     * @param errors [experts, matrices, widths]; of the others only the first width's
     */
    static void fill(float[] errors, boolean[] chosen) {
        int widths = WIDTHS.size();
        for (int matrix = 0; matrix < MATRICES; matrix++) {
            for (int width = 1; width < widths; width++) {
                double logarithms = 0;
                int count = 0;
                for (int expert = 0; expert < chosen.length; expert++) {
                    int at = (expert * MATRICES + matrix) * widths;
                    if (chosen[expert] && errors[at] > 0 && errors[at + width] > 0) {
                        logarithms += Math.log(errors[at + width] / (double) errors[at]);
                        count++;
                    }
                }
                double ratio = count > 0 ? Math.exp(logarithms / count) : steps(width);
                for (int expert = 0; expert < chosen.length; expert++) {
                    int at = (expert * MATRICES + matrix) * widths;
                    if (!chosen[expert]) {
                        errors[at + width] = (float) (ratio * errors[at]);
                    }
                }
            }
        }
    }

    /** The squared ratio of the steps between codes: what errors of uniform codes would fall by. */
    private static double steps(int width) {
        double ratio = ((1 << WIDTHS.getFirst()) - 1) / (double) ((1 << WIDTHS.get(width)) - 1);
        return ratio * ratio;
    }
}
