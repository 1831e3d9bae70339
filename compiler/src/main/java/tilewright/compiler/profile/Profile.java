package tilewright.compiler.profile;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;
import tilewright.compiler.allocate.AllocationRule;
import tilewright.compiler.allocate.ExpertModel;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.profile.ProfileHeader.LayerShape;
import tilewright.compiler.store.ExpertFit;
import tilewright.compiler.store.MatrixPlace;
import tilewright.model.InvalidInputException;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;
import tilewright.model.store.LayerSensitivity;

/**
 * What calibration has found out about a model's experts: a safetensors file, read and checked; safe for use by several threads.
 *
 * <p>Layers are those of experts, counted from 0 as {@link tilewright.model.graph.ExpertLayer} does; experts are those with weights.
 * Second moments stay in the file and are read when asked for.
 */
public final class Profile implements ExpertModel, AutoCloseable {
    /** The bit-widths whose output errors a profile holds. */
    public static final List<Integer> WIDTHS = AllocationRule.WIDTHS;

    /** The tensor with the JSON text that describes the profile. */
    static final String HEADER = "profile";

    private static final int MATRICES = ExpertMatrix.values().length;

    /** The small tensors of one layer. */
    private record Layer(
            float[] tokens,
            float[] weight,
            float[] squaredWeight,
            float[] coactivation,
            float[] energy,
            float[] error,
            float[] sensitivity) {}

    private final ProfileFile source;
    private final ProfileHeader header;
    private final List<Layer> layers = new ArrayList<>();
    /** Pooled moments of the layers' inputs, made when first needed. */
    private final Map<Integer, InputMoments> pooled = new ConcurrentHashMap<>();

    private final Map<Integer, DownFit> fits = new ConcurrentHashMap<>();

    private Profile(ProfileFile source) {
        this.source = source;
        this.header = source.header();
        for (int layer = 0; layer < header.layers().size(); layer++) {
            layers.add(layer(layer));
        }
    }

    /**
     * Maps a profile and checks it; only second moments are read later.
     *
     * @throws InvalidInputException when it is no profile, of another version, or damaged
     */
    public static Profile read(Path file) {
        if (Files.notExists(file)) {
            throw new InvalidInputException(file + ": there is no such file; make one with tilewright profile");
        }
        ProfileFile source = ProfileFile.open(file);
        try {
            return new Profile(source);
        } catch (RuntimeException | Error e) {
            source.close();
            throw e;
        }
    }

    private Layer layer(int layer) {
        long experts = experts(layer);
        long next = layer + 1 < layers() ? experts(layer + 1) : 0;
        return new Layer(
                source.floats(layer, "tokens", experts),
                source.floats(layer, "weight", experts),
                source.floats(layer, "squared_weight", experts),
                source.floats(layer, "coactivation", experts, next),
                source.floats(layer, "energy", experts),
                source.floats(layer, "error", experts, MATRICES, WIDTHS.size()),
                source.floats(layer, "sensitivity", experts, MATRICES));
    }

    /** The name of one of a layer's tensors. */
    static String name(int layer, String what) {
        return "layer" + layer + "." + what;
    }

    /** The digest of the model that was profiled, hexadecimal. */
    public String model() {
        return header.model();
    }

    /** The file. */
    public Path file() {
        return source.path();
    }

    /** Tokens of calibration text that were routed. */
    public long tokens() {
        return header.tokens();
    }

    /**
     * The mean negative log likelihood of the calibration text, in nats per token; not a number in profiles that did not measure it.
     */
    public double baseLoss() {
        return header.loss();
    }

    /** What was quantised together to measure sensitivity: {@code matrix}, {@code sampled}, {@code layer}, {@code none} and the like. */
    public String sensitivityUnit() {
        return header.sensitivity();
    }

    /** The name of the quantiser that the output errors and sensitivities hold for. */
    public String quantiser() {
        return header.quantiser();
    }

    /** Whether sensitivities were measured. */
    public boolean hasSensitivity() {
        return !header.sensitivity().equals("none");
    }

    /** Measured allocations, rule by rule; none when they were not asked for. */
    public List<Trial> trials() {
        return header.trials();
    }

    /**
     * The increase of the loss, in nats per token, that is predicted for an allocation whose matrices' losses have this sum: the sum times
     * what trials on calibration text have shown for sums like it. Losses of single matrices do not quite add up, and the smallest
     * of uncertain numbers are chosen more often than they deserve.
     *
     * @param rule by which the allocation was chosen
     */
    public double lossIncrease(AllocationRule rule, double sum) {
        return LossCalibration.of(header.trials(), rule.label()).lossIncrease(sum);
    }

