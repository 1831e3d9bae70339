package tilewright.model.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.TensorInfo;

/** Reads {@code store.json}, which may hold anything. */
final class ManifestReader {
    /** What the file calls itself. */
    static final String FORMAT = "tilewright expert store";

    /** Reads tokens; a whole mapper would take longer to load than the rest of opening a store takes. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final long MAX_BYTES = 64L << 20;
    private static final int MAX_LAYERS = 1 << 16;
    private static final int MAX_EXPERTS = 1 << 20;
    private static final int MAX_EXTENT = 1 << 24;
    private static final int MAX_RANK = 8;
    private static final int MAX_ABSENT = 1 << 18;
    private static final long MAX_NAME_CHARACTERS = 1L << 25;
    private static final int MAX_OPTIONS = 1 << 10;
    private static final String AGAIN = "; the store is damaged, pack the model again";

    private final Path file;

    private ManifestReader(Path file) {
        this.file = file;
    }

    static StoreManifest read(Path folder) {
        return new ManifestReader(folder.resolve(StoreManifest.FILE)).manifest(folder);
    }

    private StoreManifest manifest(Path folder) {
        JsonNode root = tree();
        if (!root.isObject() || !FORMAT.equals(root.path("format").asText())) {
            throw new InvalidInputException(file
                    + ": is not the manifest of an expert store, which begins with \"format\": \"" + FORMAT + "\"");
        }
        long version = number(root, "version", 0, Integer.MAX_VALUE);
        if (version != StoreManifest.VERSION) {
            throw new InvalidInputException(file + ": version is " + version + ", expected " + StoreManifest.VERSION
                    + "; pack the model again, or use the release that packed it");
        }
        JsonNode source = node(root, "source");
        String dense = text(root, "dense");
        if (!dense.equals(StoreManifest.DENSE_GGUF) && !dense.equals(StoreManifest.DENSE_SAFETENSORS)) {
            throw wrong("dense", dense, StoreManifest.DENSE_GGUF + " or " + StoreManifest.DENSE_SAFETENSORS);
        }
        List<StoreManifest.Layer> layers = layers(array(root, "layers", MAX_LAYERS));
        return new StoreManifest(
                folder,
                digest(root),
                new StoreManifest.Source(text(source, "name"), digest(source), text(source, "covers")),
                dense,
                options(node(root, "options")),
                layers,
                absent(array(root, "absent", MAX_ABSENT)),
                root.has("sensitivities")
                        ? sensitivities(array(root, "sensitivities", layers.size()), layers)
                        : List.of(),
                root.has("dense_checksum") ? checksum(node(root, "dense_checksum")) : null);
    }

    private FileChecksum checksum(JsonNode node) {
        String digits = text(node, "crc32c");
        if (!digits.matches("[0-9a-f]{8}")) {
            throw wrong("crc32c", InvalidInputException.quoted(digits), "8 hexadecimal digits");
        }
        return new FileChecksum(number(node, "bytes", 0, Long.MAX_VALUE), Integer.parseUnsignedInt(digits, 16));
    }

    private JsonNode tree() {
        try {
            long bytes = Files.size(file);
            if (bytes > MAX_BYTES) {
                throw new InvalidInputException(
                        file + ": has " + bytes + " bytes, expected at most " + MAX_BYTES + AGAIN);
            }
            try (JsonParser parser = JSON.createParser(Files.readAllBytes(file))) {
                JsonNode root = parser.nextToken() == null ? MissingNode.getInstance() : value(parser);
                if (parser.nextToken() != null) {
                    throw new JsonParseException(parser, "there is more behind the object");
                }
                return root;
            }
        } catch (JsonProcessingException e) {
            String place = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new InvalidInputException(file + ": is not valid JSON" + place + AGAIN, e);
        } catch (IOException e) {
            throw new InvalidInputException(file + ": cannot be read (" + InvalidInputException.reason(e) + ")", e);
        }
    }

    /** The value that begins with the parser's token; ends at its last. */
    private static JsonNode value(JsonParser parser) throws IOException {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                ObjectNode object = nodes.objectNode();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String key = parser.currentName();
                    parser.nextToken();
                    object.set(key, value(parser));
                }
                yield object;
            }
            case START_ARRAY -> {
                ArrayNode array = nodes.arrayNode();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(value(parser));
                }
                yield array;
            }
            case VALUE_STRING -> nodes.textNode(parser.getText());
            case VALUE_NUMBER_INT ->
                parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? nodes.numberNode(parser.getBigIntegerValue())
                        : nodes.numberNode(parser.getLongValue());
            case VALUE_NUMBER_FLOAT -> nodes.numberNode(parser.getDoubleValue());
            case VALUE_TRUE -> nodes.booleanNode(true);
            case VALUE_FALSE -> nodes.booleanNode(false);
            case VALUE_NULL -> nodes.nullNode();
            default -> throw new JsonParseException(parser, "a value is missing");
        };
    }

    private Map<String, String> options(JsonNode node) {
        if (node.size() > MAX_OPTIONS) {
            throw wrong("options", node.size() + " entries", "at most " + MAX_OPTIONS);
        }
        Map<String, String> options = new LinkedHashMap<>();
        // A plain loop: the JVM's first lambda takes longer to begin than everything here.
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            options.put(entry.getKey(), entry.getValue().asText());
        }
        return options;
    }

    private List<StoreManifest.Layer> layers(JsonNode node) {
        List<StoreManifest.Layer> layers = new ArrayList<>();
        for (JsonNode layer : node) {
            layers.add(new StoreManifest.Layer(
                    text(layer, "node"),
                    (int) number(layer, "experts", 1, MAX_EXPERTS),
                    layer.path("gated").asBoolean(true),
                    (int) number(layer, "width", 1, MAX_EXTENT),
                    (int) number(layer, "hidden", 1, MAX_EXTENT),
                    (int) number(layer, "outputs", 1, MAX_EXTENT)));
        }
        return layers;
    }

    private List<LayerSensitivity> sensitivities(JsonNode node, List<StoreManifest.Layer> layers) {
        if (node.size() != layers.size()) {
            throw wrong("sensitivities", node.size() + " entries", "one for each of " + layers.size() + " layers");
        }
        List<LayerSensitivity> known = new ArrayList<>();
        for (JsonNode layer : node) {
            int experts = layers.get(known.size()).experts();
            known.add(new LayerSensitivity(
                    real("sensitivity", layer.path("sensitivity")),
                    reals(layer, "squared_shares", LayerSensitivity.RANGES),
                    reals(layer, "lower_losses", experts),
                    reals(layer, "frequencies", experts)));
        }
        return known;
    }

    private List<Double> reals(JsonNode parent, String key, int count) {
        JsonNode node = array(parent, key, count);
        if (node.size() != count) {
            throw wrong(key, node.size() + " entries", count + " numbers");
        }
        List<Double> values = new ArrayList<>();
        for (JsonNode value : node) {
            values.add(real(key, value));
        }
        return values;
    }

    private double real(String key, JsonNode node) {
        double value = node.isNumber() ? node.doubleValue() : Double.NaN;
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw wrong(key, shortened(node), "numbers from 0 on");
        }
        return value;
    }

    private static String shortened(JsonNode node) {
        String found = node.isMissingNode() ? "missing" : node.toString();
        return found.length() > 40 ? found.substring(0, 40) + "..." : found;
    }

    private List<AbsentGroup> absent(JsonNode node) {
        List<AbsentGroup> groups = new ArrayList<>();
        long tensors = 0;
        long characters = 0;
        for (JsonNode one : node) {
            String name = text(one, "name");
            int count = one.has("count") ? (int) number(one, "count", 1, MAX_ABSENT) : 0;
            if (count > 0 && name.indexOf('*') < 0) {
                throw wrong("absent", name, "a name with a * for the numbers below " + count);
            }
            String label = text(one, "dtype");
            DType dtype = null;
            for (DType type : DType.values()) {
                dtype = type.label().equals(label) ? type : dtype;
            }
            if (dtype == null) {
                throw wrong("dtype", label, "a type of tensors");
            }
            List<Long> shape = new ArrayList<>();
            for (JsonNode extent : array(one, "shape", MAX_RANK)) {
                if (!extent.isIntegralNumber() || !extent.canConvertToLong()) {
                    throw wrong("shape", extent.toString(), "integers");
                }
                shape.add(extent.asLong());
            }
            if (TensorInfo.byteCount(dtype, shape) < 0) {
                throw wrong("shape", shape.toString(), "extents of whole blocks of " + label);
            }
            AbsentGroup group = new AbsentGroup(name, count, dtype, shape);
            tensors += group.tensors();
            characters += (name.length() + 8L) * group.tensors();
            if (tensors > MAX_ABSENT || characters > MAX_NAME_CHARACTERS) {
                throw wrong("absent", tensors + " tensors or more", "at most " + MAX_ABSENT);
            }
            groups.add(group);
        }
        return groups;
    }

    private JsonNode node(JsonNode parent, String key) {
        JsonNode node = parent.path(key);
        if (!node.isObject()) {
            throw wrong(key, node.isMissingNode() ? "missing" : "no object", "an object");
        }
        return node;
    }

    private JsonNode array(JsonNode parent, String key, int most) {
        JsonNode node = parent.path(key);
        if (!node.isArray() || node.size() > most) {
            throw wrong(
                    key,
                    node.isArray() ? node.size() + " entries" : node.isMissingNode() ? "missing" : "no array",
                    "an array of at most " + most);
        }
        return node;
    }

    private String text(JsonNode parent, String key) {
        JsonNode node = parent.path(key);
        if (!node.isTextual()) {
            throw wrong(key, node.isMissingNode() ? "missing" : "no text", "a text");
        }
        return node.textValue();
    }

    private String digest(JsonNode parent) {
        String digest = text(parent, "digest");
        if (!digest.matches("[0-9a-f]{64}")) {
            throw wrong("digest", InvalidInputException.quoted(digest), "64 hexadecimal digits");
        }
        return digest;
    }

    private long number(JsonNode parent, String key, long least, long most) {
        JsonNode node = parent.path(key);
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.asLong() < least || node.asLong() > most) {
            throw wrong(key, shortened(node), "an integer from " + least + " to " + most);
        }
        return node.asLong();
    }

    private InvalidInputException wrong(String key, String value, String expected) {
        return new InvalidInputException(file + ": key '" + key + "' is " + value + ", expected " + expected + AGAIN);
    }
}
