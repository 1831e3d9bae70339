package tilewright.model.family;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.family.EncoderBuilder.Block;
import tilewright.model.family.EncoderBuilder.FeedForward;
import tilewright.model.graph.Activation;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.Shape;

/**
 * {@code m3vit}: the backbone of M3ViT (Liang et al. 2022, arXiv 2210.14793) as Edge-MoE runs it (arXiv 2305.18691): blocks
 * with {@code mlp.experts} tensors are mixtures of experts with one gate per task; no final normalisation, no heads: each
 * task's output is the tokens after the last block.
 *
 * <p>Tensors, all with an optional {@code module.} in front: {@code backbone.patch_embed.proj}, {@code backbone.cls_token},
 * {@code backbone.pos_embed}, {@code backbone.blocks.{i}.norm1|norm2|attn.qkv|attn.proj}, {@code .mlp.fc1|fc2} or
 * {@code .mlp.experts.htoh4|h4toh} ([E,h,D] and [E,D,h]) and {@code .mlp.gate.{t}.w_gate} [D,E].
 *
 * <p>{@code config.json}: {@code image_size}, {@code patch_size}, {@code num_heads}, {@code top_k}, {@code tasks} (names),
 * {@code pixel_mean}, {@code pixel_std}. Widths, depth and experts are read from the tensors and, where the configuration
 * gives them ({@code hidden_size}, {@code num_layers}, {@code num_experts}, {@code mlp_hidden}, {@code expert_hidden}),
 * compared.
 */
final class M3Vit implements Family {
    private static final int MAX_WIDTH = 1 << 16;

    @Override
    public String modelType() {
        return "m3vit";
    }

    @Override
    public BuiltModel build(ModelConfig config, Weights weights) {
        ImageGeometry image = ImageGeometry.read(config);
        String backbone = weights.has("module.backbone.cls_token") ? "module.backbone." : "backbone.";
        int hidden = agreed(config, "hidden_size", weights.sizes(backbone + "cls_token", 3)[2]);
        int heads = config.whole("num_heads", 1, MAX_WIDTH);
        if (hidden % heads != 0) {
            throw config.wrong("num_heads", "is " + heads + ", expected a divisor of the width, " + hidden);
        }
        int layers = agreed(config, "num_layers", weights.count(backbone + "blocks.", ".norm1.weight"));
        if (layers == 0) {
            weights.norm(backbone + "blocks.0.norm1", hidden);
        }
        List<String> tasks = config.names("tasks");
        if (tasks.isEmpty()) {
            throw config.wrong("tasks", "is empty, expected at least one name");
        }

        GraphBuilder graph = new GraphBuilder(modelType());
        EncoderBuilder encoder = new EncoderBuilder(
                graph,
                hidden,
                heads,
                config.number("layer_norm_eps", 1e-15, 1, 1e-6),
                config.activation("hidden_act", Activation.GELU_ERF));
        int tokens = image.patches() + 1;
        int patch = image.patch();
        String x = encoder.embed(
                image,
                PixelScaling.read(config, image.channels()),
                new Weights.Layer(
                        weights.tensor(backbone + "patch_embed.proj.weight", hidden, image.channels(), patch, patch),
                        weights.tensor(backbone + "patch_embed.proj.bias", hidden)),
                List.of(weights.tensor(backbone + "cls_token", Shape.fixed(1, hidden), 1, 1, hidden)),
                weights.tensor(backbone + "pos_embed", Shape.fixed(tokens, hidden), 1, tokens, hidden));
        for (int i = 0; i < layers; i++) {
            String prefix = backbone + "blocks." + i + ".";
            boolean mixture = weights.has(prefix + "mlp.experts.htoh4.weight");
            x = encoder.block(
                    i,
                    x,
                    new Block(
                            weights.norm(prefix + "norm1", hidden),
                            List.of(weights.linear(
                                    prefix + "attn.qkv", 3 * hidden, hidden, weights.has(prefix + "attn.qkv.bias"))),
                            weights.linear(prefix + "attn.proj", hidden, hidden, true),
                            weights.norm(prefix + "norm2", hidden),
                            mixture
                                    ? experts(config, weights, prefix + "mlp.", tasks, hidden)
                                    : dense(config, weights, prefix + "mlp.", hidden)));
        }
        for (String task : tasks) {
            graph.output(task, x);
        }
        graph.tasks(tasks);
        return new BuiltModel(graph.build(), image, List.of());
    }

    private static FeedForward dense(ModelConfig config, Weights weights, String prefix, int hidden) {
        int inner = agreed(config, "mlp_hidden", weights.sizes(prefix + "fc1.weight", 2)[0]);
        return new FeedForward.Dense(
                weights.linear(prefix + "fc1", inner, hidden, true),
                weights.linear(prefix + "fc2", hidden, inner, true));
    }

    private static FeedForward experts(
            ModelConfig config, Weights weights, String prefix, List<String> tasks, int hidden) {
        int[] sizes = weights.sizes(prefix + "experts.htoh4.weight", 3);
        int experts = agreed(config, "num_experts", sizes[0]);
        int inner = agreed(config, "expert_hidden", sizes[1]);
        int topK = config.whole("top_k", 1, MAX_WIDTH);
        if (topK > experts) {
            throw config.wrong("top_k", "is " + topK + ", expected at most the number of experts, " + experts);
        }
        boolean shared = weights.has(prefix + "gate.w_gate");
        List<Parameter> gates = new ArrayList<>();
        if (shared) {
            gates.add(weights.transposed(prefix + "gate.w_gate", experts, hidden));
        } else {
            for (int task = 0; task < tasks.size(); task++) {
                gates.add(weights.transposed(prefix + "gate." + task + ".w_gate", experts, hidden));
            }
            int found = weights.count(prefix + "gate.", ".w_gate");
            if (found != tasks.size()) {
                throw config.wrong(
                        "tasks",
                        "names " + tasks.size() + " tasks, expected " + found + ", one for each gate in " + prefix
                                + "gate");
            }
        }
        return new FeedForward.Moe(
                RouterSettings.softmaxThenTopK(experts, topK, shared ? List.of() : tasks),
                gates,
                new Weights.Layer(
                        weights.tensor(prefix + "experts.htoh4.weight", experts, inner, hidden),
                        weights.tensor(prefix + "experts.htoh4.bias", experts, inner)),
                new Weights.Layer(
                        weights.tensor(prefix + "experts.h4toh.weight", experts, hidden, inner),
                        weights.tensor(prefix + "experts.h4toh.bias", experts, hidden)));
    }

    /** A size read from the tensors, compared with the configuration where that gives it. */
    private static int agreed(ModelConfig config, String key, int found) {
        int stated = config.whole(key, 1, 1 << 24, found);
        if (stated != found) {
            throw config.wrong(key, "is " + stated + ", but the tensors have " + found);
        }
        return found;
    }
}
