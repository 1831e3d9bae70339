package tilewright.edge.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Graph;
import tilewright.model.graph.GraphInput;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Node;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.ParameterData;
import tilewright.model.graph.Router;
import tilewright.model.graph.Tensor64;
import tilewright.model.graph.Type;

/**
 * A language model's graph taken apart: what is constant, what the encoder computes once, what all tokens need, and what only
 * the tokens need whose logits are wanted.
 */
final class GraphParts {
    private static final String IDS = "ids";
    private static final String ENCODER_IDS = "encoder_ids";
    private static final String LOGITS = "logits";

    private final Graph graph;
    private final Map<String, Type> types;
    private final Map<String, Constant> constants = new LinkedHashMap<>();
    private final List<Node> encoder = new ArrayList<>();
    private final List<Node> body = new ArrayList<>();
    private final List<Node> tail = new ArrayList<>();
    private final Set<String> encoderValues = new HashSet<>();

    /**
     * Takes a graph apart.
     *
     * @param keep values that are to be computed for every token
     * @throws InvalidGraphException when it is not a language model's graph or a kept value does not exist
     */
    GraphParts(Graph graph, List<String> keep) {
        this.graph = graph;
        this.types = graph.types();
        for (GraphInput input : graph.inputs()) {
            if (!input.name().equals(IDS) && !input.name().equals(ENCODER_IDS)) {
                throw new InvalidGraphException("graph '" + graph.name() + "' has the input '" + input.name()
                        + "', expected " + IDS + " and perhaps " + ENCODER_IDS + " as language models have");
            }
        }
        if (!graph.outputs().containsKey(LOGITS) || !types.containsKey(IDS)) {
            throw new InvalidGraphException("graph '" + graph.name() + "' has no input '" + IDS + "' or no output '"
                    + LOGITS + "', expected a language model");
        }
        for (String value : keep) {
            if (!types.containsKey(value)) {
                throw new InvalidGraphException("graph '" + graph.name() + "' has no value '" + value + "' to keep");
            }
        }
        graph.parameters().values().forEach(parameter -> constants.put(parameter.name(), constant(parameter)));
        List<String> fetched = new ArrayList<>(keep);
        fetched.add(logits());
        List<Node> decoder = new ArrayList<>();
        encoderValues.add(ENCODER_IDS);
        for (Node node : graph.needed(Set.of(), fetched)) {
            if (constants.keySet().containsAll(node.inputs())) {
                fold(node);
            } else if (node.inputs().stream()
                    .allMatch(input -> constants.containsKey(input) || encoderValues.contains(input))) {
                encoder.add(node);
                encoderValues.addAll(node.outputs());
            } else {
                decoder.add(node);
            }
        }
        Set<Node> last = keep.isEmpty() ? tail(decoder) : Set.of();
        for (Node node : gathered(decoder)) {
            (last.contains(node) ? tail : body).add(node);
        }
    }

    /** The value that is the output "logits". */
    String logits() {
        return graph.outputs().get(LOGITS);
    }

    /** Whether there is an encoder. */
    boolean hasEncoder() {
        return types.containsKey(ENCODER_IDS);
    }

    /** The name of the ids that a part reads. */
    static String ids(boolean ofEncoder) {
        return ofEncoder ? ENCODER_IDS : IDS;
    }

    Type type(String value) {
        return types.get(value);
    }

    /** The constant of this name; null when it is none. */
    Constant constant(String name) {
        return constants.get(name);
    }

    /** Whether the encoder makes a value. */
    boolean fromEncoder(String value) {
        return encoderValues.contains(value);
    }

    /** Nodes that need encoder ids alone, in order. */
    List<Node> encoder() {
        return gathered(encoder);
    }

    /** Nodes that all tokens need, in order. */
    List<Node> body() {
        return body;
    }

    /** Nodes after the last one that mixes tokens, in order: only tokens whose logits are wanted need them. */
    List<Node> tail() {
        return tail;
    }

    private static Constant constant(Parameter parameter) {
        return new Constant(parameter.name(), parameter.type().shape(), parameter.data());
    }

    private void fold(Node node) {
        List<Tensor64> operands = new ArrayList<>();
        for (String input : node.inputs()) {
            Constant constant = constants.get(input);
            int[] dims = new int[constant.shape().rank()];
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = constant.dim(axis);
            }
            operands.add(new Tensor64(dims, constant.data().load64()));
        }
        List<Tensor64> results = node.op().evaluate(operands);
        for (int i = 0; i < results.size(); i++) {
            double[] values = results.get(i).data();
            String name = node.outputs().get(i);
            constants.put(name, new Constant(name, types.get(name).shape(), ParameterData.computed(values::clone)));
        }
    }

    /** Nodes none of whose descendants mixes tokens, and whose operands can be gathered row by row where they come in. */
    private Set<Node> tail(List<Node> nodes) {
        Map<String, Node> producers = new HashMap<>();
        nodes.forEach(node -> node.outputs().forEach(output -> producers.put(output, node)));
        Set<String> mixed = new HashSet<>();
        Set<Node> last = new LinkedHashSet<>();
        for (Node node : nodes.reversed()) {
            if (StageBinder.mixesTokens(node.op()) || node.outputs().stream().anyMatch(mixed::contains)) {
                mixed.addAll(node.inputs());
            } else {
                last.add(node);
            }
        }
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Node node : List.copyOf(last)) {
                if (last.contains(node)
                        && node.inputs().stream()
                                .anyMatch(input -> producers.containsKey(input)
                                        && !last.contains(producers.get(input))
                                        && !byToken(input))) {
                    remove(node, producers, last);
                    changed = true;
                }
            }
        }
        return last;
    }

    private static void remove(Node node, Map<String, Node> producers, Set<Node> last) {
        if (last.remove(node)) {
            node.inputs().stream()
                    .filter(producers::containsKey)
                    .forEach(input -> remove(producers.get(input), producers, last));
        }
    }

    /** Whether a value has a row for each token. */
    private boolean byToken(String value) {
        return types.get(value).shape().rank() > 1
                && types.get(value).shape().dim(0).equals(Dim.BATCH);
    }

    /** Brings the products of one value together, the router's last, where the first of them stands. */
    private static List<Node> gathered(List<Node> nodes) {
        Map<String, List<Node>> products = new HashMap<>();
        for (Node node : nodes) {
            if (isProduct(node)) {
                List<Node> same = products.computeIfAbsent(node.inputs().getFirst(), _ -> new ArrayList<>());
                int at = same.size();
                while (node.op() instanceof Linear && at > 0 && same.get(at - 1).op() instanceof Router) {
                    at--;
                }
                same.add(at, node);
            }
        }
        List<Node> ordered = new ArrayList<>();
        for (Node node : nodes) {
            if (!isProduct(node)) {
                ordered.add(node);
            } else {
                List<Node> same = products.remove(node.inputs().getFirst());
                if (same != null) {
                    ordered.addAll(same);
                }
            }
        }
        return ordered;
    }

    private static boolean isProduct(Node node) {
        return node.op() instanceof Linear || node.op() instanceof Router;
    }
}
