package tilewright.model.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a graph in float64: the arbiter that everything else is compared with. */
public final class Interpreter {
    private Interpreter() {}

    /**
     * Computes values of a graph.
     *
     * <p>A feed may name any value, also an intermediate one: evaluation starts there. Only what the fetched values need is
     * evaluated, and a value is dropped after its last use.
     *
     * @param graph specialised to one task if it has tasks and a router is needed
     * @param feeds values by name; dimensions of one symbol must agree among the feeds
     * @param fetch names of values (not of outputs)
     * @return the fetched values
     * @throws InvalidGraphException when a fetched value does not exist, an input is missing, a feed has the wrong shape, or
     *     the graph still has a gate per task
     */
    public static Map<String, Tensor64> run(Graph graph, Map<String, Tensor64> feeds, Collection<String> fetch) {
        Map<String, Type> types = graph.types();
        Map<String, int[]> shapes = new HashMap<>();
        feeds.forEach((name, tensor) -> shapes.put(name, tensor.dims()));
        Graph.checkFeeds(types, shapes);
        for (String value : fetch) {
            if (!types.containsKey(value)) {
                throw new InvalidGraphException("graph '" + graph.name() + "' has no value '" + value + "'");
            }
        }
        List<Node> needed = graph.needed(feeds.keySet(), fetch);
        Map<String, Integer> uses = new HashMap<>();
        needed.forEach(node -> node.inputs().forEach(input -> uses.merge(input, 1, Integer::sum)));
        fetch.forEach(value -> uses.merge(value, 1, Integer::sum));
        Map<String, Tensor64> values = new HashMap<>(feeds);
        for (Node node : needed) {
            List<Tensor64> operands = new ArrayList<>();
            for (String input : node.inputs()) {
                operands.add(value(graph, values, input));
            }
            List<Tensor64> results = evaluate(node, operands);
            for (int i = 0; i < results.size(); i++) {
                // A fed value stays as fed even when its node runs for another output.
                values.putIfAbsent(node.outputs().get(i), results.get(i));
            }
            for (String input : node.inputs()) {
                if (uses.merge(input, -1, Integer::sum) == 0) {
                    values.remove(input);
                }
            }
        }
        Map<String, Tensor64> fetched = new LinkedHashMap<>();
        for (String value : fetch) {
            fetched.put(value, value(graph, values, value));
        }
        return fetched;
    }

    private static List<Tensor64> evaluate(Node node, List<Tensor64> operands) {
        try {
            return node.op().evaluate(operands);
        } catch (InvalidGraphException e) {
            throw e.at(node);
        }
    }

    private static Tensor64 value(Graph graph, Map<String, Tensor64> values, String name) {
        return values.computeIfAbsent(name, absent -> {
            Parameter parameter = graph.parameters().get(absent);
            if (parameter == null) {
                throw new InvalidGraphException(
                        "graph '" + graph.name() + "': input '" + absent + "' is needed but was not fed");
            }
            int[] dims = new int[parameter.type().shape().rank()];
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = parameter.type().shape().size(axis);
            }
            return new Tensor64(dims, parameter.data().load64());
        });
    }
}
