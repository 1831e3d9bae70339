package tilewright.compiler.pass;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Node;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.ParameterData;
import tilewright.model.graph.Type;

/** A graph while a pass rewrites it: nodes are replaced in place, so that the order stays topological. */
final class GraphEdit {
    private final Graph graph;
    private final List<Node> nodes;
    private final Map<String, Parameter> parameters;

    GraphEdit(Graph graph) {
        this.graph = graph;
        this.nodes = new ArrayList<>(graph.nodes());
        this.parameters = new LinkedHashMap<>(graph.parameters());
    }

    /** The nodes as they are now. */
    List<Node> nodes() {
        return List.copyOf(nodes);
    }

    /** The node that makes a value, or null for inputs and parameters. */
    Node producer(String value) {
        for (Node node : nodes) {
            if (node.outputs().contains(value)) {
                return node;
            }
        }
        return null;
    }

    /** How often a value is read, by nodes and as a graph output. */
    int uses(String value) {
        int uses = 0;
        for (Node node : nodes) {
            for (String input : node.inputs()) {
                uses += input.equals(value) ? 1 : 0;
            }
        }
        for (String output : graph.outputs().values()) {
            uses += output.equals(value) ? 1 : 0;
        }
        return uses;
    }

    /** Whether a node or value has this name. */
    boolean exists(String name) {
        return parameters.containsKey(name)
                || graph.inputs().stream().anyMatch(input -> input.name().equals(name))
                || nodes.stream()
                        .anyMatch(node ->
                                node.name().equals(name) || node.outputs().contains(name));
    }

    /** A name that does not exist yet: this one, or with a number behind it. */
    String fresh(String name) {
        String candidate = name;
        for (int i = 2; exists(candidate); i++) {
            candidate = name + i;
        }
        return candidate;
    }

    /** Whether all of these names are parameters. */
    boolean areParameters(List<String> names) {
        return parameters.keySet().containsAll(names);
    }

    /** Whether a node is a linear layer whose weight and bias are parameters. */
    boolean isConstantLinear(Node node) {
        return node.op() instanceof Linear
                && areParameters(node.inputs().subList(1, node.inputs().size()));
    }

    /** The parameter of this name, or null. */
    Parameter parameter(String name) {
        return parameters.get(name);
    }

    /** Puts nodes where {@code old} is; none removes it. */
    void replace(Node old, Node... replacements) {
        int at = nodes.indexOf(old);
        nodes.remove(at);
        nodes.addAll(at, List.of(replacements));
    }

    /** Adds a parameter computed from another in float64 when it is loaded; returns its name, {@code source|what}. */
    String derive(String source, String what, Function<double[], double[]> change) {
        ParameterData data = parameters.get(source).data();
        return add(
                source + "|" + what,
                parameters.get(source).type(),
                ParameterData.computed(() -> change.apply(data.load64())));
    }

    /** Adds a parameter under a name that is made unique, and returns that. */
    String add(String name, Type type, ParameterData data) {
        String unique = fresh(name);
        parameters.put(unique, new Parameter(unique, type, data));
        return unique;
    }

    /** The graph as it is now. */
    Graph done() {
        return graph.with(parameters, nodes);
    }
}
