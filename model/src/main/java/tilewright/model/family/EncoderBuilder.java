package tilewright.model.family;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Concat;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Experts;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Op;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.PatchEmbed;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.SelectTokens;
import tilewright.model.graph.Split;
import tilewright.model.graph.Type;

/**
 * Builds a vision transformer with normalisation before each sublayer (Dosovitskiy et al. 2020, arXiv 2010.11929), its
 * blocks dense or mixtures of experts; what all families share.
 *
 * <p>Values: {@code pixels}, {@code pixel_values}, {@code embed}, and for block {@code i} {@code block{i}.norm1},
 * {@code .attn}, {@code .mid}, {@code .norm2}, {@code .router.ids}, {@code .router.weights} and {@code block{i}}.
 */
final class EncoderBuilder {
    private final GraphBuilder graph;
    private final int heads;
    private final int hidden;
    private final double epsilon;
    private final Activation activation;

    /** The numbers that all blocks share. */
    EncoderBuilder(GraphBuilder graph, int hidden, int heads, double epsilon, Activation activation) {
        this.graph = graph;
        this.hidden = hidden;
        this.heads = heads;
        this.epsilon = epsilon;
        this.activation = activation;
    }

    /** What comes after the attention in a block. */
    sealed interface FeedForward {
        /** One MLP for every token. */
        record Dense(Weights.Layer fc1, Weights.Layer fc2) implements FeedForward {}

        /** Experts [E,h,D], [E,h], [E,D,h], [E,D] behind a router with one gate [E,D] per task, or one for all. */
        record Moe(RouterSettings settings, List<Parameter> gates, Weights.Layer fc1, Weights.Layer fc2)
                implements FeedForward {}
    }

    /**
     * The tensors of a block.
     *
     * @param qkv one fused layer [3D,D], or three [D,D] for query, key and value
     */
    record Block(
            Weights.Layer norm1,
            List<Weights.Layer> qkv,
            Weights.Layer projection,
            Weights.Layer norm2,
            FeedForward feedForward) {}

    /**
     * From raw pixels to tokens.
     *
     * @param prepended parameters [n,D] that stand before the patches
     * @param positions [tokens,D]
     * @return {@code embed}
     */
    String embed(
            ImageGeometry image,
            PixelScaling scaling,
            Weights.Layer patchEmbed,
            List<Parameter> prepended,
            Parameter positions) {
        String pixels = graph.input(
                "pixels", Type.f32(Dim.BATCH, Dim.of(image.channels()), Dim.of(image.height()), Dim.of(image.width())));
        String values = graph.add("pixel_values", scaling.operator(), pixels);
        String patches = add("patches", new PatchEmbed(image.patch()), values, patchEmbed);
        List<String> tokens = new ArrayList<>();
        prepended.forEach(parameter -> tokens.add(use(parameter)));
        tokens.add(patches);
        String joined = graph.add("tokens", new Concat(), tokens.toArray(new String[0]));
        return graph.add("embed", new Add(), joined, use(positions));
    }

    /** Adds block {@code index} on the residual stream {@code x} and returns the new residual stream. */
    String block(int index, String x, Block block) {
        String name = "block" + index;
        String norm1 = norm(name + ".norm1", x, block.norm1());
        String attended = attention(name, norm1, block.qkv());
        String attn = linear(name + ".attn", attended, block.projection());
        String mid = graph.add(name + ".mid", new Add(), x, attn);
        String norm2 = norm(name + ".norm2", mid, block.norm2());
        String out = switch (block.feedForward()) {
            case FeedForward.Dense(Weights.Layer fc1, Weights.Layer fc2) -> {
                String inner = linear(name + ".fc1", norm2, fc1);
                yield linear(name + ".fc2", graph.add(name + ".act", new Activate(activation), inner), fc2);
            }
            case FeedForward.Moe moe -> mixture(name, norm2, moe);
        };
        return graph.add(name, new Add(), mid, out);
    }

    /** Adds a normalisation. */
    String norm(String name, String x, Weights.Layer layer) {
        return add(name, new LayerNorm(epsilon), x, layer);
    }

    /** Adds a linear layer. */
    String linear(String name, String x, Weights.Layer layer) {
        return add(name, new Linear(), x, layer);
    }

    /** The token at {@code position}, [B,1,D]. */
    String token(String name, String x, int position) {
        return graph.add(name, new SelectTokens(position, 1), x);
    }

    private String attention(String name, String x, List<Weights.Layer> qkv) {
        List<String> names = List.of(name + ".q", name + ".k", name + ".v");
        if (qkv.size() == 1) {
            String fused = linear(name + ".qkv", x, qkv.getFirst());
            graph.add(name + ".split", new Split(3), List.of(fused), names);
        } else {
            for (int i = 0; i < 3; i++) {
                linear(names.get(i), x, qkv.get(i));
            }
        }
        double scale = 1 / Math.sqrt((double) hidden / heads);
        return graph.add(name + ".attention", new Attention(heads, scale), names.toArray(new String[0]));
    }

    private String mixture(String name, String x, FeedForward.Moe moe) {
        RouterSettings settings = moe.settings();
        List<String> operands = new ArrayList<>(List.of(x));
        moe.gates().forEach(gate -> operands.add(use(gate)));
        List<String> routes = graph.add(
                name + ".router",
                new Router(settings),
                operands,
                List.of(name + ".router.ids", name + ".router.weights"));
        List<String> queues = graph.add(
                name + ".dispatch",
                new Dispatch(settings.experts()),
                List.of(x, routes.get(0)),
                List.of(name + ".queue", name + ".offsets", name + ".slots"));
        String outputs = graph.add(
                name + ".experts",
                new Experts(activation),
                queues.get(0),
                queues.get(1),
                use(moe.fc1().weight()),
                use(moe.fc1().bias()),
                use(moe.fc2().weight()),
                use(moe.fc2().bias()));
        return graph.add(name + ".moe", new Combine(settings.topK()), outputs, queues.get(2), routes.get(1));
    }

    private String add(String name, Op op, String x, Weights.Layer layer) {
        return layer.bias() == null
                ? graph.add(name, op, x, use(layer.weight()))
                : graph.add(name, op, x, use(layer.weight()), use(layer.bias()));
    }

    private String use(Parameter parameter) {
        return graph.parameter(parameter.name(), parameter.type(), parameter.data());
    }
}
