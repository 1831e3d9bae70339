package tilewright.compiler.profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import tilewright.compiler.profile.ProfileHeader.LayerShape;
import tilewright.compiler.store.MatrixPlace;
import tilewright.model.graph.ExpertMatrix;

/**
 * Sensitivities of many matrices from few exchanges: in each layer all matrices of a kind are exchanged together, and all matrices of
 * experts that are about as important.
 *
 * <p>What a matrix does to the predictions is taken as a power of the squared error that it adds to its layer's output, times a factor of
 * its layer and kind, times a factor of its layer and block of experts. The power is the slope over the blocks; the factors are those
 * with which every group's sum is what was measured, found by iterative proportional fitting (Deming and Stephan, Annals of
 * Mathematical Statistics 11, 1940): of all that agree with the measurements, the one nearest to what the errors alone say.
 */
final class SampledSensitivity {
    /** Exchanges where nothing else is said. */
    private static final int EXCHANGES = 256;
    /** Blocks of a layer's experts that there are at least then. */
    private static final int FEWEST_BLOCKS = 3;

    private static final int MATRICES = ExpertMatrix.values().length;
    private static final int ROUNDS = 200;
    /** The power that few blocks leave standing, and what it weighs beside the squared logarithms over which a slope is found. */
    private static final double USUAL_POWER = 0.8;

    private static final double USUAL_WEIGHT = 2;
    private static final double LEAST_POWER = 0.3;
    private static final double MOST_POWER = 1.2;

    private final List<LayerShape> shapes;
    /** Squared errors of the layers' outputs by layer, [experts, matrices]. */
    private final double[][] squares;

    private final List<List<MatrixPlace>> groups = new ArrayList<>();
    /** Whether a group holds a block of experts rather than a kind of matrices. */
    private final List<Boolean> blocks = new ArrayList<>();

    /**
     * Chooses what is exchanged together.
     *
     * @param errors relative output errors by layer, [experts, matrices, widths]
     * @param energies mean squared contributions by layer, [experts]
     * @param exchanges most groups; 0 for the usual number
     */
    SampledSensitivity(List<LayerShape> shapes, float[][] errors, float[][] energies, int exchanges) {
        this.shapes = shapes;
        this.squares = new double[shapes.size()][];
        int width = Profile.WIDTHS.indexOf(Sensitivity.BITS);
        for (int layer = 0; layer < squares.length; layer++) {
            squares[layer] = new double[shapes.get(layer).experts() * MATRICES];
            for (int i = 0; i < squares[layer].length; i++) {
                squares[layer][i] =
                        (double) energies[layer][i / MATRICES] * errors[layer][i * Profile.WIDTHS.size() + width];
            }
            List<ExpertMatrix> matrices = shapes.get(layer).matrices();
            for (ExpertMatrix matrix : matrices) {
                groups.add(places(layer, order(layer), List.of(matrix)));
                blocks.add(false);
            }
            List<Integer> order = order(layer);
            int count = blocks(shapes, layer, exchanges);
            for (int block = 0; block < count; block++) {
                int from = (int) ((long) block * order.size() / count);
                int to = (int) ((block + 1L) * order.size() / count);
                groups.add(places(layer, order.subList(from, to), matrices));
                blocks.add(true);
            }
        }
    }

    /** The number of groups that models of these layers have with so many exchanges at most. */
    static int count(List<LayerShape> layers, int exchanges) {
        return IntStream.range(0, layers.size())
                .map(layer -> layers.get(layer).matrices().size() + blocks(layers, layer, exchanges))
                .sum();
    }

    /** The fewest exchanges that say something of each layer and kind. */
    static int fewest(List<LayerShape> layers) {
        return count(layers, 1);
    }

    private static int blocks(List<LayerShape> layers, int layer, int exchanges) {
        int kinds = layers.stream().mapToInt(of -> of.matrices().size()).sum();
        int blocks = exchanges > 0
                ? Math.max(1, (exchanges - kinds) / layers.size())
                : Math.max(FEWEST_BLOCKS, (EXCHANGES - kinds) / layers.size());
        return Math.min(blocks, layers.get(layer).experts());
    }

