package tilewright.hw.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.arith.FixedPoint;
import tilewright.hw.arith.LayerNormParameters;
import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.arith.TableFunction;

/**
 * Random accelerator programs with every kind of step, for tests: a vision transformer with a dense and a
 * Mixture-of-Experts block, random weights and random scales of a sensible size.
 */
public final class RandomProgram {
    /** How values are drawn. */
    public enum Values {
        /** Results mostly inside their ranges. */
        MODERATE,
        /** Weights and biases at the ends of their ranges, scales that saturate. */
        EXTREME,
        /** Moderate, but every token prefers the same experts. */
        ONE_EXPERT,
        /** Moderate, but all experts' scores are equal. */
        TIES
    }

    /**
     * The sizes of a program.
     *
     * @param bits 8 or 16
     * @param geometry of the images
     * @param extraTokens tokens ahead of the patches, at least 2
     * @param heads attention heads
     * @param headSize features per head; heads times this is the width of the model
     * @param hidden of the dense block
     * @param experts of the Mixture-of-Experts block
     * @param topK experts per token
     * @param expertHidden hidden features of an expert
     */
    public record Sizes(
            int bits,
            PatchGeometry geometry,
            int extraTokens,
            int heads,
            int headSize,
            int hidden,
            int experts,
            int topK,
            int expertHidden) {
        int width() {
            return heads * headSize;
        }

        int tokens() {
            return extraTokens + geometry.patches();
        }
    }

    private static final int CLASSES = 5;
    private static final int PIXELS_PER_PATCH = 3;

    private final Sizes sizes;
    private final Values values;
    private final Random random;
    private final IntegerFormat format;
    private final Buffer residual;
    private final Buffer normed;
    private final Buffer qkv;
    private final Buffer context;
    private final Buffer hidden;
    private final Buffer expertHidden;

    private RandomProgram(Sizes sizes, Values values, long seed) {
        this.sizes = sizes;
        this.values = values;
        random = new Random(seed);
        format = new IntegerFormat(sizes.bits());
        int tokens = sizes.tokens();
        residual = Buffer.of("residual", tokens, sizes.width(), format.residualBits(), 1);
        normed = Buffer.of("normed", tokens, sizes.width(), sizes.bits(), 1);
        qkv = new Buffer("qkv", tokens, 3 * sizes.heads(), sizes.headSize(), sizes.bits(), 1);
        context = new Buffer("context", tokens, sizes.heads(), sizes.headSize(), sizes.bits(), 1);
        hidden = Buffer.of("hidden", tokens, sizes.hidden(), sizes.bits(), 1);
        expertHidden = Buffer.of("expert_hidden", tokens, sizes.expertHidden(), sizes.bits(), 1);
    }

    /** A program of two tasks, {@code classes} and {@code patches}, which share all but the router and the heads. */
    public static Program of(Sizes sizes, Values values, long seed) {
        return new RandomProgram(sizes, values, seed).build();
    }

