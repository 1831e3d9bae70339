package tilewright.model.family.language;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.model.graph.ElementType;
import tilewright.model.graph.Graph;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.Node;
import tilewright.model.graph.Op;
import tilewright.model.graph.ParameterData;
import tilewright.model.graph.Shape;
import tilewright.model.graph.Type;

/**
 * Collects the nodes that a family file makes, and gives them names at the end.
 *
 * <p>A value is called as the file says with {@code as}, or else, behind the scopes around it, after the first variable that it
 * is assigned to, or after its operator; a name that is taken gets a number.
 */
final class Assembler {
    private static final int MAX_NODES = 1 << 18;

    private final GraphBuilder builder;
    private final List<Made> made = new ArrayList<>();
    private final List<Named> values = new ArrayList<>();
    private final Map<String, ParameterData> parameters = new HashMap<>();
    private final Map<String, String> outputs = new LinkedHashMap<>();
    private final Set<String> given = new HashSet<>();
    private final Deque<String> scopes = new ArrayDeque<>();

    /** A node: where it was made, how its outputs are called behind its own name ({@code null}: like variables). */
    private record Made(String name, List<String> suffixes, int firstValue) {}

    /** A value: its name so far, the name that the file gives it, the variable that it was assigned to. */
    private static final class Named {
        private final String provisional;
        private String given;
        private String variable;

        private Named(String provisional) {
            this.provisional = provisional;
        }
    }

    /** A graph of this name, still empty. */
    Assembler(String name) {
        this.builder = new GraphBuilder(name);
    }

    /** Begins a scope; the file ends it by {@link #leave}. */
    void enter(String scope) {
        scopes.push(scoped(scope));
    }

    void leave() {
        scopes.pop();
    }

    private String scoped(String name) {
        return scopes.isEmpty() ? name : scopes.peek() + "." + name;
    }

    Value.Node input(String name, Type type) {
        Named value = new Named(builder.input(name, type));
        value.given = name;
        given.add(name);
        values.add(value);
        return new Value.Node(values.size() - 1);
    }

    void output(String name, Value.Node value) {
        outputs.put(name, values.get(value.id()).provisional);
    }

    Type type(Value.Node value) {
        return builder.type(values.get(value.id()).provisional);
    }

    /**
     * Adds a node.
     *
     * @param operands graph values and weights
     * @param suffixes what its outputs are called behind the node's name, or null for outputs without names of their own
     * @param count how many outputs
     */
    List<Value> add(Op op, List<Value> operands, List<String> suffixes, int count) {
        if (made.size() >= MAX_NODES) {
            throw Fault.author("the graph has more than " + MAX_NODES + " nodes");
        }
        List<String> names = new ArrayList<>();
        for (Value operand : operands) {
            names.add(operandName(op, operand));
        }
        int first = values.size();
        String node = scoped(op.mnemonic());
        List<String> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(node + "#" + (first + i));
        }
        builder.add(node + "#" + first, op, names, results);
        List<Value> nodes = new ArrayList<>();
        for (String result : results) {
            nodes.add(new Value.Node(values.size()));
            values.add(new Named(result));
        }
        made.add(new Made(node, suffixes, first));
        return nodes;
    }

    private String operandName(Op op, Value operand) {
        return switch (operand) {
            case Value.Node(int id) -> values.get(id).provisional;
            case Value.Weight weight -> parameter(weight);
            default ->
                throw Fault.value(
                        operand, "expected a value of the graph or a weight as an operand of " + op.mnemonic());
        };
    }

    private String parameter(Value.Weight weight) {
        ParameterData known = parameters.putIfAbsent(weight.name(), weight.data());
        if (known != null && known != weight.data()) {
            throw Fault.author("two weights are called '" + weight.name() + "'");
        }
        Shape shape =
                Shape.fixed(weight.shape().stream().mapToLong(Long::longValue).toArray());
        return builder.parameter(weight.name(), new Type(shape, ElementType.F32), weight.data());
    }

    /** Names a value after a variable, unless it has a name. */
    void assigned(Value.Node node, String variable) {
        Named value = values.get(node.id());
        if (value.variable == null) {
            value.variable = scoped(variable);
        }
    }

    /** Gives a value its name, behind the scopes around it. */
    void name(Value.Node node, String name) {
        Named value = values.get(node.id());
        if (value.given != null) {
            throw Fault.author(
                    "the value is called '" + value.given + "' already, so it cannot be called '" + scoped(name) + "'");
        }
        value.given = scoped(name);
        if (!given.add(value.given)) {
            throw Fault.author("two values are called '" + value.given + "'");
        }
    }

    /** The graph, with final names. */
    Graph build() {
        Graph graph = builder.build();
        Set<String> taken = new HashSet<>(given);
        taken.addAll(graph.parameters().keySet());
        Map<String, String> names = new HashMap<>();
        List<String> nodeNames = new ArrayList<>();
        for (int i = 0; i < made.size(); i++) {
            Node node = graph.nodes().get(i);
            nodeNames.add(nameNode(made.get(i), node.outputs().size(), taken, names));
        }
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < made.size(); i++) {
            Node node = graph.nodes().get(i);
            nodes.add(new Node(
                    nodeNames.get(i),
                    node.op(),
                    node.inputs().stream()
                            .map(name -> names.getOrDefault(name, name))
                            .toList(),
                    node.outputs().stream().map(names::get).toList()));
        }
        Map<String, String> renamed = new LinkedHashMap<>();
        outputs.forEach((output, value) -> renamed.put(output, names.getOrDefault(value, value)));
        return new Graph(graph.name(), graph.inputs(), graph.parameters(), nodes, renamed, List.of());
    }

    private String nameNode(Made node, int count, Set<String> taken, Map<String, String> names) {
        String only = null;
        String base = count == 1 ? null : free(node.name(), taken);
        for (int i = 0; i < count; i++) {
            Named value = values.get(node.firstValue() + i);
            String name = value.given;
            if (name == null && node.suffixes() != null) {
                name = free(base + "." + node.suffixes().get(i), taken);
            } else if (name == null) {
                name = free(value.variable != null ? value.variable : node.name(), taken);
            }
            names.put(value.provisional, name);
            only = name;
        }
        return count == 1 ? only : base;
    }

    private static String free(String wanted, Set<String> taken) {
        String name = wanted;
        for (int i = 2; !taken.add(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }
}
