package tilewright.compiler.pass;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Node;
import tilewright.model.graph.Parameter;

/** Removes nodes and parameters that no output needs; inputs stay. */
public final class DeadCode implements Pass {
    @Override
    public String name() {
        return "dead-code";
    }

    @Override
    public String contract() {
        return "Every node and every parameter is needed by an output.";
    }

    @Override
    public Graph apply(Graph graph) {
        Set<String> needed = new HashSet<>(graph.outputs().values());
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes().reversed()) {
            if (node.outputs().stream().anyMatch(needed::contains)) {
                needed.addAll(node.inputs());
                nodes.add(node);
            }
        }
        Map<String, Parameter> parameters = new LinkedHashMap<>(graph.parameters());
        parameters.keySet().retainAll(needed);
        return graph.with(parameters, nodes.reversed());
    }
}
