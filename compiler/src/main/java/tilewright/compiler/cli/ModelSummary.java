package tilewright.compiler.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tilewright.model.family.LoadedModel;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Experts;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Node;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.PatchEmbed;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.Type;

/**
 * What a model consists of and costs.
 *
 * @param parameters weights of the whole model, all tasks
 * @param macs multiply-accumulates per image for one task, the most expensive one
 * @param parts in the order of the data: {@code embed}, {@code block0}, ..., {@code heads}
 */
record ModelSummary(long parameters, long macs, List<Part> parts) {
    private static final Pattern BLOCK = Pattern.compile("block(\\d+)(\\..*)?");

    /**
     * A stretch of the model.
     *
     * @param name {@code embed}, {@code block3}, {@code heads}
     * @param parameters its weights, all tasks
     * @param macs multiply-accumulates per image for one task
     * @param router its router's settings, or null when it has none
     */
    record Part(String name, long parameters, long macs, RouterSettings router) {}

    /** Counts a model; no weight is loaded. */
    static ModelSummary of(LoadedModel model) {
        Graph graph = model.graph();
        Map<String, Part> best = Map.of();
        long most = -1;
        for (Graph variant : variants(graph)) {
            Map<String, Part> parts = parts(graph, variant);
            long macs = parts.values().stream().mapToLong(Part::macs).sum();
            if (macs > most) {
                most = macs;
                best = parts;
            }
        }
        long parameters = graph.parameters().values().stream()
                .mapToLong(Parameter::elements)
                .sum();
        return new ModelSummary(parameters, most, List.copyOf(best.values()));
    }

    private static List<Graph> variants(Graph graph) {
        return graph.tasks().isEmpty()
                ? List.of(graph)
                : graph.tasks().stream().map(graph::forTask).toList();
    }

    private static Map<String, Part> parts(Graph whole, Graph variant) {
        Map<String, Type> types = variant.types();
        Map<String, Node> producers = variant.producers();
        Set<String> live = live(variant);
        Map<String, Long> macs = new LinkedHashMap<>();
        for (Node node : variant.nodes()) {
            boolean counts = node.outputs().stream().anyMatch(live::contains);
            macs.merge(part(node, macs), counts ? macs(node, types, producers) : 0, Long::sum);
        }
        Map<String, Long> parameters = new LinkedHashMap<>();
        Map<String, RouterSettings> routers = new LinkedHashMap<>();
        Set<String> counted = new HashSet<>();
        Map<String, Long> seen = new LinkedHashMap<>();
        for (Node node : whole.nodes()) {
            String part = part(node, seen);
            seen.put(part, 0L);
            for (String input : node.inputs()) {
                Parameter parameter = whole.parameters().get(input);
                if (parameter != null && counted.add(input)) {
                    parameters.merge(part, parameter.elements(), Long::sum);
                }
            }
            if (node.op() instanceof Router(RouterSettings settings)) {
                routers.put(part, settings);
            }
        }
        Map<String, Part> parts = new LinkedHashMap<>();
        macs.forEach((name, count) ->
                parts.put(name, new Part(name, parameters.getOrDefault(name, 0L), count, routers.get(name))));
        return parts;
    }

    /** Blocks by the name of their values; what comes before the first is the embedding, what comes after are heads. */
    private static String part(Node node, Map<String, Long> before) {
        Matcher block = BLOCK.matcher(node.outputs().getFirst());
        if (block.matches()) {
            return "block" + block.group(1);
        }
        return before.keySet().stream().anyMatch(name -> BLOCK.matcher(name).matches()) ? "heads" : "embed";
    }

    private static Set<String> live(Graph graph) {
        Set<String> live = new HashSet<>(graph.outputs().values());
        for (Node node : graph.nodes().reversed()) {
            if (node.outputs().stream().anyMatch(live::contains)) {
                live.addAll(node.inputs());
            }
        }
        return live;
    }

    private static long macs(Node node, Map<String, Type> types, Map<String, Node> producers) {
        List<Type> inputs = new ArrayList<>();
        node.inputs().forEach(input -> inputs.add(types.get(input)));
        return switch (node.op()) {
            case PatchEmbed embed ->
                elements(types.get(node.output()))
                        * inputs.get(1).shape().elements()
                        / inputs.get(1).shape().size(0);
            case Linear linear ->
                elements(types.get(node.output())) * inputs.get(1).shape().size(1);
            case Attention attention ->
                2 * elements(inputs.getFirst()) * inputs.get(1).shape().size(1);
            case Router(RouterSettings settings) -> elements(inputs.getFirst()) * settings.experts();
            case Experts experts -> {
                String ids = producers.get(node.inputs().getFirst()).inputs().get(1);
                yield elements(types.get(ids))
                        * (inputs.get(2).shape().elements()
                                + inputs.get(4).shape().elements())
                        / inputs.get(2).shape().size(0);
            }
            default -> 0;
        };
    }

    /** The elements of a value for one image. */
    private static long elements(Type type) {
        long elements = 1;
        for (Dim dim : type.shape().dims()) {
            elements *= dim instanceof Dim.Fixed(long size) ? size : 1;
        }
        return elements;
    }
}
