package tilewright.model.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a model computes: nodes in topological order over named values.
 *
 * @param name the model's name
 * @param inputs values that the caller feeds
 * @param parameters constants by name, in order of first use
 * @param nodes in topological order
 * @param outputs value name by output name: a task's name, or "logits" and the like
 * @param tasks the tasks among which a run chooses; empty when there is nothing to choose
 */
public record Graph(
        String name,
        List<GraphInput> inputs,
        Map<String, Parameter> parameters,
        List<Node> nodes,
        Map<String, String> outputs,
        List<String> tasks) {
    /** Copies the collections, keeping their order. */
    public Graph {
        inputs = List.copyOf(inputs);
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        nodes = List.copyOf(nodes);
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
        tasks = List.copyOf(tasks);
    }

    /**
     * The type of every input, parameter and value, in that order.
     *
     * @throws InvalidGraphException when a value is undefined or a shape rule is broken
     */
    public Map<String, Type> types() {
        Map<String, Type> types = new LinkedHashMap<>();
        inputs.forEach(input -> types.put(input.name(), input.type()));
        parameters.values().forEach(parameter -> types.put(parameter.name(), parameter.type()));
        for (Node node : nodes) {
            List<Type> made = infer(node, types);
            for (int i = 0; i < made.size(); i++) {
                types.put(node.outputs().get(i), made.get(i));
            }
        }
        return types;
    }

    /** The types of a node's outputs, given the types of what it reads; errors name the node and the operand. */
    static List<Type> infer(Node node, Map<String, Type> types) {
        List<Type> operands = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            String input = node.inputs().get(i);
            Type type = types.get(input);
            if (type == null) {
                throw new InvalidGraphException("node '" + node.name() + "': "
                        + node.op().mnemonic() + " operand " + i + " '" + input + "' is not defined before it");
            }
            operands.add(type);
        }
        List<Type> made;
        try {
            made = node.op().infer(operands);
        } catch (InvalidGraphException e) {
            throw e.at(node);
        }
        if (made.size() != node.outputs().size()) {
            throw new InvalidGraphException("node '" + node.name() + "': "
                    + node.op().mnemonic() + " names " + node.outputs().size() + " outputs, expected " + made.size());
        }
        return made;
    }

    /** The node that makes each value. */
    public Map<String, Node> producers() {
        Map<String, Node> producers = new LinkedHashMap<>();
        nodes.forEach(node -> node.outputs().forEach(output -> producers.put(output, node)));
        return producers;
    }

    /** How often each value or parameter is read, by nodes and as a graph output. */
    public Map<String, Integer> uses() {
        Map<String, Integer> uses = new LinkedHashMap<>();
        nodes.forEach(node -> node.inputs().forEach(input -> uses.merge(input, 1, Integer::sum)));
        outputs.values().forEach(value -> uses.merge(value, 1, Integer::sum));
        return uses;
    }

    /**
     * The nodes that fetched values need, in order, when some values are given.
     *
     * @param fed names of values that need no node
     * @param fetch names of the values wanted
     */
    public List<Node> needed(Set<String> fed, Collection<String> fetch) {
        Set<String> wanted = new HashSet<>(fetch);
        wanted.removeAll(fed);
        List<Node> needed = new ArrayList<>();
        for (Node node : nodes.reversed()) {
            if (node.outputs().stream().anyMatch(wanted::contains)) {
                needed.add(node);
                node.inputs().stream().filter(input -> !fed.contains(input)).forEach(wanted::add);
            }
        }
        return needed.reversed();
    }

    /**
     * Checks the shapes of values that a caller feeds.
     *
     * @param types of all values, see {@link #types()}
     * @param feeds sizes of each dimension, by value name; dimensions of one symbol must agree among them
     * @throws InvalidGraphException naming the value that does not exist or has another shape
     */
    public static void checkFeeds(Map<String, Type> types, Map<String, int[]> feeds) {
        Map<String, Integer> symbols = new HashMap<>();
        feeds.forEach((value, sizes) -> {
            Type type = types.get(value);
            if (type == null) {
                throw new InvalidGraphException("feed '" + value + "' names no value of the graph");
            }
            Map<String, Integer> here = new HashMap<>(symbols);
            boolean fits = sizes.length == type.shape().rank();
            for (int axis = 0; fits && axis < sizes.length; axis++) {
                int size = sizes[axis];
                fits = switch (type.shape().dim(axis)) {
                    case Dim.Fixed(long expected) -> size == expected;
                    case Dim.Symbol(String symbol) -> here.merge(symbol, size, (bound, now) -> bound) == size;
                };
            }
            if (!fits) {
                throw new InvalidGraphException("feed '" + value + "' has shape " + Arrays.toString(sizes)
                        + ", expected " + type + bound(type, symbols));
            }
            symbols.putAll(here);
        });
    }

    /** The symbols of a type that another feed has fixed, such as {@code " with batch 4"}; empty when there are none. */
    private static String bound(Type type, Map<String, Integer> symbols) {
        StringBuilder text = new StringBuilder();
        for (Dim dim : type.shape().dims()) {
            if (dim instanceof Dim.Symbol(String symbol) && symbols.containsKey(symbol)) {
                text.append(" with ").append(symbol).append(' ').append(symbols.get(symbol));
            }
        }
        return text.toString();
    }

    /** This graph with other nodes and parameters. */
    public Graph with(Map<String, Parameter> newParameters, List<Node> newNodes) {
        return new Graph(name, inputs, newParameters, newNodes, outputs, tasks);
    }

    /**
     * This graph for one task: routers keep that task's gate, the outputs are that task's only.
     *
     * <p>What only other tasks needed is left in place, unused.
     *
     * @throws InvalidGraphException when there is no such task
     */
    public Graph forTask(String task) {
        if (!tasks.contains(task)) {
            throw new InvalidGraphException("graph '" + name + "' has no task '" + task + "'; "
                    + (tasks.isEmpty() ? "it has no tasks" : "it has " + String.join(", ", tasks)));
        }
        List<Node> specialised = new ArrayList<>();
        for (Node node : nodes) {
            if (node.op() instanceof Router(RouterSettings settings)
                    && !settings.gateTasks().isEmpty()) {
                int gate = settings.gateTasks().indexOf(task);
                if (gate < 0) {
                    throw new InvalidGraphException("node '" + node.name() + "': router has no gate for task '" + task
                            + "'; it has " + String.join(", ", settings.gateTasks()));
                }
                List<String> inputs = new ArrayList<>(
                        List.of(node.inputs().getFirst(), node.inputs().get(1 + gate)));
                inputs.addAll(node.inputs()
                        .subList(1 + settings.gates(), node.inputs().size()));
                specialised.add(
                        new Node(node.name(), new Router(settings.withGateTasks(List.of())), inputs, node.outputs()));
            } else {
                specialised.add(node);
            }
        }
        return new Graph(name, inputs, parameters, specialised, Map.of(task, outputs.get(task)), List.of());
    }
}
