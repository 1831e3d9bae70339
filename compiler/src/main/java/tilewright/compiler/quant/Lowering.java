package tilewright.compiler.quant;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.LinearParameters;
import tilewright.hw.program.PatchGeometry;
import tilewright.hw.program.TaskProgram;
import tilewright.hw.program.TokenRange;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Add;
import tilewright.model.graph.Attention;
import tilewright.model.graph.CausalConv;
import tilewright.model.graph.Clamp;
import tilewright.model.graph.Collect;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Concat;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Embed;
import tilewright.model.graph.ExpertLinear;
import tilewright.model.graph.Experts;
import tilewright.model.graph.GatedExperts;
import tilewright.model.graph.GatedUnit;
import tilewright.model.graph.Graph;
import tilewright.model.graph.JoinHeads;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.LightningAttention;
import tilewright.model.graph.Linear;
import tilewright.model.graph.LinearRecurrence;
import tilewright.model.graph.MaskedAttention;
import tilewright.model.graph.Multiply;
import tilewright.model.graph.Node;
import tilewright.model.graph.Normalize;
import tilewright.model.graph.PatchEmbed;
import tilewright.model.graph.PositionEmbed;
import tilewright.model.graph.PositionScale;
import tilewright.model.graph.RmsNorm;
import tilewright.model.graph.Rope;
import tilewright.model.graph.Router;
import tilewright.model.graph.Scale;
import tilewright.model.graph.ScaleQueue;
import tilewright.model.graph.SelectTokens;
import tilewright.model.graph.SelectiveScan;
import tilewright.model.graph.Split;
import tilewright.model.graph.SplitHeads;

/**
 * Lowers one task's graph, after the standard passes, to the steps of the accelerator: says for each operator what does it, or
 * why nothing can.
 */
final class Lowering {
    private final Graph graph;
    private final LoweredTask task;
    private final EmbedLowering embed;
    private final NormLowering norm;
    private final LinearLowering linear;
    private final AttentionLowering attention;
    private final ExpertsLowering experts;

    /** What the tasks of one model share: the residual buffer and the quantised layers, each made once. */
    record Quantised(Buffer residual, SoftmaxFormat softmax, Map<String, LinearParameters> layers) {}

    Lowering(Graph graph, Quantised quantised, IntegerFormat format, Scales scales) {
        this.graph = graph;
        task = new LoweredTask(graph, quantised, format, scales);
        embed = new EmbedLowering(task);
        norm = new NormLowering(task);
        linear = new LinearLowering(task);
        attention = new AttentionLowering(task);
        experts = new ExpertsLowering(task);
    }

    /** The names of all values that the residual stream takes: what patch embedding and every addition make. */
    static Set<String> residualValues(Graph graph) {
        Set<String> values = new LinkedHashSet<>();
        Map<String, Node> producers = graph.producers();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof LayerNorm) {
                String input = node.inputs().getFirst();
                while (producers.get(input) != null && producers.get(input).op() instanceof SelectTokens) {
                    input = producers.get(input).inputs().getFirst();
                }
                values.add(input);
            }
        }
        graph.nodes().stream()
                .filter(node -> node.op() instanceof Add
                        && values.contains(node.inputs().getFirst()))
                .forEach(node -> values.add(node.outputs().getFirst()));
        return values;
    }

    /** The steps, in order, and what they put out. */
    TaskProgram lower() {
        for (Node node : graph.nodes()) {
            if (!task.isFused(node)) {
                lower(node);
            }
        }
        Place result = task.place(task.outputValue());
        return switch (result) {
            case Place.Residual() -> new TaskProgram(task.output(), task.steps(), task.residual());
            case Place.Rows(Buffer buffer, TokenRange tokens)
            when tokens.count() == buffer.tokens() -> new TaskProgram(task.output(), task.steps(), buffer);
            case null, default ->
                throw task.unsupported(
                        task.producer(task.outputValue()),
                        "the output must be all tokens or the result of a linear layer");
        };
    }

    /** The geometry of the task's images, once it is lowered. */
    PatchGeometry geometry() {
        return embed.geometry();
    }

    private void lower(Node node) {
        switch (node.op()) {
            case PatchEmbed _ -> embed.patches(node);
            case Concat _ -> embed.concat(node);
            case Add _ -> embed.add(node);
            case LayerNorm op -> norm.lower(node, op);
            case Linear _ -> linear.lower(node);
            case Split op -> attention.split(node, op);
            case Attention op -> attention.lower(node, op);
            case SelectTokens op -> select(node, op);
            case Router op -> experts.router(node, op.settings());
            case Dispatch op -> experts.dispatch(node, op);
            case Experts op -> experts.experts(node, op.activation());
            case Combine _ -> throw task.unsupported(node, "it must combine what experts on dispatched tokens put out");
            case Activate _ -> throw task.unsupported(node, "an activation must follow a linear layer directly");
            case Normalize _ -> throw task.unsupported(node, "it was not folded into the patch embedding");
            case Scale _ -> throw task.unsupported(node, "it was not folded into a linear layer");
            case CausalConv _,
                    Clamp _,
                    Collect _,
                    Embed _,
                    ExpertLinear _,
                    GatedExperts _,
                    GatedUnit _,
                    JoinHeads _,
                    LightningAttention _,
                    LinearRecurrence _,
                    MaskedAttention _,
                    Multiply _,
                    PositionEmbed _,
                    PositionScale _,
                    RmsNorm _,
                    Rope _,
                    ScaleQueue _,
                    SelectiveScan _,
                    SplitHeads _ ->
                throw task.unsupported(node, "it runs vision transformers; this is an operator of language models");
        }
    }

    private void select(Node node, SelectTokens select) {
        String result = node.outputs().getFirst();
        Place.Rows rows = task.rows(node, node.inputs().getFirst());
        int count = task.shape(result).size(1);
        task.put(
                result,
                new Place.Rows(rows.buffer(), new TokenRange(rows.tokens().first() + select.start(), count)));
    }
}
