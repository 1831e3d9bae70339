package tilewright.model.family;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tilewright.model.family.EncoderBuilder.Block;
import tilewright.model.family.EncoderBuilder.FeedForward;
import tilewright.model.graph.Activation;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.RouterSettings.Normalise;
import tilewright.model.graph.SelectTokens;
import tilewright.model.graph.Shape;

/**
 * {@code vit_moe_multitask}: a vision transformer in which the blocks listed in {@code moe_layers} are mixtures of experts
 * with one gate per task, and each task has a linear head on the CLS token ({@code cls}) or on every patch ({@code patch}).
 *
 * <p>Tensors: {@code patch_embed}, {@code cls_token}, {@code pos_embed}, {@code blocks.{i}.norm1|norm2|attn.qkv|attn.proj},
 * {@code .mlp.fc1|fc2} or {@code .mlp.experts.{j}.fc1|fc2} and {@code .mlp.gates.{t}.weight} [E,D], {@code norm},
 * {@code heads.{t}}.
 */
final class VitMoeMultitask implements Family {
    private static final int MAX_WIDTH = 1 << 16;
    private static final int MAX_LAYERS = 1 << 10;
    private static final int MAX_EXPERTS = 1 << 12;

    @Override
    public String modelType() {
        return "vit_moe_multitask";
    }

    /** A task and its head. */
    private record Task(String name, boolean onPatches, int outputs) {}

    @Override
    public BuiltModel build(ModelConfig config, Weights weights) {
        ImageGeometry image = ImageGeometry.read(config);
        int heads = config.whole("num_heads", 1, MAX_WIDTH);
        int hidden = config.whole("hidden_size", 1, MAX_WIDTH);
        if (hidden % heads != 0) {
            throw config.wrong("hidden_size", "is " + hidden + ", expected a multiple of num_heads, " + heads);
        }
        int layers = config.whole("num_layers", 1, MAX_LAYERS);
        List<Integer> moeLayers = config.ascending("moe_layers", 0, layers - 1);
        List<Task> tasks = tasks(config);
        List<String> names = tasks.stream().map(Task::name).toList();
        int mlpHidden = moeLayers.size() < layers ? config.whole("mlp_hidden", 1, MAX_WIDTH) : 0;
        int expertHidden = moeLayers.isEmpty() ? 0 : config.whole("expert_hidden", 1, MAX_WIDTH);
        RouterSettings settings = moeLayers.isEmpty() ? null : router(config, names);

        GraphBuilder graph = new GraphBuilder(modelType());
        EncoderBuilder encoder = new EncoderBuilder(
                graph,
                hidden,
                heads,
                config.number("layer_norm_eps", 1e-15, 1, 1e-6),
                config.activation("hidden_act", Activation.GELU_ERF));
        int tokens = image.patches() + 1;
        String x = encoder.embed(
                image,
                PixelScaling.read(config, image.channels()),
                new Weights.Layer(
                        weights.tensor("patch_embed.weight", hidden, image.channels(), image.patch(), image.patch()),
                        weights.tensor("patch_embed.bias", hidden)),
                List.of(weights.tensor("cls_token", Shape.fixed(1, hidden), 1, 1, hidden)),
                weights.tensor("pos_embed", Shape.fixed(tokens, hidden), 1, tokens, hidden));
        for (int i = 0; i < layers; i++) {
            String prefix = "blocks." + i + ".";
            FeedForward feedForward = moeLayers.contains(i)
                    ? experts(weights, prefix + "mlp.", settings, expertHidden, hidden)
                    : new FeedForward.Dense(
                            weights.linear(prefix + "mlp.fc1", mlpHidden, hidden, true),
                            weights.linear(prefix + "mlp.fc2", hidden, mlpHidden, true));
            x = encoder.block(
                    i,
                    x,
                    new Block(
                            weights.norm(prefix + "norm1", hidden),
                            List.of(weights.linear(prefix + "attn.qkv", 3 * hidden, hidden, true)),
                            weights.linear(prefix + "attn.proj", hidden, hidden, true),
                            weights.norm(prefix + "norm2", hidden),
                            feedForward));
        }
        x = encoder.norm("norm", x, weights.norm("norm", hidden));
        heads(graph, encoder, weights, tasks, x, hidden);
        graph.tasks(names);
        return new BuiltModel(graph.build(), image, List.of());
    }