    /** The largest sum of matrices' losses whose predicted {@link #lossIncrease} is not above {@code loss}. */
    public double sumFor(AllocationRule rule, double loss) {
        double low = 0;
        double high = 1;
        while (lossIncrease(rule, high) < loss && high < Double.MAX_VALUE / 4) {
            high *= 2;
        }
        for (int round = 0; round < 100; round++) {
            double middle = (low + high) / 2;
            if (lossIncrease(rule, middle) <= loss) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** What tells this profile from others: SHA-256 of its tensors, of large ones their begin, hexadecimal. */
    public String digest() {
        return source.digest();
    }

    /** The number of layers of experts. */
    @Override
    public int layers() {
        return header.layers().size();
    }

    /** Experts of a layer. */
    @Override
    public int experts(int layer) {
        return header.layers().get(layer).experts();
    }

    /** Experts of a token. */
    public int topK(int layer) {
        return header.layers().get(layer).topK();
    }

    /** The matrices of a layer's experts. */
    @Override
    public List<ExpertMatrix> matrices(int layer) {
        return header.layers().get(layer).matrices();
    }

    /** Inputs of a matrix of a layer's experts. */
    @Override
    public int inputs(int layer, ExpertMatrix matrix) {
        return header.layers().get(layer).inputs(matrix);
    }

    /** Weights of a matrix of one of a layer's experts; 0 for the up matrix of plain experts. */
    @Override
    public long elements(int layer, ExpertMatrix matrix) {
        return header.layers().get(layer).elements(matrix);
    }

    /** Tokens routed to an expert. */
    public long tokens(int layer, int expert) {
        return (long) layers.get(layer).tokens[expert];
    }

    /** The share of tokens routed to an expert, 0 to 1; over a layer these sum up to the experts of a token. */
    @Override
    public double frequency(int layer, int expert) {
        return layers.get(layer).tokens[expert] / (double) header.tokens();
    }

    /** The mean routing weight of the tokens routed to an expert; 0 when there are none. */
    @Override
    public double meanWeight(int layer, int expert) {
        return layers.get(layer).weight[expert];
    }

    /** The mean squared routing weight of the tokens routed to an expert; 0 when there are none. */
    public double meanSquaredWeight(int layer, int expert) {
        return layers.get(layer).squaredWeight[expert];
    }

    /** Tokens routed to an expert and, in the next layer of experts, to expert {@code next}. */
    public long coactivation(int layer, int expert, int next) {
        return (long) layers.get(layer).coactivation[expert * experts(layer + 1) + next];
    }

    /** The mean over all tokens of what an expert adds to them, squared: its output times the routing weight. */
    @Override
    public double energy(int layer, int expert) {
        return layers.get(layer).energy[expert];
    }

    /**
     * The error of an expert's output when one matrix is quantised and everything else exact: squared, weighted by the squared routing
     * weight, relative to the output's square; by calibration rows.
     *
     * @param bits one of {@link #WIDTHS}
     */
    @Override
    public double outputError(MatrixPlace place, int bits) {
        int width = WIDTHS.indexOf(bits);
        if (width < 0) {
            throw new IllegalArgumentException(bits + " bits, expected one of " + WIDTHS);
        }
        int matrix = place.expert() * MATRICES + place.matrix().ordinal();
        return layers.get(place.layer()).error[matrix * WIDTHS.size() + width];
    }

    /** How much of the loss, in nats per token, a relative output error of 1 would be if it grew in proportion; 0 if not measured. */
    public double sensitivity(MatrixPlace place) {
        return layers.get(place.layer())
                .sensitivity[place.expert() * MATRICES + place.matrix().ordinal()];
    }

    /**
     * The predicted loss of one quantised matrix: sensitivity times output error; where sensitivity was not measured the squared error
     * of the layer's output, which compares matrices but is no loss.
     */
    @Override
    public double loss(MatrixPlace place, int bits) {
        double factor = hasSensitivity() ? sensitivity(place) : energy(place.layer(), place.expert());
        return factor * outputError(place, bits);
    }

    /**
     * How much each layer bears when precision gives way at run time; empty where that or sensitivity was not measured.
     *
     * @param bits of each matrix's codes, 0 for those that are kept as they are
     */
    public List<LayerSensitivity> sensitivities(ToIntFunction<MatrixPlace> bits) {
        if (!hasSensitivity() || !source.has(name(0, "lower_error"))) {
            return List.of();
        }
        List<float[]> leftOut = new ArrayList<>();
        double most = 0;
        for (int layer = 0; layer < layers(); layer++) {
            float[] sums = source.floats(layer, "left_out", 2);
            leftOut.add(sums);
            most = Math.max(most, sums[1] > 0 ? sums[0] / (double) sums[1] : 0);
        }
        List<LayerSensitivity> found = new ArrayList<>();
        for (int layer = 0; layer < layers(); layer++) {
            float[] sums = leftOut.get(layer);
            List<Double> squares = new ArrayList<>();
            for (float square : source.floats(layer, "squared_shares", LayerSensitivity.RANGES)) {
                squares.add((double) square);
            }
            List<Double> losses = new ArrayList<>();
            List<Double> frequencies = new ArrayList<>();
            float[] lower = source.floats(layer, "lower_error", experts(layer), MATRICES, WIDTHS.size());
            for (int expert = 0; expert < experts(layer); expert++) {
                losses.add(lowerLoss(layer, expert, lower, bits));
                frequencies.add(frequency(layer, expert));
            }
            // A layer that had nothing to leave out is taken for as sensitive as any.
            double sensitivity = sums[1] > 0 ? sums[0] / (double) sums[1] : most;
            found.add(new LayerSensitivity(sensitivity, squares, losses, frequencies));
        }
        return List.copyOf(found);
    }

    /** What the loss grows by when an expert is read at its lower width instead of as a whole. */
    private double lowerLoss(int layer, int expert, float[] lower, ToIntFunction<MatrixPlace> bits) {
        double loss = 0;
        for (ExpertMatrix matrix : matrices(layer)) {
            MatrixPlace place = new MatrixPlace(layer, expert, matrix);
            int width = bits.applyAsInt(place);
            if (width > 0 && GroupedCodes.baseBits(width) < width) {
                int at = (expert * MATRICES + matrix.ordinal()) * WIDTHS.size() + WIDTHS.indexOf(width);
                loss += sensitivity(place) * Math.max(0, lower[at] - outputError(place, width));
            }
        }
        return loss;
    }

    /**
     * Second moments of a matrix's inputs over the tokens routed to its expert, weighted by the squared routing weight: the mean of
     * {@code w^2 x x^T} over the mean of {@code w^2}.
     *
     * @throws InvalidInputException when the file holds impossible values there
     */
    public InputMoments moments(MatrixPlace place) {
        return source.moments(place, tokens(place.layer(), place.expert()));
    }

    /**
     * The second moments by which a matrix should be quantised: its own, drawn a little towards what is known without them, see
     * {@link SteadyMoments}.
     *
     * @return null when nothing is known
     */
    public InputMoments quantisingMoments(MatrixPlace place) {
        return SteadyMoments.of(
                moments(place),
                place.matrix(),
                () -> pooled.computeIfAbsent(place.layer(), layer -> pooledMoments(layer, ExpertMatrix.GATE)));
    }

    /** Tokens whose rows are kept. */
    public int rowTokens() {
        return header.rowTokens();
    }

    /** The kept tokens' rows of a layer. */
    TokenRows rows(int layer) {
        return source.rows(layer);
    }

    /** Fits down matrices to the kept rows; null for an expert that none of them has met. */
    public ExpertFit fit(Graph graph, int layer, int expert) {
        if (header.rowTokens() == 0) {
            return null;
        }
        DownFit fit = fits.get(layer);
        if (fit == null) {
            forget(layer - 1);
            fit = new DownFit(
                    graph, RoutedLayer.of(source.path().toString(), graph).get(layer), rows(layer));
            fits.put(layer, fit);
        }
        return fit.of(expert);
    }

    /** Experts are fitted in order: what layers before this one had is needed no more, unless somebody asks again. */
    private void forget(int layer) {
        for (int known : fits.keySet()) {
            if (known < layer) {
                fits.remove(known);
                pooled.remove(known);
                source.releaseRows(known);
            }
        }
    }

    /** The mean of the second moments of a layer's experts, each counted with its tokens times its mean squared weight. */
    public InputMoments pooledMoments(int layer, ExpertMatrix matrix) {
        LayerShape shape = header.layers().get(layer);
        double[] sums = new double[Math.toIntExact(InputMoments.length(shape.inputs(matrix), shape.block(matrix)))];
        double total = 0;
        long samples = 0;
        for (int expert = 0; expert < shape.experts(); expert++) {
            double share = tokens(layer, expert) * meanSquaredWeight(layer, expert);
            float[] values = moments(new MatrixPlace(layer, expert, matrix)).values();
            for (int i = 0; i < values.length; i++) {
                sums[i] += share * values[i];
            }
            total += share;
            samples += tokens(layer, expert);
        }
        float[] mean = new float[sums.length];
        for (int i = 0; i < mean.length && total > 0; i++) {
            mean[i] = (float) (sums[i] / total);
        }
        return new InputMoments(shape.inputs(matrix), shape.block(matrix), samples, mean);
    }

    /** Unmaps the file. */
    @Override
    public void close() {
        source.close();
    }
}
