package tilewright.model.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * A layer of experts of a graph: a node of {@link GatedExperts} or {@link Experts} and the parameters with its matrices.
 *
 * @param index the layer's number among the graph's layers of experts, in the order of its nodes, from 0
 * @param node the experts' node
 * @param gate [experts, hidden, width]; of plain experts their first matrices
 * @param up [experts, hidden, width]; null for plain experts
 * @param down [experts, outputs, hidden]
 */
public record ExpertLayer(int index, Node node, Parameter gate, Parameter up, Parameter down) {
    /**
     * The layers of experts of a graph, in the order of its nodes.
     *
     * @throws InvalidGraphException naming the node when a layer's matrices are no parameters
     */
    public static List<ExpertLayer> of(Graph graph) {
        List<ExpertLayer> layers = new ArrayList<>();
        for (Node node : graph.nodes()) {
            int index = layers.size();
            switch (node.op()) {
                case GatedExperts _ ->
                    layers.add(new ExpertLayer(
                            index,
                            node,
                            parameter(graph, node, 2),
                            parameter(graph, node, 3),
                            parameter(graph, node, 4)));
                case Experts _ -> {
                    boolean biased = node.inputs().size() > 4;
                    Parameter down = parameter(graph, node, biased ? 4 : 3);
                    layers.add(new ExpertLayer(index, node, parameter(graph, node, 2), null, down));
                }
                default -> {}
            }
        }
        return layers;
    }

    private static Parameter parameter(Graph graph, Node node, int operand) {
        Parameter parameter = graph.parameters().get(node.inputs().get(operand));
        if (parameter == null) {
            throw new InvalidGraphException("node '" + node.name() + "': operand " + operand + " '"
                    + node.inputs().get(operand)
                    + "' is computed, expected a parameter that holds the experts' matrices");
        }
        return parameter;
    }

    /** The matrices that an expert has. */
    public List<ExpertMatrix> matrices() {
        return up == null ? List.of(ExpertMatrix.GATE, ExpertMatrix.DOWN) : List.of(ExpertMatrix.values());
    }

    /** The parameter [experts, rows, width] with one matrix of every expert; null for {@code UP} of plain experts. */
    public Parameter parameter(ExpertMatrix matrix) {
        return switch (matrix) {
            case GATE -> gate;
            case UP -> up;
            case DOWN -> down;
        };
    }

    /** The number of experts. */
    public int experts() {
        return gate.type().shape().size(0);
    }

    /** Rows of one expert's matrix. */
    public int rows(ExpertMatrix matrix) {
        return parameter(matrix).type().shape().size(1);
    }

    /** Elements of a row of one expert's matrix. */
    public int width(ExpertMatrix matrix) {
        return parameter(matrix).type().shape().size(2);
    }

    /** Weights of one expert. */
    public long elementsPerExpert() {
        return matrices().stream()
                .mapToLong(matrix -> (long) rows(matrix) * width(matrix))
                .sum();
    }
}
