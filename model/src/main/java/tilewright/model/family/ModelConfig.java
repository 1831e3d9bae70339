package tilewright.model.family;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.Activation;
import tilewright.model.tensor.NearestName;

/**
 * A {@code config.json}, read key by key with checks: present, of the right type, within its range.
 *
 * <p>Every method throws {@link InvalidInputException} that begins {@code FILE: key 'x'}.
 */
public final class ModelConfig {
    private static final long MAX_BYTES = 16 << 20;
    private static final int MAX_ENTRIES = 1 << 16;
    private static final int MAX_QUOTED = 60;
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // Python writes NaN and Infinity; range checks refuse them where a number matters.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    /** What the {@code hidden_act} names of published configurations mean. */
    private static final Map<String, Activation> ACTIVATIONS = new TreeMap<>(Map.of(
            "gelu", Activation.GELU_ERF,
            "gelu_erf", Activation.GELU_ERF,
            "gelu_new", Activation.GELU_TANH,
            "gelu_pytorch_tanh", Activation.GELU_TANH,
            "quick_gelu", Activation.QUICK_GELU,
            "relu", Activation.RELU,
            "silu", Activation.SILU,
            "swish", Activation.SILU,
            "tanh", Activation.TANH));

    private final Path file;
    private final String prefix;
    private final JsonNode root;

    private ModelConfig(Path file, String prefix, JsonNode root) {
        this.file = file;
        this.prefix = prefix;
        this.root = root;
    }

