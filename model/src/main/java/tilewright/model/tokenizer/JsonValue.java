package tilewright.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import tilewright.model.InvalidInputException;

/** A value of a JSON file and where it is, so that a wrong one is refused by its path. */
record JsonValue(String file, String path, JsonNode node) {
    /** Whether there is a value, other than null. */
    boolean isPresent() {
        return node != null && !node.isNull() && !node.isMissingNode();
    }

    /** A member; absent if this is no object or has none of that name. */
    JsonValue get(String name) {
        return new JsonValue(file, path.isEmpty() ? name : path + "." + name, node == null ? null : node.get(name));
    }

    boolean isObject() {
        return node != null && node.isObject();
    }

    boolean isArray() {
        return node != null && node.isArray();
    }

    boolean isText() {
        return node != null && node.isTextual();
    }

    String text() {
        if (!isText()) {
            throw unexpected("a string");
        }
        return node.textValue();
    }

    String text(String otherwise) {
        return isPresent() ? text() : otherwise;
    }

    boolean flag(boolean otherwise) {
        if (!isPresent()) {
            return otherwise;
        }
        if (!node.isBoolean()) {
            throw unexpected("true or false");
        }
        return node.booleanValue();
    }

    /** An integer, 0 to {@code most}. */
    int count(int most) {
        if (node == null || !node.isIntegralNumber() || !node.canConvertToInt()) {
            throw unexpected("an integer from 0 to " + most);
        }
        int value = node.intValue();
        if (value < 0 || value > most) {
            throw unexpected("an integer from 0 to " + most);
        }
        return value;
    }

    /** An integer, 0 to {@code most}, if there is a value. */
    OptionalInt optionalCount(int most) {
        return isPresent() ? OptionalInt.of(count(most)) : OptionalInt.empty();
    }

    /** The elements of an array. */
    List<JsonValue> elements() {
        if (!isArray()) {
            throw unexpected("an array");
        }
        List<JsonValue> elements = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            elements.add(new JsonValue(file, path + "[" + i + "]", node.get(i)));
        }
        return elements;
    }

    /** The members of an object, in order. */
    List<String> names() {
        if (!isObject()) {
            throw unexpected("an object");
        }
        List<String> names = new ArrayList<>(node.size());
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** The kind that an object says it is. */
    String type() {
        if (!isObject()) {
            throw unexpected("an object");
        }
        return get("type").text();
    }

    InvalidInputException unexpected(String expected) {
        String found = node == null ? "missing" : node.isContainerNode() ? (isArray() ? "an array" : "an object") : "";
        if (found.isEmpty()) {
            String text = node.toString();
            found = text.length() <= 60 ? text : text.substring(0, 60) + "...";
        }
        return failure("is " + found + ", expected " + expected);
    }

    InvalidInputException failure(String problem) {
        return new InvalidInputException(
                file + ": " + (path.isEmpty() ? "the document" : InvalidInputException.quoted(path)) + " " + problem);
    }
}
