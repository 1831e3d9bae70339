package tilewright.model.family.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Configurations as values of the language, and back as JSON. */
final class Config {
    private Config() {}

    /**
     * A JSON object as a value that keys can be added to; its origin is the path of keys that leads to it, empty or ending in
     * a point.
     */
    static Value.Fields fields(JsonNode object, String path) {
        Map<String, Value> values = new LinkedHashMap<>();
        object.properties()
                .forEach(entry -> values.put(entry.getKey(), value(entry.getValue(), path + entry.getKey())));
        return new Value.Fields(values, path);
    }

    private static Value value(JsonNode node, String path) {
        if (node.isObject()) {
            // Some writers spell infinity as {"__float__": "Infinity"}.
            if (node.size() == 1 && node.path("__float__").isTextual()) {
                return switch (node.path("__float__").textValue()) {
                    case "Infinity" -> new Value.Real(Double.POSITIVE_INFINITY, path);
                    case "-Infinity" -> new Value.Real(Double.NEGATIVE_INFINITY, path);
                    default -> new Value.Real(Double.NaN, path);
                };
            }
            return fields(node, path + ".");
        }
        if (node.isArray()) {
            List<Value> items = new ArrayList<>();
            node.forEach(item -> items.add(value(item, path)));
            return new Value.Items(items, path);
        }
        if (node.isTextual()) {
            return new Value.Text(node.textValue(), path);
        }
        if (node.isBoolean()) {
            return new Value.Truth(node.booleanValue(), path);
        }
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return new Value.Whole(node.longValue(), path);
        }
        if (node.isNumber()) {
            return new Value.Real(node.doubleValue(), path);
        }
        return new Value.Null(path);
    }

    /** A value of another origin: of a default, the key that it stands for. */
    static Value at(Value value, String path) {
        return switch (value) {
            case Value.Whole(long number, String origin) -> new Value.Whole(number, path);
            case Value.Real(double number, String origin) -> new Value.Real(number, path);
            case Value.Text(String text, String origin) -> new Value.Text(text, path);
            case Value.Truth(boolean truth, String origin) -> new Value.Truth(truth, path);
            case Value.Null nothing -> new Value.Null(path);
            case Value.Items(List<Value> items, String origin) -> new Value.Items(items, path);
            case Value.Fields(Map<String, Value> fields, String origin) -> {
                Map<String, Value> values = new LinkedHashMap<>();
                fields.forEach((key, field) -> values.put(key, at(field, path + "." + key)));
                yield new Value.Fields(values, path + ".");
            }
            default -> value;
        };
    }

    /** Numbers, strings, lists and objects as JSON. */
    static JsonNode json(Value value) {
        JsonNodeFactory factory = JsonNodeFactory.instance;
        return switch (value) {
            case Value.Whole(long number, String origin) -> factory.numberNode(number);
            case Value.Real(double number, String origin) -> factory.numberNode(number);
            case Value.Text(String text, String origin) -> factory.textNode(text);
            case Value.Truth(boolean truth, String origin) -> factory.booleanNode(truth);
            case Value.Items(List<Value> items, String origin) -> {
                ArrayNode array = factory.arrayNode();
                items.forEach(item -> array.add(json(item)));
                yield array;
            }
            case Value.Fields(Map<String, Value> fields, String origin) -> {
                ObjectNode object = factory.objectNode();
                fields.forEach((key, field) -> object.set(key, json(field)));
                yield object;
            }
            default -> factory.nullNode();
        };
    }
}
