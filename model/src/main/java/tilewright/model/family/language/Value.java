package tilewright.model.family.language;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tilewright.model.graph.ParameterData;
import tilewright.model.graph.RopeFrequencies;

/**
 * What an expression of a family file gives.
 *
 * <p>{@code origin} is the configuration key that a value was read from, null for one that was computed: an error about it
 * then names the key.
 */
sealed interface Value {
    /** The configuration key that it comes from, or null. */
    default String origin() {
        return null;
    }

    /** For messages: "a number" and the like. */
    String kind();

    /** For messages and string templates. */
    String text();

    /** A whole number. */
    record Whole(long value, String origin) implements Value {
        @Override
        public String kind() {
            return "a whole number";
        }

        @Override
        public String text() {
            return Long.toString(value);
        }
    }

    /** A number. */
    record Real(double value, String origin) implements Value {
        @Override
        public String kind() {
            return "a number";
        }

        @Override
        public String text() {
            return Double.toString(value);
        }
    }

    /** A string. */
    record Text(String value, String origin) implements Value {
        @Override
        public String kind() {
            return "a string";
        }

        @Override
        public String text() {
            return value;
        }
    }

    /** True or false. */
    record Truth(boolean value, String origin) implements Value {
        @Override
        public String kind() {
            return "true or false";
        }

        @Override
        public String text() {
            return Boolean.toString(value);
        }
    }

    /** Nothing; with an origin a configuration key that is missing or null. */
    record Null(String origin) implements Value {
        @Override
        public String kind() {
            return "null";
        }

        @Override
        public String text() {
            return "null";
        }
    }

    /** A list. */
    record Items(List<Value> values, String origin) implements Value {
        /** Copies the list. */
        public Items {
            values = List.copyOf(values);
        }

        @Override
        public String kind() {
            return "a list";
        }

        @Override
        public String text() {
            return values.stream().limit(8).map(Value::text).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    /**
     * Named values: an object of the configuration.
     *
     * @param values not copied: defaults are added to a configuration before it is read
     */
    record Fields(Map<String, Value> values, String origin) implements Value {
        @Override
        public String kind() {
            return "an object";
        }

        @Override
        public String text() {
            return "{" + String.join(", ", values.keySet()) + "}";
        }
    }

    /** A value of the graph, by its place among those made so far. */
    record Node(int id) implements Value {
        @Override
        public String kind() {
            return "a value of the graph";
        }

        @Override
        public String text() {
            return "value " + id;
        }
    }

    /**
     * A weight, read when it is needed.
     *
     * @param name unique for what it holds
     * @param shape its extents
     * @param data its values
     */
    record Weight(String name, List<Long> shape, ParameterData data) implements Value {
        /** Copies the list. */
        public Weight {
            shape = List.copyOf(shape);
        }

        long elements() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }

        @Override
        public String kind() {
            return "a weight";
        }

        @Override
        public String text() {
            return name;
        }
    }

    /** The frequencies of a rotary embedding. */
    record Frequencies(RopeFrequencies value) implements Value {
        @Override
        public String kind() {
            return "rotary frequencies";
        }

        @Override
        public String text() {
            return "frequencies";
        }
    }

    /** A function of a family file. */
    record Closure(Statement.Define definition) implements Value {
        @Override
        public String kind() {
            return "a function";
        }

        @Override
        public String text() {
            return definition.name();
        }
    }

    /** A function of the language. */
    record BuiltIn(Function function) implements Value {
        @Override
        public String kind() {
            return "a function";
        }

        @Override
        public String text() {
            return function.name();
        }
    }

    /** A computed whole number. */
    static Value of(long value) {
        return new Whole(value, null);
    }

    /** A computed number. */
    static Value of(double value) {
        return new Real(value, null);
    }

    /** A computed truth. */
    static Value of(boolean value) {
        return new Truth(value, null);
    }
}
