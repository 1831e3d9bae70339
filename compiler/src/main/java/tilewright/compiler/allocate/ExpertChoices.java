package tilewright.compiler.allocate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The options of every expert, each a combination of widths of its matrices, as a {@link ChoiceProblem}. */
final class ExpertChoices {
    private final ExpertModel model;
    private final List<List<Option>> options = new ArrayList<>();

    /** One combination of widths. */
    private record Option(int[] bits, double bytes, double loss) {}

    ExpertChoices(ExpertModel model, RecordSizes sizes) {
        this.model = model;
        for (int layer = 0; layer < model.layers(); layer++) {
            List<int[]> combinations = combinations(model.matrices(layer).size());
            for (int expert = 0; expert < model.experts(layer); expert++) {
                List<Option> all = new ArrayList<>();
                for (int[] bits : combinations) {
                    double bytes = sizes.bytes(model, layer, model.matrices(layer), bits);
                    all.add(new Option(bits, bytes, BitAllocation.loss(model, layer, expert, bits)));
                }
                options.add(efficient(all));
            }
        }
    }

    private static List<int[]> combinations(int matrices) {
        List<int[]> combinations = new ArrayList<>();
        combinations.add(new int[0]);
        for (int matrix = 0; matrix < matrices; matrix++) {
            List<int[]> longer = new ArrayList<>();
            for (int[] begun : combinations) {
                for (int width : AllocationRule.WIDTHS) {
                    int[] next = java.util.Arrays.copyOf(begun, begun.length + 1);
                    next[begun.length] = width;
                    longer.add(next);
                }
            }
            combinations = longer;
        }
        return combinations;
    }

    /** Those than which none takes fewer bytes at no more loss. */
    private static List<Option> efficient(List<Option> all) {
        all.sort(Comparator.comparingDouble(Option::bytes).thenComparingDouble(Option::loss));
        List<Option> kept = new ArrayList<>();
        for (Option option : all) {
            if (kept.isEmpty() || option.loss < kept.getLast().loss) {
                kept.add(option);
            }
        }
        return kept;
    }

    /** The allocation of least predicted loss within some bytes. */
    AllocationRule.Result leastLoss(double bytes) {
        return result(ChoiceProblem.solve(
                options.stream()
                        .map(of -> of.stream()
                                .map(option -> new Choice(option.bytes, option.loss))
                                .toList())
                        .toList(),
                bytes));
    }

    /** The allocation of fewest bytes within some predicted loss. */
    AllocationRule.Result fewestBytes(double loss) {
        return result(ChoiceProblem.solve(
                options.stream()
                        .map(of -> of.stream()
                                .map(option -> new Choice(option.loss, option.bytes))
                                .toList())
                        .toList(),
                loss));
    }

    private AllocationRule.Result result(ChoiceProblem.Solution solution) {
        BitAllocation allocation = new BitAllocation(model, AllocationRule.WIDTHS.getFirst());
        int group = 0;
        for (int layer = 0; layer < model.layers(); layer++) {
            for (int expert = 0; expert < model.experts(layer); expert++, group++) {
                allocation.set(
                        layer, expert, options.get(group).get(solution.chosen().get(group)).bits);
            }
        }
        return new AllocationRule.Result(allocation, solution.gap());
    }
}