    private static List<Task> tasks(ModelConfig config) {
        List<Task> tasks = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (ModelConfig task : config.objects("tasks")) {
            task.addName(names, "name", task.string("name"));
            boolean onPatches = task.choice("head", "cls", "patch").equals("patch");
            tasks.add(new Task(names.getLast(), onPatches, task.whole("out", 1, MAX_WIDTH)));
        }
        if (tasks.isEmpty()) {
            throw config.wrong("tasks", "is empty, expected at least one task");
        }
        return tasks;
    }

    private static RouterSettings router(ModelConfig config, List<String> tasks) {
        int experts = config.whole("num_experts", 1, MAX_EXPERTS);
        int topK = config.whole("top_k", 1, MAX_EXPERTS);
        if (topK > experts) {
            throw config.wrong("top_k", "is " + topK + ", expected at most num_experts, " + experts);
        }
        Normalise normalise =
                switch (config.choice("router", "softmax_then_topk", "topk_then_softmax", "sigmoid_then_topk")) {
                    case "softmax_then_topk" -> Normalise.SOFTMAX_BEFORE_SELECT;
                    case "topk_then_softmax" -> Normalise.SOFTMAX_AFTER_SELECT;
                    default -> Normalise.SIGMOID;
                };
        return new RouterSettings(
                experts,
                topK,
                RouterSettings.Score.LINEAR,
                normalise,
                RouterSettings.Select.TOP_K,
                config.bool("norm_topk_prob", false),
                tasks);
    }

    private static FeedForward experts(Weights weights, String prefix, RouterSettings settings, int inner, int hidden) {
        int experts = settings.experts();
        List<Parameter> gates = IntStream.range(0, settings.gateTasks().size())
                .mapToObj(task -> weights.tensor(prefix + "gates." + task + ".weight", experts, hidden))
                .toList();
        return new FeedForward.Moe(
                settings,
                gates,
                new Weights.Layer(
                        weights.stacked(
                                prefix + "experts.fc1.weight", each(prefix, experts, "fc1.weight"), inner, hidden),
                        weights.stacked(prefix + "experts.fc1.bias", each(prefix, experts, "fc1.bias"), inner)),
                new Weights.Layer(
                        weights.stacked(
                                prefix + "experts.fc2.weight", each(prefix, experts, "fc2.weight"), hidden, inner),
                        weights.stacked(prefix + "experts.fc2.bias", each(prefix, experts, "fc2.bias"), hidden)));
    }

    private static List<String> each(String prefix, int experts, String suffix) {
        return IntStream.range(0, experts)
                .mapToObj(expert -> prefix + "experts." + expert + "." + suffix)
                .toList();
    }

    private static void heads(
            GraphBuilder graph, EncoderBuilder encoder, Weights weights, List<Task> tasks, String x, int hidden) {
        String cls = tasks.stream().allMatch(Task::onPatches) ? null : encoder.token("norm.cls", x, 0);
        String patches =
                tasks.stream().anyMatch(Task::onPatches) ? graph.add("norm.patches", new SelectTokens(1, -1), x) : null;
        for (int t = 0; t < tasks.size(); t++) {
            Task task = tasks.get(t);
            Weights.Layer layer = weights.linear("heads." + t, task.outputs(), hidden, true);
            graph.output(task.name(), encoder.linear(task.name(), task.onPatches() ? patches : cls, layer));
        }
    }
}
