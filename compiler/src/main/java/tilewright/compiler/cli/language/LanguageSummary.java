package tilewright.compiler.cli.language;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tilewright.compiler.cli.language.WeightGroups.Group;
import tilewright.compiler.cli.language.WeightGroups.Use;
import tilewright.edge.language.CacheFormat;
import tilewright.edge.store.ExpertStore;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.graph.Dim;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;
import tilewright.model.graph.MaskedAttention;
import tilewright.model.graph.Node;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.Router;
import tilewright.model.graph.Shape;
import tilewright.model.graph.Type;
import tilewright.model.store.StoreManifest;

/**
 * What a language model consists of and what one token costs.
 *
 * @param parameters elements of all weights, each counted once
 * @param activeParameters elements that one token reads on average, experts by the router's choice, one row of tables
 * @param weightBytes bytes of all weights as they are stored
 * @param bytesPerToken bytes of weights that decoding one token reads
 * @param routers one for each block with experts, in order
 * @param parts weights by what they do, in order
 * @param cachedElements elements of keys and values that the cache keeps per token
 */
public record LanguageSummary(
        long parameters,
        long activeParameters,
        long weightBytes,
        long bytesPerToken,
        List<Experts> routers,
        Map<String, Part> parts,
        long cachedElements) {
    /** Elements that share a scale in a q8 cache. */
    private static final int CACHE_GROUP = 32;

    /** How many experts a block has, and how many of them a token uses. */
    public record Experts(int experts, int topK) {}

    /**
     * A part of the weights.
     *
     * @param parameters its elements
     * @param bytes as stored
     * @param formats bytes by how they are stored; {@code computed} for what is made from other tensors
     */
    public record Part(long parameters, long bytes, Map<String, Long> formats) {
        private Part plus(long moreParameters, Map<String, Long> more) {
            Map<String, Long> sum = new TreeMap<>(formats);
            more.forEach((format, count) -> sum.merge(format, count, Long::sum));
            return new Part(
                    parameters + moreParameters,
                    bytes + more.values().stream().mapToLong(Long::longValue).sum(),
                    sum);
        }
    }

    /** Counts a model; no weight is loaded. */
    public static LanguageSummary of(LoadedLanguageModel model) {
        Graph graph = model.graph();
        WeightGroups groups = new WeightGroups(graph);
        Map<String, Map<String, Long>> packed = packed(model);
        Map<Group, Part> parts = new EnumMap<>(Group.class);
        long parameters = 0;
        long bytes = 0;
        double active = 0;
        double read = 0;
        for (Parameter parameter : graph.parameters().values()) {
            Use use = groups.of(parameter.name());
            Map<String, Long> formats =
                    packed.containsKey(parameter.name()) ? packed.get(parameter.name()) : formats(parameter);
            long stored = formats.values().stream().mapToLong(Long::longValue).sum();
            parts.merge(
                    use.group(),
                    new Part(0, 0, Map.of()).plus(parameter.elements(), formats),
                    (sum, one) -> sum.plus(one.parameters(), one.formats()));
            parameters += parameter.elements();
            bytes += stored;
            active += use.share() * parameter.elements();
            read += use.share() * stored;
        }
        Map<String, Part> named = new LinkedHashMap<>();
        parts.forEach((group, part) -> named.put(group.label(), part));
        return new LanguageSummary(
                parameters, Math.round(active), bytes, Math.round(read), routers(graph), named, cachedElements(graph));
    }

    /** Bytes of what every token needs: all weights but the experts'. */
    public long denseBytes() {
        Part experts = parts.get(Group.EXPERTS.label());
        return weightBytes - (experts == null ? 0 : experts.bytes());
    }

    /** Bytes by form of the parameters whose matrices lie in an expert store; empty for other models. */
    private static Map<String, Map<String, Long>> packed(LoadedLanguageModel model) {
        if (!StoreManifest.is(model.path())) {
            return Map.of();
        }
        Map<String, Map<String, Long>> packed = new HashMap<>();
        try (ExpertStore store = ExpertStore.open(model.path())) {
            for (ExpertLayer layer : ExpertLayer.of(model.graph())) {
                for (ExpertMatrix matrix : layer.matrices()) {
                    packed.put(layer.parameter(matrix).name(), store.bytesByForm(layer.index(), matrix));
                }
            }
        }
        return packed;
    }

    /** Bytes of a parameter as it is stored. */
    static long storedBytes(Parameter parameter) {
        return formats(parameter).values().stream().mapToLong(Long::longValue).sum();
    }

    private static Map<String, Long> formats(Parameter parameter) {
        Map<String, Long> formats = new TreeMap<>();
        for (EncodedMatrix part : parameter.data().encoded()) {
            formats.merge(part.format().label(), part.bytes().byteSize(), Long::sum);
        }
        return formats.isEmpty() ? Map.of("computed", Float.BYTES * parameter.elements()) : formats;
    }

    private static List<Experts> routers(Graph graph) {
        return graph.nodes().stream()
                .filter(node -> node.op() instanceof Router)
                .map(node -> ((Router) node.op()).settings())
                .map(settings -> new Experts(settings.experts(), settings.topK()))
                .toList();
    }

    private static long cachedElements(Graph graph) {
        Map<String, Type> types = graph.types();
        long elements = 0;
        for (Node node : graph.nodes()) {
            if (node.op() instanceof MaskedAttention(var settings) && settings.causal()) {
                elements += width(types.get(node.inputs().get(1)).shape())
                        + width(types.get(node.inputs().get(2)).shape());
            }
        }
        return elements;
    }

    private static long width(Shape shape) {
        return shape.dim(-1) instanceof Dim.Fixed(long size) ? size : 0;
    }

    /** Bytes that the cache keeps per token; sliding windows keep only their last tokens. */
    public long cacheBytes(CacheFormat format) {
        return switch (format) {
            case F32 -> Float.BYTES * cachedElements;
            case F16 -> Short.BYTES * cachedElements;
            case Q8 -> cachedElements + cachedElements / CACHE_GROUP * Float.BYTES;
        };
    }
}
