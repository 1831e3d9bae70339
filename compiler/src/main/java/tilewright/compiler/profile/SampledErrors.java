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
    /** Of a layer. */
    private static final int FEWEST = 2;
    /** Of the whole model. */
    private static final int USUAL = 32;

    private static final int MATRICES = ExpertMatrix.values().length;
    private static final List<Integer> WIDTHS = Profile.WIDTHS;

    private SampledErrors() {}

    /**
     * The experts to quantise at all widths: from the most important to the least in equal steps.
     *
     * @param energies of the layer's experts
     * @param layers of the model
     */
    static boolean[] chosen(float[] energies, int layers) {
        boolean[] chosen = new boolean[energies.length];
        int count = count(energies.length, layers);
        List<Integer> order = IntStream.range(0, energies.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer expert) -> -energies[expert]))
                .toList();
        for (int i = 0; i < count; i++) {
            chosen[order.get((2 * i + 1) * energies.length / (2 * count))] = true;
        }
        return chosen;
    }

    /** How many of a layer's experts stand for all, in a model of so many layers. */
    static int count(int experts, int layers) {
        return Math.min(experts, Math.max(FEWEST, Math.ceilDiv(USUAL, layers)));
    }

    /**
     * Fills in the errors of experts that were quantised quickly alone, by how much smaller the errors of the best codes are.
     *
     * @param errors [experts, matrices, widths] of the best codes; only those of the chosen are known
     * @param quick likewise, of quick codes, all known
     */
    static void fill(float[] errors, float[] quick, boolean[] chosen) {
        for (int place = 0; place < MATRICES * WIDTHS.size(); place++) {
            double logarithms = 0;
            int count = 0;
            for (int expert = 0; expert < chosen.length; expert++) {
                int at = expert * MATRICES * WIDTHS.size() + place;
                if (chosen[expert] && errors[at] > 0 && quick[at] > 0) {
                    logarithms += Math.log(errors[at] / (double) quick[at]);
                    count++;
                }
            }
            double ratio = count > 0 ? Math.exp(logarithms / count) : 1;
            for (int expert = 0; expert < chosen.length; expert++) {
                int at = expert * MATRICES * WIDTHS.size() + place;
                if (!chosen[expert]) {
                    errors[at] = (float) (ratio * quick[at]);
                }
            }
        }
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
