package tilewright.edge.language;

import java.util.List;
import java.util.Map;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.Graph;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.Node;
import tilewright.model.graph.RmsNorm;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;

/**
 * How a layer's experts are chosen: a router over a norm of the residual stream.
 *
 * @param router scores experts with a matrix of its own
 * @param settings of the router
 * @param norm makes what the router reads
 * @param state the value that the norm reads
 */
record ExpertRouting(Node router, RouterSettings settings, Node norm, String state) {
    /** The routing of a layer of experts; null when there is no such layer, or it is chosen in another way. */
    static ExpertRouting of(Graph graph, int layer) {
        List<ExpertLayer> layers = ExpertLayer.of(graph);
        if (layer >= layers.size()) {
            return null;
        }
        Map<String, Node> producers = graph.producers();
        Node node = producers.get(layers.get(layer).node().inputs().getFirst());
        while (node != null && !(node.op() instanceof Dispatch)) {
            node = producers.get(node.inputs().getFirst());
        }
        Node router = node == null ? null : producers.get(node.inputs().get(1));
        if (router == null
                || !(router.op() instanceof Router(RouterSettings settings))
                || settings.gates() != 1
                || !settings.capacity().isNone()) {
            return null;
        }
        Node norm = producers.get(router.inputs().getFirst());
        return norm != null && (norm.op() instanceof RmsNorm || norm.op() instanceof LayerNorm)
                ? new ExpertRouting(router, settings, norm, norm.inputs().getFirst())
                : null;
    }
}
