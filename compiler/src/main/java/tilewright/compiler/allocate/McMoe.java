package tilewright.compiler.allocate;

import java.util.ArrayList;
import java.util.List;

/** MC-MoE's integer program, layer by layer; see {@link AllocationRule#MC_MOE}. */
final class McMoe {
    private static final int LEVELS = 3;

    private final ExpertModel model;
    private final RecordSizes sizes;
    private final double bytes;
    private final List<Integer> widths;

    McMoe(ExpertModel model, RecordSizes sizes, double bytes) {
        this.model = model;
        this.sizes = sizes;
        this.bytes = bytes;
        int low = AllocationRule.largest(model, sizes, bytes);
        int first = Math.clamp(low - 1L, 0, AllocationRule.WIDTHS.size() - LEVELS);
        this.widths = AllocationRule.WIDTHS.subList(first, first + LEVELS);
    }

    AllocationRule.Result choose() {
        BitAllocation allocation = new BitAllocation(model, widths.getFirst());
        long all = BitAllocation.weights(model);
        for (int layer = 0; layer < model.layers(); layer++) {
            int experts = model.experts(layer);
            double share = bytes * experts * BitAllocation.elements(model, layer) / all;
            List<List<Choice>> classes = new ArrayList<>();
            for (int expert = 0; expert < experts; expert++) {
                classes.add(options(layer, expert));
            }
            int[] chosen = solve(classes, share);
            for (int expert = 0; expert < experts; expert++) {
                int matrices = model.matrices(layer).size();
                allocation.set(layer, expert, AllocationRule.filled(matrices, widths.get(chosen[expert])));
            }
        }
        return new AllocationRule.Result(allocation, Double.NaN);
    }

    private List<Choice> options(int layer, int expert) {
        List<Choice> options = new ArrayList<>();
        var matrices = model.matrices(layer);
        double importance = model.frequency(layer, expert) * model.meanWeight(layer, expert);
        for (int width : widths) {
            options.add(new Choice(
                    sizes.bytes(model, layer, matrices, AllocationRule.filled(matrices.size(), width)),
                    importance * AllocationRule.squaredError(model, layer, expert, width)));
        }
        return options;
    }

    /** The best choice in which the highest and the middle width occur, if one fits; else the best of all. */
    private static int[] solve(List<List<Choice>> classes, double capacity) {
        int[] best = indices(ChoiceProblem.solve(classes, capacity));
        for (int wanted = LEVELS - 1; wanted > 0; wanted--) {
            int level = wanted;
            if (java.util.Arrays.stream(best).anyMatch(chosen -> chosen == level)) {
                continue;
            }
            double least = Double.POSITIVE_INFINITY;
            for (int expert = 0; expert < classes.size(); expert++) {
                List<List<Choice>> forced = new ArrayList<>(classes);
                forced.set(expert, List.of(classes.get(expert).get(level)));
                if (lightest(forced) <= capacity) {
                    ChoiceProblem.Solution found = ChoiceProblem.solve(forced, capacity);
                    if (found.value() < least) {
                        least = found.value();
                        best = indices(found);
                        best[expert] = level;
                    }
                }
            }
        }
        return best;
    }

    private static double lightest(List<List<Choice>> classes) {
        return classes.stream()
                .mapToDouble(options ->
                        options.stream().mapToDouble(Choice::weight).min().orElseThrow())
                .sum();
    }

    private static int[] indices(ChoiceProblem.Solution solution) {
        return solution.chosen().stream().mapToInt(Integer::intValue).toArray();
    }
}
