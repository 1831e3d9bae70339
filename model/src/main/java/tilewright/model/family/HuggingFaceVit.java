package tilewright.model.family;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import tilewright.model.InvalidInputException;
import tilewright.model.family.EncoderBuilder.Block;
import tilewright.model.family.EncoderBuilder.FeedForward;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.Shape;

/**
 * The encoder of {@code vit} and {@code deit} as written by {@code save_pretrained}, in the tensor names of transformers 4
 * ({@code encoder.layer.{i}.attention.attention.query}) or 5 ({@code layers.{i}.attention.q_proj}).
 */
final class HuggingFaceVit {
    private static final int MAX_WIDTH = 1 << 16;
    private static final int MAX_LAYERS = 1 << 10;

    private final ModelConfig config;
    private final Weights weights;
    private final String prefix;
    private final List<String> warnings = new ArrayList<>();

    /** The graph under construction. */
    final GraphBuilder graph;

    /** Builds blocks and layers on it. */
    final EncoderBuilder encoder;

    /** What the model takes. */
    final ImageGeometry image;

    /** The width of a token. */
    final int hidden;

    private final int layers;

    /**
     * Reads and checks the configuration.
     *
     * @param modelType also the prefix that tensor names may have, with a dot
     */
    HuggingFaceVit(String modelType, ModelConfig config, Weights weights) {
        this.config = config;
        this.weights = weights;
        this.prefix = weights.has(modelType + ".embeddings.cls_token") ? modelType + "." : "";
        image = ImageGeometry.read(config);
        hidden = config.whole("hidden_size", 1, MAX_WIDTH);
        layers = config.whole("num_hidden_layers", 1, MAX_LAYERS);
        int heads = config.whole("num_attention_heads", 1, MAX_WIDTH);
        if (hidden % heads != 0) {
            throw config.wrong(
                    "hidden_size", "is " + hidden + ", expected a multiple of num_attention_heads, " + heads);
        }
        graph = new GraphBuilder(modelType);
        encoder = new EncoderBuilder(
                graph,
                hidden,
                heads,
                config.number("layer_norm_eps", 1e-15, 1, 1e-12),
                config.activation("hidden_act", Activation.GELU_ERF));
    }

    /**
     * Builds everything up to the final normalisation.
     *
     * @param prependedTokens names below {@code embeddings.} of the tokens before the patches
     * @param defaultMean of the pixels when no {@code preprocessor_config.json} says it, one per channel of three
     * @return {@code norm}
     */
    String tokens(List<String> prependedTokens, double[] defaultMean, double[] defaultStd) {
        String embeddings = prefix + "embeddings.";
        String projection = embeddings + "patch_embeddings.projection.";
        List<Parameter> prepended = prependedTokens.stream()
                .map(token -> weights.tensor(embeddings + token, Shape.fixed(1, hidden), 1, 1, hidden))
                .toList();
        int count = image.patches() + prepended.size();
        String x = encoder.embed(
                image,
                scaling(defaultMean, defaultStd),
                new Weights.Layer(
                        weights.tensor(projection + "weight", hidden, image.channels(), image.patch(), image.patch()),
                        weights.tensor(projection + "bias", hidden)),
                prepended,
                weights.tensor(embeddings + "position_embeddings", Shape.fixed(count, hidden), 1, count, hidden));
        int inner = config.whole("intermediate_size", 1, MAX_WIDTH);
        boolean bias = config.bool("qkv_bias", true);
        for (int i = 0; i < layers; i++) {
            x = encoder.block(i, x, block(i, inner, bias));
        }
        return encoder.norm("norm", x, weights.norm(prefix + "layernorm", hidden));
    }

    private Block block(int index, int inner, boolean qkvBias) {
        boolean renamed = weights.has(prefix + "layers." + index + ".layernorm_before.weight");
        String layer = prefix + (renamed ? "layers." : "encoder.layer.") + index + ".";
        Stream<String> qkv = renamed
                ? Stream.of("attention.q_proj", "attention.k_proj", "attention.v_proj")
                : Stream.of("attention.attention.query", "attention.attention.key", "attention.attention.value");
        return new Block(
                weights.norm(layer + "layernorm_before", hidden),
                qkv.map(part -> weights.linear(layer + part, hidden, hidden, qkvBias))
                        .toList(),
                weights.linear(layer + (renamed ? "attention.o_proj" : "attention.output.dense"), hidden, hidden, true),
                weights.norm(layer + "layernorm_after", hidden),
                new FeedForward.Dense(
                        weights.linear(layer + (renamed ? "mlp.fc1" : "intermediate.dense"), inner, hidden, true),
                        weights.linear(layer + (renamed ? "mlp.fc2" : "output.dense"), hidden, inner, true)));
    }

    /** Adds the pooler if the checkpoint has one: tanh (or {@code pooler_act}) of a linear layer on the first token. */
    void pooler(String norm) {
        String tensor = prefix + "pooler.dense";
        if (weights.has(tensor + ".weight")) {
            int outputs = weights.sizes(tensor + ".weight", 2)[0];
            String dense = encoder.linear(
                    "pooler", encoder.token("norm.cls", norm, 0), weights.linear(tensor, outputs, hidden, true));
            Activation activation = config.activation("pooler_act", Activation.TANH);
            graph.output("pooler_output", graph.add("pooler_output", new Activate(activation), dense));
        }
    }

    /** A classification head on one token; the number of classes is the tensor's, compared with the configuration. */
    String head(String name, String token, String tensor) {
        int classes = weights.sizes(tensor + ".weight", 2)[0];
        int stated = config.has("id2label")
                ? config.json().get("id2label").size()
                : config.whole("num_labels", 1, MAX_WIDTH, classes);
        if (stated != classes) {
            throw config.wrong(
                    config.has("id2label") ? "id2label" : "num_labels",
                    "has " + stated + " classes, but tensor '" + tensor + ".weight' has " + classes);
        }
        return encoder.linear(name, token, weights.linear(tensor, classes, hidden, true));
    }

    /** The finished model. */
    BuiltModel build() {
        return new BuiltModel(graph.build(), image, warnings);
    }

    private PixelScaling scaling(double[] defaultMean, double[] defaultStd) {
        Path file = config.file().resolveSibling("preprocessor_config.json");
        if (!Files.exists(file)) {
            if (image.channels() != defaultMean.length) {
                throw new InvalidInputException(file + ": there is no such file, and the usual mean and"
                        + " deviation have " + defaultMean.length + " channels, the model " + image.channels()
                        + "; write one with image_mean and image_std");
            }
            warnings.add("no preprocessor_config.json: pixels are scaled to 0..1 and normalised with mean "
                    + Arrays.toString(defaultMean) + " and deviation " + Arrays.toString(defaultStd));
            return new PixelScaling(1 / 255.0, defaultMean, defaultStd);
        }
        ModelConfig preprocessor = ModelConfig.read(file);
        double rescale =
                preprocessor.bool("do_rescale", true) ? preprocessor.number("rescale_factor", 1e-9, 1e9, 1 / 255.0) : 1;
        double[] mean = new double[image.channels()];
        double[] std = new double[image.channels()];
        Arrays.fill(std, 1);
        if (preprocessor.bool("do_normalize", true)) {
            mean = preprocessor.perChannel("image_mean", image.channels(), -1e6, 1e6);
            std = preprocessor.perChannel("image_std", image.channels(), 1e-6, 1e6);
        }
        return new PixelScaling(rescale, mean, std);
    }
}
