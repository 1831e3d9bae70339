package tilewright.model.graph;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The text form of a graph, {@code graph.txt}: equal graphs give equal bytes. */
public final class GraphText {
    private GraphText() {}

    /**
     * Prints a graph: name, tasks, inputs, parameters, one line per node, outputs.
     *
     * <p>{@code %} marks values and {@code @} parameters:
     *
     * <pre>{@code
     * graph vit
     * input %pixels: [batch, 3, 32, 32]
     * parameter @classifier.weight: [10, 64]
     * %logits: [batch, 1, 10] = linear(%norm.cls, @classifier.weight, @classifier.bias)
     * output logits = %logits
     * }</pre>
     *
     * @throws InvalidGraphException when the graph is broken
     */
    public static String print(Graph graph) {
        Map<String, Type> types = graph.types();
        StringBuilder text = new StringBuilder("graph ").append(graph.name()).append('\n');
        if (!graph.tasks().isEmpty()) {
            text.append("tasks ").append(String.join(", ", graph.tasks())).append('\n');
        }
        for (GraphInput input : graph.inputs()) {
            text.append("input %")
                    .append(input.name())
                    .append(": ")
                    .append(input.type())
                    .append('\n');
        }
        for (Parameter parameter : graph.parameters().values()) {
            text.append("parameter @")
                    .append(parameter.name())
                    .append(": ")
                    .append(parameter.type())
                    .append('\n');
        }
        for (Node node : graph.nodes()) {
            text.append(line(graph, node, types)).append('\n');
        }
        graph.outputs()
                .forEach((output, value) -> text.append("output ")
                        .append(output)
                        .append(" = ")
                        .append(reference(graph, value))
                        .append('\n'));
        return text.toString();
    }

    private static String line(Graph graph, Node node, Map<String, Type> types) {
        String results = node.outputs().stream()
                .map(output -> "%" + output + ": " + types.get(output))
                .collect(Collectors.joining(", "));
        String attributes = node.op().attributes();
        return results + " = " + node.op().mnemonic() + "(" + references(graph, node.inputs()) + ")"
                + (attributes.isEmpty() ? "" : " {" + attributes + "}");
    }

    private static String references(Graph graph, List<String> names) {
        return names.stream().map(name -> reference(graph, name)).collect(Collectors.joining(", "));
    }

    private static String reference(Graph graph, String name) {
        return (graph.parameters().containsKey(name) ? "@" : "%") + name;
    }
}
