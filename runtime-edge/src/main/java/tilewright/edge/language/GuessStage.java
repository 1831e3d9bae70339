package tilewright.edge.language;

import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import tilewright.edge.expert.RoutingTrace;
import tilewright.edge.matrix.ExpertWeights;

/**
 * Guesses which experts the next layer will need, from what this layer's router saw: the next layer's norm and router, applied
 * to the residual stream as it is before this layer's experts have added to it.
 *
 * <p>Only for a few rows; many need nearly all experts. Nothing that the model computes depends on it.
 */
final class GuessStage implements Stage {
    private static final int MOST_ROWS = 4;

    private final List<Stage> stages;
    private final Indices ids;
    private final Supplier<ExpertWeights> next;
    private int[] guessed = new int[0];

    /**
     * A guess.
     *
     * @param stages compute the ids
     * @param ids [rows, experts per token]
     * @param next the layer that the guess is for, once it is bound
     */
    GuessStage(List<Stage> stages, Indices ids, Supplier<ExpertWeights> next) {
        this.stages = stages;
        this.ids = ids;
        this.next = next;
    }

    /**
     * Draws ids where routing is replayed, so that the routers' own would be of no use.
     *
     * @param tokens how many tokens were replayed so far, those of this pass included
     * @param layer the layer that the guess is for, of {@code layers}
     */
    static Stage drawn(RoutingTrace trace, LongSupplier tokens, int layer, int layers, int experts, Indices ids) {
        int topK = ids.width();
        return _ -> {
            for (int row = 0; row < ids.space().rows(); row++) {
                trace.guess(
                        tokens.getAsLong() - ids.space().rows() + row,
                        layer,
                        layers,
                        experts,
                        ids.data(),
                        row * topK,
                        topK);
            }
        };
    }

    @Override
    public void run(Pass pass) {
        ExpertWeights target = next.get();
        int rows = ids.space().rows();
        if (rows > MOST_ROWS || target == null || !target.wantsGuesses()) {
            return;
        }
        stages.forEach(stage -> stage.run(pass));
        if (guessed.length < rows * ids.width()) {
            guessed = new int[rows * ids.width()];
        }
        int count = 0;
        // First choices of all rows come first.
        for (int choice = 0; choice < ids.width(); choice++) {
            for (int row = 0; row < rows; row++) {
                int expert = ids.data()[row * ids.width() + choice];
                if (expert < target.experts() && isNew(expert, count)) {
                    guessed[count++] = expert;
                }
            }
        }
        target.expect(guessed, count);
    }

    private boolean isNew(int expert, int count) {
        for (int i = 0; i < count; i++) {
            if (guessed[i] == expert) {
                return false;
            }
        }
        return true;
    }
}