    /** Reads a file that holds one JSON object. */
    public static ModelConfig read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(
                    file + ": there is no such file; a model is a folder with config.json and" + " model.safetensors");
        }
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new InvalidInputException(
                        file + ": has " + Files.size(file) + " bytes, expected at most " + MAX_BYTES);
            }
            JsonNode root = MAPPER.readTree(Files.readAllBytes(file));
            if (root == null || !root.isObject()) {
                throw new InvalidInputException(file + ": is not a JSON object");
            }
            return new ModelConfig(file, "", root);
        } catch (JsonProcessingException e) {
            String place = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new InvalidInputException(
                    file + ": is not valid JSON" + place + ": " + shortened(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new InvalidInputException(file + ": cannot be read (" + InvalidInputException.reason(e) + ")", e);
        }
    }

    /** The file. */
    public Path file() {
        return file;
    }

    /** The whole object. */
    public JsonNode json() {
        return root;
    }

    /** Whether the key is there and not null. */
    public boolean has(String key) {
        return root.hasNonNull(key);
    }

    /** An error about a key. */
    public InvalidInputException wrong(String key, String problem) {
        return new InvalidInputException(file + ": key '" + prefix + key + "' " + problem);
    }

    /** A whole number in a range. */
    public int whole(String key, int min, int max) {
        JsonNode node = present(key, "a whole number from " + min + " to " + max);
        return whole(key, node, min, max);
    }

    /** A whole number in a range, or {@code absent} when the key is missing. */
    public int whole(String key, int min, int max, int absent) {
        return has(key) ? whole(key, min, max) : absent;
    }

    private int whole(String key, JsonNode node, int min, int max) {
        // 16.0 is written by some tools; 16.5 is not a size.
        boolean whole = node.isNumber() && node.doubleValue() == Math.rint(node.doubleValue());
        if (!whole || node.doubleValue() < min || node.doubleValue() > max) {
            throw wrong(
                    key, "is " + shortened(node.toString()) + ", expected a whole number from " + min + " to " + max);
        }
        return (int) node.doubleValue();
    }

    /** A number or [rows, columns]; always two values. */
    public int[] pair(String key, int min, int max) {
        JsonNode node = present(key, "a whole number or [rows, columns]");
        if (!node.isArray()) {
            int side = whole(key, node, min, max);
            return new int[] {side, side};
        }
        if (node.size() != 2) {
            throw wrong(key, "is " + shortened(node.toString()) + ", expected a whole number or [rows, columns]");
        }
        return new int[] {whole(key, node.get(0), min, max), whole(key, node.get(1), min, max)};
    }

    /** Whole numbers in a range, ascending. */
    public List<Integer> ascending(String key, int min, int max) {
        List<Integer> values = new ArrayList<>();
        for (JsonNode node : array(key, "an array of ascending whole numbers")) {
            int value = whole(key, node, min, max);
            if (!values.isEmpty() && value <= values.getLast()) {
                throw wrong(key, "has " + value + " after " + values.getLast() + ", expected ascending numbers");
            }
            values.add(value);
        }
        return values;
    }

    /** A number in a range. */
    public double number(String key, double min, double max) {
        return number(key, present(key, "a number from " + min + " to " + max), min, max);
    }

    /** A number in a range, or {@code absent} when the key is missing. */
    public double number(String key, double min, double max, double absent) {
        return has(key) ? number(key, min, max) : absent;
    }

    private double number(String key, JsonNode node, double min, double max) {
        if (!node.isNumber() || !(node.doubleValue() >= min && node.doubleValue() <= max)) {
            throw wrong(key, "is " + shortened(node.toString()) + ", expected a number from " + min + " to " + max);
        }
        return node.doubleValue();
    }

    /** One number for all channels or one per channel. */
    public double[] perChannel(String key, int channels, double min, double max) {
        JsonNode node = present(key, "a number or one per channel");
        double[] values = new double[channels];
        if (node.isArray() && node.size() != channels && node.size() != 1) {
            throw wrong(key, "has " + node.size() + " numbers, expected one for each of num_channels, " + channels);
        }
        for (int c = 0; c < channels; c++) {
            values[c] = number(key, node.isArray() ? node.get(node.size() == 1 ? 0 : c) : node, min, max);
        }
        return values;
    }

    /** True or false, or {@code absent} when the key is missing. */
    public boolean bool(String key, boolean absent) {
        if (!has(key)) {
            return absent;
        }
        if (!root.get(key).isBoolean()) {
            throw wrong(key, "is " + shortened(root.get(key).toString()) + ", expected true or false");
        }
        return root.get(key).booleanValue();
    }

    /** A string that is not empty. */
    public String string(String key) {
        return string(key, present(key, "a string"));
    }

    private String string(String key, JsonNode node) {
        if (!node.isTextual() || node.textValue().isEmpty()) {
            throw wrong(key, "is " + shortened(node.toString()) + ", expected a string");
        }
        return node.textValue();
    }

    /** One of a set of strings. */
    public String choice(String key, String... allowed) {
        String value = string(key);
        if (!Arrays.asList(allowed).contains(value)) {
            throw wrong(
                    key,
                    "is " + InvalidInputException.quoted(value) + ", expected one of " + String.join(", ", allowed)
                            + NearestName.hint(value, List.of(allowed)));
        }
        return value;
    }

    /** An activation function by its published name, or {@code absent} when the key is missing. */
    public Activation activation(String key, Activation absent) {
        return has(key) ? ACTIVATIONS.get(choice(key, ACTIVATIONS.keySet().toArray(new String[0]))) : absent;
    }

    /** Names that are distinct and consist of letters, digits, {@code _}, {@code -} and {@code .}. */
    public List<String> names(String key) {
        List<String> names = new ArrayList<>();
        for (JsonNode node : array(key, "an array of names")) {
            addName(names, key, string(key, node));
        }
        return names;
    }

    /** Adds a name to a list; it must be new there and consist of letters, digits, {@code _}, {@code -} and {@code .}. */
    void addName(List<String> names, String key, String name) {
        if (!name.matches("[A-Za-z0-9_.-]{1,64}")) {
            throw wrong(
                    key,
                    "is " + InvalidInputException.quoted(name)
                            + ", expected at most 64 letters, digits, '_', '-' and '.'");
        }
        if (names.contains(name)) {
            throw wrong(key, "has " + InvalidInputException.quoted(name) + " twice");
        }
        names.add(name);
    }

    /** The objects in an array. */
    public List<ModelConfig> objects(String key) {
        List<ModelConfig> objects = new ArrayList<>();
        for (JsonNode node : array(key, "an array of objects")) {
            if (!node.isObject()) {
                throw wrong(key, "has " + shortened(node.toString()) + ", expected objects");
            }
            objects.add(new ModelConfig(file, prefix + key + "[" + objects.size() + "].", node));
        }
        return objects;
    }

    private JsonNode array(String key, String expected) {
        JsonNode node = present(key, expected);
        if (!node.isArray() || node.size() > MAX_ENTRIES) {
            throw wrong(key, "is " + shortened(node.toString()) + ", expected " + expected);
        }
        return node;
    }

    private JsonNode present(String key, String expected) {
        if (!has(key)) {
            List<String> keys = new ArrayList<>();
            root.fieldNames().forEachRemaining(keys::add);
            throw wrong(key, "is missing, expected " + expected + NearestName.hint(key, keys));
        }
        return root.get(key);
    }

    private static String shortened(String text) {
        return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
    }
}
