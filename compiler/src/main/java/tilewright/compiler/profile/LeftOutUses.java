package tilewright.compiler.profile;

import java.util.List;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.StepMark;
import tilewright.model.store.LayerSensitivity;

/**
 * Measures what it does to predictions when experts of little weight are left out, layer by layer.
 *
 * <p>On each step's tokens a layer leaves out the uses of the least shares that together have a quarter of the squared shares of those
 * below the mean: so many that the predictions' divergence stands out, and so few that it still grows with the squared shares.
 */
final class LeftOutUses {
    private static final double PART = 0.25;
    private static final int RANGES = LayerSensitivity.RANGES;

    private final List<RoutedLayer> layers;
    private final Windows windows;
    private final double[] shares;
    private final double[] sums;
    private final double[] done;

    /**
     * Goes on from a state.
     *
     * @param layers of experts
     * @param shares the state's sums of squared shares, [layers, ranges]
     * @param sums the state's sums of each layer's divergence and of the squared shares that caused it
     * @param done the state's number of steps done, at 0
     */
    LeftOutUses(List<RoutedLayer> layers, Windows windows, double[] shares, double[] sums, double[] done) {
        this.layers = layers;
        this.windows = windows;
        this.shares = shares;
        this.sums = sums;
        this.done = done;
    }

    /** How many steps there are. */
    int steps() {
        return windows.steps();
    }

    /** Measures the steps that are still to be measured. */
    void measure(LanguageEngine engine, SubstitutedExperts experts, Runnable afterEach) {
        while (done[0] < windows.steps()) {
            measure(engine, experts, (int) done[0]);
            done[0]++;
            afterEach.run();
        }
    }

    private void measure(LanguageEngine engine, SubstitutedExperts experts, int step) {
        double[][] found = new double[layers.size()][RANGES];
        Divergence[] base = new Divergence[1];
        try {
            for (int layer = 0; layer < layers.size(); layer++) {
                double[] of = found[layer];
                experts.leaveOut(layer, (_, share) -> {
                    of[LayerSensitivity.range(share)] += share * share;
                    return false;
                });
            }
            StepMark mark = windows.mark(engine, step, null, layers.getFirst().router());
            windows.finish(engine, step, mark, logits -> base[0] = new Divergence(logits, windows.targets(step)));
            experts.reset();
            for (int layer = 0; layer < layers.size(); layer++) {
                mark = layer == 0
                        ? mark
                        : windows.mark(engine, step, mark, layers.get(layer).router());
                for (int range = 0; range < RANGES; range++) {
                    shares[layer * RANGES + range] += found[layer][range];
                }
                int at = 2 * layer;
                double below = threshold(found[layer], layers.get(layer).topK());
                experts.leaveOut(layer, (_, share) -> {
                    sums[at + 1] += share < below ? share * share : 0;
                    return share < below;
                });
                windows.finish(
                        engine,
                        step,
                        mark,
                        logits -> sums[at] += base[0].of(logits).divergence());
                experts.reset();
            }
        } finally {
            experts.reset();
        }
    }

    /** The end of the range up to which shares have their part of all squared shares below the mean. */
    static double threshold(double[] squares, int topK) {
        double all = 0;
        for (int range = 0; range < RANGES && LayerSensitivity.most(range) <= 1.0 / topK; range++) {
            all += squares[range];
        }
        double sum = 0;
        int range = 0;
        while (range < RANGES - 1 && LayerSensitivity.most(range) <= 1.0 / topK && sum < PART * all) {
            sum += squares[range++];
        }
        return LayerSensitivity.least(range);
    }

    /** By layer: the squared shares of each range, in the mean over tokens. */
    float[] squaredShares(int layer) {
        return means(shares, layer * RANGES, RANGES);
    }

    /** By layer: the divergence when uses were left out, and their squared shares, in the mean over tokens. */
    float[] leftOut(int layer) {
        return means(sums, 2 * layer, 2);
    }

    private float[] means(double[] of, int first, int count) {
        float[] means = new float[count];
        for (int i = 0; i < count; i++) {
            means[i] = (float) (of[first + i] / windows.tokens());
        }
        return means;
    }
}
