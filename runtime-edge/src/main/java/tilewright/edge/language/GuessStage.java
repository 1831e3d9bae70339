package tilewright.edge.language;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import tilewright.edge.expert.RoutingTrace;
import tilewright.edge.matrix.ExpertWeights;

/**
 * Guesses which experts the next layer will need, from what this layer's router saw: the next layer's norm and router, applied
 * to the residual stream as it is before this layer's experts have added to it.
 *
 * <p>Of several rows the experts that most of them may go to come first. Nothing that the model computes depends on it.
 */
final class GuessStage implements Stage {
    private final List<Stage> stages;
    private final Indices ids;
    private final Supplier<ExpertWeights> next;

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
        if (target == null || !target.wantsGuesses()) {
            return;
        }
        stages.forEach(stage -> stage.run(pass));
        int[] votes = new int[target.experts()];
        List<Integer> guessed = new ArrayList<>();
        // First choices of all rows come first.
        for (int choice = 0; choice < ids.width(); choice++) {
            for (int row = 0; row < rows; row++) {
                int expert = ids.data()[row * ids.width() + choice];
                if (expert < votes.length && votes[expert]++ == 0) {
                    guessed.add(expert);
                }
            }
        }
        guessed.sort(Comparator.comparingInt(expert -> -votes[expert]));
        target.expect(guessed.stream().mapToInt(expert -> expert).toArray());
    }
}
