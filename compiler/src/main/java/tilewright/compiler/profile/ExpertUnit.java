package tilewright.compiler.profile;

import tilewright.edge.matrix.ExpertProduct;
import tilewright.edge.vector.ActivationLoops;
import tilewright.model.graph.Experts;
import tilewright.model.graph.GatedExperts;
import tilewright.model.graph.GatedUnit;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Node;
import tilewright.model.graph.Parameter;

/**
 * What lies between the matrices of a layer's experts.
 *
 * @param gateBias [experts, hidden] or null
 * @param upBias [experts, hidden] or null
 * @param downBias [experts, outputs] or null
 * @param unit the activation; the same numbers on every machine
 */
record ExpertUnit(float[] gateBias, float[] upBias, float[] downBias, ExpertProduct.Unit unit) {
    /** That of a node of experts. */
    static ExpertUnit of(Graph graph, Node node) {
        return switch (node.op()) {
            case GatedExperts op ->
                new ExpertUnit(
                        numbers(graph, node, 5),
                        numbers(graph, node, 6),
                        numbers(graph, node, 7),
                        (gate, up, at, count) -> apply(op.unit(), gate, up, at, count));
            case Experts op -> {
                boolean biased = node.inputs().size() > 4;
                yield new ExpertUnit(
                        biased ? numbers(graph, node, 3) : null,
                        null,
                        biased ? numbers(graph, node, 5) : null,
                        (gate, _, at, count) -> ActivationLoops.apply(op.activation(), gate, at, gate, at, count));
            }
            default -> throw new IllegalArgumentException("node '" + node.name() + "' has no experts");
        };
    }

    private static float[] numbers(Graph graph, Node node, int operand) {
        if (operand >= node.inputs().size()) {
            return null;
        }
        Parameter parameter = graph.parameters().get(node.inputs().get(operand));
        return parameter.data().load();
    }

    private static void apply(GatedUnit unit, float[] gate, float[] up, int at, int count) {
        float limit = (float) unit.limit();
        float offset = (float) unit.upOffset();
        for (int i = at; i < at + count; i++) {
            gate[i] = Math.min(gate[i], limit);
        }
        ActivationLoops.apply(unit.activation(), gate, at, gate, at, count);
        for (int i = at; i < at + count; i++) {
            gate[i] *= Math.min(Math.max(up[i], -limit), limit) + offset;
        }
    }
}
