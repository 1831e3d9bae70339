package tilewright.compiler.cli.language;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.model.graph.Add;
import tilewright.model.graph.CausalConv;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Embed;
import tilewright.model.graph.ExpertLinear;
import tilewright.model.graph.Experts;
import tilewright.model.graph.GatedExperts;
import tilewright.model.graph.Graph;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.Linear;
import tilewright.model.graph.LinearRecurrence;
import tilewright.model.graph.MaskedAttention;
import tilewright.model.graph.Node;
import tilewright.model.graph.Op;
import tilewright.model.graph.PositionEmbed;
import tilewright.model.graph.RmsNorm;
import tilewright.model.graph.Router;
import tilewright.model.graph.SelectiveScan;
import tilewright.model.graph.Type;

/** Which part of a language model each parameter belongs to, and how much of it one token reads; found from the graph. */
final class WeightGroups {
    /** A part of a model, in the order in which it is shown. */
    enum Group {
        /** Tables that a token reads one row of. */
        EMBEDDING("embedding"),
        /** Matrices around attention and recurrences. */
        ATTENTION("attention"),
        /** Scores of experts. */
        ROUTER("routers"),
        /** Experts of which each token reads some. */
        EXPERTS("experts"),
        /** Matrices of every token: feed-forward blocks, shared experts. */
        DENSE("feed-forward"),
        /** The matrix that makes logits, also where it is the embedding table. */
        HEAD("head"),
        /** Norms, biases and other vectors. */
        SMALL("norms and other");

        private final String label;

        Group(String label) {
            this.label = label;
        }

        /** What a person reads. */
        String label() {
            return label;
        }
    }

    /** One parameter's part and the share of it that a token reads. */
    record Use(Group group, double share) {}

    private final Graph graph;
    private final Map<String, Type> types;
    private final Map<String, Node> producers;
    private final Map<String, Use> uses = new HashMap<>();

    WeightGroups(Graph graph) {
        this.graph = graph;
        this.types = graph.types();
        this.producers = graph.producers();
        Set<Node> mixing = aroundMixers();
        String logits = graph.outputs().get("logits");
        Set<Node> heads = new HashSet<>(straightBefore(logits));
        for (Node node : graph.nodes()) {
            for (int i = 0; i < node.inputs().size(); i++) {
                String input = node.inputs().get(i);
                if (graph.parameters().containsKey(input)) {
                    uses.merge(input, use(node, input, mixing, heads), WeightGroups::larger);
                }
            }
        }
    }

    /** The part of a parameter. */
    Use of(String parameter) {
        return uses.getOrDefault(parameter, new Use(Group.SMALL, 0));
    }

    /** Of two uses of one parameter the one that reads more of it: a tied embedding counts as the head. */
    private static Use larger(Use one, Use other) {
        return other.share() > one.share() ? other : one;
    }

    private Use use(Node node, String parameter, Set<Node> mixing, Set<Node> heads) {
        Type type = types.get(parameter);
        boolean matrix = type.shape().rank() > 1;
        return switch (node.op()) {
            case Embed _, PositionEmbed _ ->
                new Use(Group.EMBEDDING, 1.0 / Math.max(1, type.shape().size(0)));
            case Router _ -> new Use(Group.ROUTER, 1);
            case GatedExperts _, Experts _, ExpertLinear _ -> new Use(Group.EXPERTS, expertShare(node));
            case RmsNorm _, LayerNorm _ -> new Use(Group.SMALL, 1);
            case Linear _ when heads.contains(node) -> new Use(Group.HEAD, 1);
            default -> new Use(!matrix ? Group.SMALL : mixing.contains(node) ? Group.ATTENTION : Group.DENSE, 1);
        };
    }

    /** Experts per token over all queues; identity experts are among both. */
    private double expertShare(Node experts) {
        Node dispatch = producers.get(experts.inputs().getFirst());
        while (!(dispatch.op() instanceof Dispatch)) {
            dispatch = producers.get(dispatch.inputs().getFirst());
        }
        Node router = producers.get(dispatch.inputs().get(1));
        return router.op() instanceof Router(var settings) ? (double) settings.topK() / settings.experts() : 1;
    }

    /** The nodes between the residual stream and what mixes tokens, on both sides of it. */
    private Set<Node> aroundMixers() {
        Map<String, List<Node>> readers = new HashMap<>();
        for (Node node : graph.nodes()) {
            node.inputs()
                    .forEach(input -> readers.computeIfAbsent(input, _ -> new ArrayList<>())
                            .add(node));
        }
        Set<Node> around = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (mixesTokens(node.op())) {
                Deque<Node> before = new ArrayDeque<>(List.of(node));
                while (!before.isEmpty()) {
                    for (String input : before.pop().inputs()) {
                        Node producer = producers.get(input);
                        if (producer != null && !isBorder(producer.op()) && around.add(producer)) {
                            before.push(producer);
                        }
                    }
                }
                Deque<Node> after = new ArrayDeque<>(List.of(node));
                while (!after.isEmpty()) {
                    for (String output : after.pop().outputs()) {
                        for (Node reader : readers.getOrDefault(output, List.of())) {
                            if (!isBorder(reader.op()) && around.add(reader)) {
                                after.push(reader);
                            }
                        }
                    }
                }
            }
        }
        return around;
    }

    private static boolean mixesTokens(Op op) {
        return op instanceof MaskedAttention
                || op instanceof LinearRecurrence
                || op instanceof SelectiveScan
                || op instanceof CausalConv;
    }

    /** Where the residual stream is met. */
    private static boolean isBorder(Op op) {
        return op instanceof Add || op instanceof Embed;
    }

    /** The nodes that lead to a value in a straight line: the head and what is done to its result. */
    private List<Node> straightBefore(String value) {
        List<Node> line = new ArrayList<>();
        Node node = producers.get(value);
        while (node != null && !isBorder(node.op())) {
            line.add(node);
            if (node.op() instanceof Linear) {
                break;
            }
            node = producers.get(node.inputs().getFirst());
        }
        return line;
    }
}