    /** A layer's experts, those of the largest errors first. */
    private List<Integer> order(int layer) {
        double[] sums = new double[shapes.get(layer).experts()];
        for (int i = 0; i < squares[layer].length; i++) {
            sums[i / MATRICES] += squares[layer][i];
        }
        return IntStream.range(0, sums.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer expert) -> -sums[expert]))
                .toList();
    }

    private static List<MatrixPlace> places(int layer, List<Integer> experts, List<ExpertMatrix> matrices) {
        return experts.stream()
                .sorted()
                .flatMap(expert -> matrices.stream().map(matrix -> new MatrixPlace(layer, expert, matrix)))
                .toList();
    }

    /** What is exchanged together, layer by layer. */
    List<List<MatrixPlace>> groups() {
        return groups;
    }

    /**
     * The loss per relative output error, by layer, expert and matrix.
     *
     * @param divergence of each group, summed over {@code tokens}
     * @return by layer, [experts, matrices]
     */
    float[][] sensitivity(double[] divergence, long tokens, float[][] errors) {
        double[] nats =
                Arrays.stream(divergence).map(sum -> Math.max(0, sum / tokens)).toArray();
        double power = power(nats);
        double[][] losses = new double[squares.length][];
        for (int layer = 0; layer < losses.length; layer++) {
            losses[layer] = Arrays.stream(squares[layer])
                    .map(square -> square > 0 ? Math.pow(square, power) : 0)
                    .toArray();
        }
        // Blocks come last: together they were exchanged less at a time, so that their level is nearer to the truth.
        for (int round = 0; round < ROUNDS; round++) {
            for (int group = 0; group < nats.length; group++) {
                scale(losses, groups.get(group), nats[group]);
            }
        }
        float[][] sensitivity = new float[losses.length][];
        int widths = Profile.WIDTHS.size();
        for (int layer = 0; layer < losses.length; layer++) {
            sensitivity[layer] = new float[losses[layer].length];
            for (int i = 0; i < losses[layer].length; i++) {
                float error = errors[layer][i * widths + Profile.WIDTHS.indexOf(Sensitivity.BITS)];
                sensitivity[layer][i] = error > 0 ? (float) (losses[layer][i] / error) : 0;
            }
        }
        return sensitivity;
    }

    private static void scale(double[][] losses, List<MatrixPlace> group, double wanted) {
        double sum = 0;
        for (MatrixPlace place : group) {
            sum += losses[place.layer()][index(place)];
        }
        double by = sum > 0 ? wanted / sum : 0;
        for (MatrixPlace place : group) {
            losses[place.layer()][index(place)] *= by;
        }
    }

    private static int index(MatrixPlace place) {
        return place.expert() * MATRICES + place.matrix().ordinal();
    }

    /** The slope of the logarithm of losses over that of squared errors, over the blocks of all layers. */
    private double power(double[] nats) {
        double products = USUAL_WEIGHT * USUAL_POWER;
        double slopes = USUAL_WEIGHT;
        for (int layer = 0; layer < squares.length; layer++) {
            List<double[]> points = new ArrayList<>();
            for (int group = 0; group < nats.length; group++) {
                List<MatrixPlace> places = groups.get(group);
                if (blocks.get(group) && places.getFirst().layer() == layer) {
                    double square = places.stream()
                            .mapToDouble(place -> squares[place.layer()][index(place)])
                            .sum();
                    if (square > 0 && nats[group] > 0) {
                        points.add(
                                new double[] {Math.log(square / places.size()), Math.log(nats[group] / places.size())});
                    }
                }
            }
            double x = points.stream().mapToDouble(point -> point[0]).average().orElse(0);
            double y = points.stream().mapToDouble(point -> point[1]).average().orElse(0);
            for (double[] point : points) {
                products += (point[0] - x) * (point[1] - y);
                slopes += (point[0] - x) * (point[0] - x);
            }
        }
        return Math.clamp(products / slopes, LEAST_POWER, MOST_POWER);
    }
}
