package tilewright.compiler.allocate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tilewright.compiler.OptionException;
import tilewright.compiler.store.MatrixPlace;

/** Rules that choose the bits of a model's experts for a number of bytes. */
public enum AllocationRule {
    /** Least predicted loss over the widths of each matrix of each expert: an integer program, see {@link ChoiceProblem}. */
    ILP("ilp") {
        @Override
        Result choose(ExpertModel model, RecordSizes sizes, double bytes) {
            return new ExpertChoices(model, sizes).leastLoss(bytes);
        }
    },

    /** The largest width with which all matrices fit. */
    UNIFORM("uniform") {
        @Override
        Result choose(ExpertModel model, RecordSizes sizes, double bytes) {
            return new Result(new BitAllocation(model, WIDTHS.get(largest(model, sizes, bytes))), Double.NaN);
        }
    },

    /**
     * EdgeMoE's (arXiv 2308.14352): of two neighbouring widths the least important experts get the lower one, as many as must. An expert is
     * as important as the loss grows when it alone has 2 bits and all others 4.
     */
    EDGEMOE("edgemoe") {
        @Override
        Result choose(ExpertModel model, RecordSizes sizes, double bytes) {
            int low = largest(model, sizes, bytes);
            BitAllocation allocation = new BitAllocation(model, WIDTHS.get(low));
            if (low + 1 == WIDTHS.size()) {
                return new Result(allocation, Double.NaN);
            }
            double free = bytes - allocation.bytes(sizes);
            record Expert(int layer, int expert, double importance) {}
            List<Expert> experts = new ArrayList<>();
            for (int layer = 0; layer < model.layers(); layer++) {
                int matrices = model.matrices(layer).size();
                for (int expert = 0; expert < model.experts(layer); expert++) {
                    double importance = BitAllocation.loss(model, layer, expert, filled(matrices, 2))
                            - BitAllocation.loss(model, layer, expert, filled(matrices, 4));
                    experts.add(new Expert(layer, expert, importance));
                }
            }
            experts.sort((a, b) -> Double.compare(b.importance, a.importance));
            for (Expert expert : experts) {
                var matrices = model.matrices(expert.layer);
                int[] high = filled(matrices.size(), WIDTHS.get(low + 1));
                double more = sizes.bytes(model, expert.layer, matrices, high)
                        - sizes.bytes(model, expert.layer, matrices, filled(matrices.size(), WIDTHS.get(low)));
                if (more > free) {
                    break;
                }
                free -= more;
                allocation.set(expert.layer, expert.expert, high);
            }
            return new Result(allocation, Double.NaN);
        }
    },

    /**
     * MC-MoE's (arXiv 2410.06270): in each layer by itself, with the same mean bits, each expert gets one of three neighbouring widths, so
     * that the sum of frequency times mean routing weight times squared error of the layer's output is least; at least one expert gets the
     * highest of them and one the middle one, where bytes allow.
     */
    MC_MOE("mc-moe") {
        @Override
        Result choose(ExpertModel model, RecordSizes sizes, double bytes) {
            return new McMoe(model, sizes, bytes).choose();
        }
    };

    /** The widths among which rules choose. */
    public static final List<Integer> WIDTHS = List.of(2, 3, 4, 5, 6, 8);

    private final String label;

    AllocationRule(String label) {
        this.label = label;
    }

    /**
     * What a rule chose.
     *
     * @param allocation the widths
     * @param gap by how much the predicted loss may exceed the least, relative to it; not a number where the rule does not seek the least
     */
    public record Result(BitAllocation allocation, double gap) {}

    /** The name by which a user chooses it: {@code ilp}, {@code uniform}, {@code edgemoe} or {@code mc-moe}. */
    public String label() {
        return label;
    }

    /**
     * The rule of a name.
     *
     * @throws IllegalArgumentException when there is none; the message lists those that exist
     */
    public static AllocationRule of(String label) {
        return Arrays.stream(values())
                .filter(rule -> rule.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("is '" + label + "', expected "
                        + Arrays.stream(values()).map(AllocationRule::label).collect(Collectors.joining(", "))));
    }

    /**
     * Chooses the widths of all matrices so that the experts take at most so many bytes.
     *
     * @throws OptionException when even 2 bits for all take more; the message says how many
     */
    public Result within(ExpertModel model, RecordSizes sizes, double bytes) {
        long least = new BitAllocation(model, WIDTHS.getFirst()).bytes(sizes);
        if (least > bytes) {
            throw new OptionException(String.format(
                    Locale.ROOT,
                    "the experts get %.0f bytes (%.3f bits per weight), but take %d (%.3f) at 2 bits; allow more",
                    bytes,
                    bytes * Byte.SIZE / BitAllocation.weights(model),
                    least,
                    (double) least * Byte.SIZE / BitAllocation.weights(model)));
        }
        return choose(model, sizes, bytes);
    }

    /**
     * Chooses widths that take few bytes and whose predicted losses sum up to at most {@code loss}: the fewest by {@link #ILP}; by the
     * others what they choose for the fewest bytes, found by bisection.
     *
     * @throws OptionException when even 8 bits for all are predicted to cost more
     */
    public Result withinLoss(ExpertModel model, RecordSizes sizes, double loss) {
        BitAllocation finest = new BitAllocation(model, WIDTHS.getLast());
        if (finest.loss() > loss) {
            throw new OptionException(String.format(
                    Locale.ROOT,
                    "a loss of %.2g nats per token is allowed, but 8 bits are predicted to cost %.2g; allow more",
                    loss,
                    finest.loss()));
        }
        if (this == ILP) {
            return new ExpertChoices(model, sizes).fewestBytes(loss);
        }
        double low = new BitAllocation(model, WIDTHS.getFirst()).bytes(sizes);
        double high = finest.bytes(sizes);
        Result best = new Result(finest, Double.NaN);
        for (int round = 0; round < 40 && low < high - 1; round++) {
            double middle = Math.floor((low + high) / 2);
            Result found = choose(model, sizes, middle);
            if (found.allocation().loss() <= loss) {
                best = found;
                high = middle;
            } else {
                low = middle;
            }
        }
        return best;
    }

    abstract Result choose(ExpertModel model, RecordSizes sizes, double bytes);

    /** The place in {@link #WIDTHS} of the largest width with which all matrices fit; 0 when none does. */
    static int largest(ExpertModel model, RecordSizes sizes, double bytes) {
        return IntStream.iterate(WIDTHS.size() - 1, i -> i > 0, i -> i - 1)
                .filter(i -> new BitAllocation(model, WIDTHS.get(i)).bytes(sizes) <= bytes)
                .findFirst()
                .orElse(0);
    }

    /** So many equal widths. */
    static int[] filled(int count, int width) {
        int[] widths = new int[count];
        Arrays.fill(widths, width);
        return widths;
    }

    /** The squared error of a layer's output when one expert has matrices of a width, per token. */
    static double squaredError(ExpertModel model, int layer, int expert, int width) {
        double sum = 0;
        for (var matrix : model.matrices(layer)) {
            sum += model.outputError(new MatrixPlace(layer, expert, matrix), width);
        }
        return model.energy(layer, expert) * sum;
    }
}