    /** Random images of a program, {@code [channels, height, width]}. */
    public static List<byte[]> images(Program program, int count, long seed) {
        Random random = new Random(seed);
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] image = new byte[program.geometry().imageBytes()];
            random.nextBytes(image);
            images.add(image);
        }
        return images;
    }

    private Program build() {
        List<Step> shared = new ArrayList<>();
        shared.add(new Step.Embed(
                "embed",
                "embed",
                sizes.geometry(),
                layer("embed", sizes.width(), sizes.geometry().patchSize(), format.residualBits() - 2),
                table(),
                sizes.extraTokens(),
                residual));
        shared.addAll(attentionSteps("block0"));
        shared.add(norm("block0.norm2", "block0", new TokenRange(0, sizes.tokens())));
        shared.add(new Step.Linear(
                "block0.fc1",
                "block0",
                normed,
                all(),
                layer("block0.fc1", sizes.hidden(), sizes.width(), activationInputBits()),
                activation(),
                false,
                hidden));
        shared.add(new Step.Linear(
                "block0.fc2",
                "block0",
                hidden,
                all(),
                layer("block0.fc2", sizes.width(), sizes.hidden(), format.residualBits() - 2),
                null,
                true,
                residual));
        List<Step> attention = attentionSteps("block1");
        attention.add(norm("block1.norm2", "block1", all()));
        Step experts = experts();
        List<TaskProgram> tasks = List.of(
                task("classes", shared, attention, experts, classHeads()),
                task("patches", shared, attention, experts, patchHead()));
        return new Program(
                "random",
                format,
                new SoftmaxFormat(Math.max(sizes.tokens(), sizes.experts())),
                sizes.geometry(),
                residual,
                tasks);
    }

    private TaskProgram task(String name, List<Step> shared, List<Step> attention, Step experts, List<Step> heads) {
        List<Step> steps = new ArrayList<>(shared);
        steps.addAll(attention);
        steps.add(route());
        steps.add(experts);
        steps.addAll(heads);
        return new TaskProgram(name, steps, heads.getLast().output());
    }

    private List<Step> attentionSteps(String block) {
        Buffer probe = Buffer.of("", 1, 1, sizes.bits(), 1);
        double activation = FixedPoint.highest(probe.bits()) / 3.0;
        double score = values == Values.EXTREME ? 0x1p8 : 1;
        List<Step> steps = new ArrayList<>();
        steps.add(norm(block + ".norm1", block, all()));
        steps.add(new Step.Linear(
                block + ".qkv",
                block,
                normed,
                all(),
                layer(block + ".qkv", 3 * sizes.width(), sizes.width(), sizes.bits()),
                values == Values.EXTREME ? activation() : null,
                false,
                qkv));
        steps.add(new Step.Attention(
                block + ".attention",
                block,
                qkv,
                sizes.heads(),
                Requantizer.of(score
                        * Math.scalb(3.0, SoftmaxFormat.SCORE_FRACTION)
                        / (activation * activation * Math.sqrt(sizes.headSize()))),
                Requantizer.of(
                        1.7 / (1L << new SoftmaxFormat(Math.max(sizes.tokens(), sizes.experts())).probabilityBits())),
                context));
        steps.add(new Step.Linear(
                block + ".projection",
                block,
                context,
                all(),
                layer(block + ".projection", sizes.width(), sizes.width(), format.residualBits() - 2),
                null,
                true,
                residual));
        return steps;
    }

    private Step norm(String name, String block, TokenRange range) {
        int[] gammas = new int[sizes.width()];
        long[] betas = new long[sizes.width()];
        // Normalised values are 1/sqrt(D) in size: gamma holds sqrt(D) and the output's scale.
        double size = Math.sqrt(sizes.width()) * FixedPoint.highest(sizes.bits()) / 3;
        int shift = LayerNormUnit.NORMALISED_FRACTION + LayerNormUnit.GAMMA_BITS - 2 - Math.getExponent(size);
        for (int i = 0; i < gammas.length; i++) {
            double gain = values == Values.EXTREME ? sign() * 3 : random.nextGaussian();
            gammas[i] = (int) FixedPoint.saturate(
                    Math.round(Math.scalb(size * gain, shift - LayerNormUnit.NORMALISED_FRACTION)),
                    LayerNormUnit.GAMMA_BITS);
            betas[i] = FixedPoint.saturate(
                    Math.round(Math.scalb(random.nextGaussian() * FixedPoint.highest(sizes.bits()) / 8, shift)),
                    LayerNormUnit.BETA_BITS);
        }
        return new Step.Norm(
                name,
                block,
                residual,
                range,
                new LayerNormParameters(gammas, betas, shift, 1 + random.nextInt(1000)),
                normed);
    }

    private Step route() {
        LinearParameters drawn = layer("block1.router", sizes.experts(), sizes.width(), SoftmaxFormat.SCORE_BITS, 16);
        Requantizer[] scales = drawn.scales().clone();
        long[] bias = drawn.bias().clone();
        short[] weights = drawn.weights().clone();
        double typical = FixedPoint.highest(16) / 2.0 * FixedPoint.highest(sizes.bits()) / 3 * Math.sqrt(sizes.width());
        for (int e = 0; e < sizes.experts(); e++) {
            double factor = Math.scalb(values == Values.EXTREME ? 1e6 : 2.0, SoftmaxFormat.SCORE_FRACTION) / typical;
            scales[e] = Requantizer.of(factor);
            if (values == Values.TIES) {
                bias[e] = 0;
                System.arraycopy(weights, 0, weights, e * sizes.width(), sizes.width());
            } else if (values == Values.ONE_EXPERT) {
                bias[e] = e < sizes.topK() ? 1L << 44 : 0;
            }
        }
        Buffer ids = Buffer.of("routed", sizes.tokens(), sizes.topK(), format.residualBits(), 1);
        return new Step.Route(
                "block1.router",
                "block1",
                normed,
                new LinearParameters("block1.router", sizes.experts(), sizes.width(), weights, bias, scales),
                sizes.topK(),
                values == Values.EXTREME || sizes.topK() == 3,
                ids);
    }

    private Step experts() {
        List<LinearParameters> first = new ArrayList<>();
        List<LinearParameters> second = new ArrayList<>();
        for (int e = 0; e < sizes.experts(); e++) {
            first.add(layer("expert" + e + ".fc1", sizes.expertHidden(), sizes.width(), activationInputBits()));
            second.add(layer("expert" + e + ".fc2", sizes.width(), sizes.expertHidden(), format.residualBits() - 1));
        }
        return new Step.Experts(
                "block1.experts", "block1", normed, first, activation(), expertHidden, second, residual);
    }

    /** Two heads on one token each, added up, as distilled models have them. */
    private List<Step> classHeads() {
        Buffer logits = Buffer.of("logits", 1, CLASSES, format.residualBits(), 1);
        List<Step> steps = new ArrayList<>();
        steps.add(norm("norm", "head", new TokenRange(0, 2)));
        for (int t = 0; t < 2; t++) {
            steps.add(new Step.Linear(
                    "head" + t,
                    "head",
                    normed,
                    new TokenRange(t, 1),
                    layer("head" + t, CLASSES, sizes.width(), format.residualBits() - 1),
                    null,
                    t > 0,
                    logits));
        }
        return steps;
    }

    private List<Step> patchHead() {
        TokenRange patches =
                new TokenRange(sizes.extraTokens(), sizes.geometry().patches());
        return List.of(
                norm("norm", "head", patches),
                new Step.Linear(
                        "head",
                        "head",
                        normed,
                        patches,
                        layer("patch_head", PIXELS_PER_PATCH, sizes.width(), format.residualBits()),
                        null,
                        false,
                        Buffer.of("edges", patches.count(), PIXELS_PER_PATCH, format.residualBits(), 1)));
    }

    private int[] table() {
        int[] table = new int[sizes.tokens() * sizes.width()];
        int limit = 1 << (format.residualBits() - (values == Values.EXTREME ? 1 : 3));
        return Arrays.stream(table).map(v -> random.nextInt(2 * limit) - limit).toArray();
    }

    private TokenRange all() {
        return new TokenRange(0, sizes.tokens());
    }

    private int activationInputBits() {
        return sizes.bits() == 8 ? 8 : EvenResidualFunction.INPUT_BITS - 6;
    }

    private ActivationUnit activation() {
        if (sizes.bits() == 8) {
            byte[] table = new byte[256];
            random.nextBytes(table);
            return new TableFunction(table);
        }
        int[] table = new int[200 + random.nextInt(100)];
        for (int i = 0; i < table.length - 1; i++) {
            table[i] = random.nextInt(1 << 21) - (1 << 20);
        }
        return new EvenResidualFunction(table, Requantizer.of(0x1p-9 * (0.5 + random.nextDouble())));
    }

    private LinearParameters layer(String name, int outputs, int inputs, int resultBits) {
        return layer(name, outputs, inputs, resultBits, sizes.bits());
    }

    private LinearParameters layer(String name, int outputs, int inputs, int resultBits, int weightBits) {
        long highest = FixedPoint.highest(weightBits);
        double typical = highest / 2.0 * FixedPoint.highest(sizes.bits()) / 3 * Math.sqrt(inputs);
        short[] weights = new short[outputs * inputs];
        long[] bias = new long[outputs];
        Requantizer[] scales = new Requantizer[outputs];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (short)
                    (values == Values.EXTREME
                            ? (random.nextBoolean() ? highest : -highest - 1)
                            : FixedPoint.saturate(Math.round(random.nextGaussian() * highest / 2), weightBits));
        }
        for (int o = 0; o < outputs; o++) {
            bias[o] = Math.round(random.nextGaussian() * typical / 2);
            double gain =
                    values == Values.EXTREME ? Math.scalb(1.0, random.nextInt(12) - 3) : 0.3 + random.nextDouble();
            scales[o] = Requantizer.of(gain * FixedPoint.highest(resultBits) / 3 / typical);
        }
        scales[random.nextInt(outputs)] = random.nextBoolean() ? new Requantizer(0, 0) : new Requantizer(1 << 30, 95);
        return new LinearParameters(name, outputs, inputs, weights, bias, scales);
    }

    private int sign() {
        return random.nextBoolean() ? 1 : -1;
    }
}
