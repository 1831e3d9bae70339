package tilewright.model.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds a graph node by node, checking each shape as it is added. */
public final class GraphBuilder {
    private final String name;
    private final List<GraphInput> inputs = new ArrayList<>();
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, String> outputs = new LinkedHashMap<>();
    private final Map<String, Type> types = new LinkedHashMap<>();
    private List<String> tasks = List.of();

    /** An empty graph of this name. */
    public GraphBuilder(String name) {
        this.name = name;
    }

    /** Adds an input and returns its name. */
    public String input(String input, Type type) {
        define(input, type);
        inputs.add(new GraphInput(input, type));
        return input;
    }

    /** Adds a parameter, unless one of this name and type is there, and returns its name. */
    public String parameter(String parameter, Type type, ParameterData data) {
        Parameter existing = parameters.get(parameter);
        if (existing == null || !existing.type().equals(type)) {
            define(parameter, type);
            parameters.put(parameter, new Parameter(parameter, type, data));
        }
        return parameter;
    }

    /** Adds a node whose only output has the node's name, and returns that name. */
    public String add(String node, Op op, String... operands) {
        add(node, op, List.of(operands), List.of(node));
        return node;
    }

    /** Adds a node with these outputs, and returns their names. */
    public List<String> add(String node, Op op, List<String> operands, List<String> results) {
        Node added = new Node(node, op, operands, results);
        List<Type> made = Graph.infer(added, types);
        for (int i = 0; i < made.size(); i++) {
            define(results.get(i), made.get(i));
        }
        nodes.add(added);
        return results;
    }

    /** The type of an input, parameter or value that has been added. */
    public Type type(String value) {
        return types.get(value);
    }

    /** Declares a graph output. */
    public void output(String output, String value) {
        outputs.put(output, value);
    }

    /** Declares the tasks among which a run chooses. */
    public void tasks(List<String> names) {
        tasks = List.copyOf(names);
    }

    /** The finished graph. */
    public Graph build() {
        return new Graph(name, inputs, parameters, nodes, outputs, tasks);
    }

    private void define(String value, Type type) {
        if (types.putIfAbsent(value, type) != null) {
            throw new InvalidGraphException("graph '" + name + "': '" + value + "' is defined twice");
        }
    }
}
