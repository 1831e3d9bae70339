package tilewright.model.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks that a graph obeys the rules of the IR. */
public final class Verifier {
    private Verifier() {}

    /**
     * Checks names, order, operand numbers, shapes, routers, tasks and outputs; every pass and family is held to this.
     *
     * @throws InvalidGraphException at the first broken rule, in one line that names the node, the operand, what was found
     *     and what was expected
     */
    public static void check(Graph graph) {
        Map<String, Type> types = new LinkedHashMap<>();
        for (GraphInput input : graph.inputs()) {
            define(types, input.name(), input.type(), "input");
        }
        graph.parameters().forEach((name, parameter) -> {
            define(types, name, parameter.type(), "parameter");
            checkParameter(name, parameter);
        });
        checkNodes(graph, types);
        checkExperts(graph);
        checkOutputs(graph, types);
    }

    private static void define(Map<String, Type> types, String name, Type type, String kind) {
        if (name.isEmpty() || name.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
            throw new InvalidGraphException(kind + " '" + name + "' has a name that is empty or has white space in it");
        }
        if (types.put(name, type) != null) {
            throw new InvalidGraphException(kind + " '" + name + "' is defined twice");
        }
    }

    private static void checkParameter(String key, Parameter parameter) {
        if (!key.equals(parameter.name())) {
            throw new InvalidGraphException("parameter '" + parameter.name() + "' is listed as '" + key + "'");
        }
        if (parameter.type().shape().dims().stream().anyMatch(dim -> dim instanceof Dim.Symbol)) {
            throw new InvalidGraphException(
                    "parameter '" + key + "' has shape " + parameter.type() + ", expected fixed sizes");
        }
    }

    private static void checkNodes(Graph graph, Map<String, Type> types) {
        Map<String, Node> producers = graph.producers();
        Set<String> nodes = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (!nodes.add(node.name())) {
                throw new InvalidGraphException("node '" + node.name() + "' is there twice");
            }
            for (int i = 0; i < node.inputs().size(); i++) {
                String input = node.inputs().get(i);
                if (!types.containsKey(input)) {
                    Node later = producers.get(input);
                    throw new InvalidGraphException("node '" + node.name() + "': "
                            + node.op().mnemonic() + " operand " + i + " '" + input
                            + (later == null
                                    ? "' is defined nowhere"
                                    : "' is made later, by node '" + later.name() + "', expected topological order"));
                }
            }
            List<Type> made = Graph.infer(node, types);
            for (int i = 0; i < made.size(); i++) {
                define(types, node.outputs().get(i), made.get(i), "value");
            }
        }
    }

    /** Ids must come from a router over as many experts as there are queues; slots from the queue that they place. */
    private static void checkExperts(Graph graph) {
        Map<String, Node> producers = graph.producers();
        for (Node node : graph.nodes()) {
            switch (node.op()) {
                case Router(RouterSettings settings) -> checkGates(graph, node, settings);
                case Dispatch(int experts, boolean split) -> {
                    Node router = producers.get(node.inputs().get(1));
                    if (router == null || !(router.op() instanceof Router(RouterSettings settings))) {
                        throw new InvalidGraphException("node '" + node.name() + "': dispatch operand 1 '"
                                + node.inputs().get(1) + "' (ids) is not made by a router");
                    }
                    if (settings.experts() != experts) {
                        throw new InvalidGraphException("node '" + node.name() + "': dispatch has " + experts
                                + " queues, expected " + settings.experts() + " as router '" + router.name()
                                + "' has experts");
                    }
                }
                case Combine combine -> checkSlots(producers, node);
                case ScaleQueue scaleQueue -> checkSlots(producers, node);
                case Collect collect -> checkSlots(producers, node);
                default -> {}
            }
        }
    }

    /** Slots place the rows of one dispatch; weights straight from a router must be from the router of that dispatch. */
    private static void checkSlots(Map<String, Node> producers, Node node) {
        Node dispatch = producers.get(node.inputs().get(1));
        if (dispatch == null || !(dispatch.op() instanceof Dispatch)) {
            throw new InvalidGraphException(
                    "node '" + node.name() + "': " + node.op().mnemonic() + " operand 1 '"
                            + node.inputs().get(1) + "' (slots) is not made by a dispatch");
        }
        Node queued = producers.get(dispatch.inputs().get(1));
        Node weighted = producers.get(node.inputs().get(2));
        if (weighted != null && weighted.op() instanceof Router && weighted != queued) {
            throw new InvalidGraphException("node '" + node.name() + "': "
                    + node.op().mnemonic() + " operand 2 '" + node.inputs().get(2) + "' ("
                    + (weighted.outputs().indexOf(node.inputs().get(2)) == 0 ? "ids" : "weights")
                    + ") is made by router '" + weighted.name() + "', expected '"
                    + queued.name() + "' that filled the queues");
        }
    }

    private static void checkGates(Graph graph, Node node, RouterSettings settings) {
        List<String> tasks = settings.gateTasks();
        if (!tasks.isEmpty() && !tasks.equals(graph.tasks())) {
            throw new InvalidGraphException("node '" + node.name() + "': router has gates for tasks " + tasks
                    + ", expected the graph's tasks " + graph.tasks());
        }
    }

    private static void checkOutputs(Graph graph, Map<String, Type> types) {
        if (graph.outputs().isEmpty()) {
            throw new InvalidGraphException("graph '" + graph.name() + "' has no outputs");
        }
        graph.outputs().forEach((output, value) -> {
            if (!types.containsKey(value)) {
                throw new InvalidGraphException(
                        "output '" + output + "' is value '" + value + "', which is defined nowhere");
            }
        });
        List<String> missing = new ArrayList<>(graph.tasks());
        missing.removeAll(graph.outputs().keySet());
        if (!missing.isEmpty()) {
            throw new InvalidGraphException("task '" + missing.getFirst() + "' has no output; outputs are "
                    + String.join(", ", graph.outputs().keySet()));
        }
    }
}
