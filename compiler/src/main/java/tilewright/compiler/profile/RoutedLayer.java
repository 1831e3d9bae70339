package tilewright.compiler.profile;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Node;
import tilewright.model.graph.Router;
import tilewright.model.graph.ScaleQueue;

/**
 * A layer of experts and the values of the graph from which its queues can be made again.
 *
 * @param experts the layer
 * @param router the node that chooses, before which everything is as it would be with other experts
 * @param tokens the value whose rows are sent to experts
 * @param ids the router's choice, [tokens, topK]
 * @param weights the routing weights, [tokens, topK]
 * @param topK experts of a token
 * @param queues queues that the router fills: the experts' and then those that are copied through
 * @param split whether each of a token's experts gets its own part of the row
 * @param scaled whether rows are multiplied by the routing weight before the experts
 * @param weighted whether outputs are multiplied by it
 */
record RoutedLayer(
        ExpertLayer experts,
        String router,
        String tokens,
        String ids,
        String weights,
        int topK,
        int queues,
        boolean split,
        boolean scaled,
        boolean weighted) {
    /**
     * The layers of experts of a graph, in the order of its nodes.
     *
     * @param place what messages begin with: the model
     * @throws InvalidInputException when there are none, or a queue does not come from a router
     */
    static List<RoutedLayer> of(String place, Graph graph) {
        Map<String, Node> producers = graph.producers();
        List<RoutedLayer> layers = new ArrayList<>();
        for (ExpertLayer experts : ExpertLayer.of(graph)) {
            Node source = producers.get(experts.node().inputs().getFirst());
            boolean scaled = source != null && source.op() instanceof ScaleQueue;
            if (scaled) {
                source = producers.get(source.inputs().getFirst());
            }
            if (source == null || !(source.op() instanceof Dispatch(int queues, boolean split))) {
                throw new InvalidInputException(place + ": the queue of node '"
                        + experts.node().name() + "' does not come from a dispatch; the layer cannot be profiled");
            }
            Node router = producers.get(source.inputs().get(1));
            if (router == null || !(router.op() instanceof Router(var settings))) {
                throw new InvalidInputException(place + ": the experts of node '"
                        + experts.node().name() + "' are not chosen by a router; the layer cannot be profiled");
            }
            String made = experts.node().outputs().getFirst();
            boolean weighted = graph.nodes().stream()
                    .anyMatch(node -> node.op() instanceof Combine(int _, boolean by)
                            && by
                            && node.inputs().getFirst().equals(made));
            layers.add(new RoutedLayer(
                    experts,
                    router.name(),
                    source.inputs().getFirst(),
                    router.outputs().get(0),
                    router.outputs().get(1),
                    settings.topK(),
                    queues,
                    split,
                    scaled,
                    weighted));
        }
        if (layers.isEmpty()) {
            throw new InvalidInputException(place + ": has no layer of experts; there is nothing to profile");
        }
        return layers;
    }

    /** Elements of a token's row before it is sent to experts. */
    int tokenWidth() {
        int width = experts.width(ExpertMatrix.GATE);
        return split ? Math.multiplyExact(width, topK) : width;
    }

    /** The values to keep of a step. */
    static List<String> values(List<RoutedLayer> layers) {
        Set<String> values = new LinkedHashSet<>();
        layers.forEach(layer -> values.addAll(List.of(layer.tokens, layer.ids, layer.weights)));
        return List.copyOf(values);
    }
}
