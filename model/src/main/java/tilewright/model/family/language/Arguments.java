package tilewright.model.family.language;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The arguments of one call of a built-in function, by the names of its parameters.
 *
 * @param function the function's name, for messages
 * @param values one for each parameter
 */
record Arguments(String function, Map<String, Value> values) {
    /** Largest size that an operator may be given: what shapes and settings allow with room for products. */
    private static final int MAX_SIZE = 1 << 28;

    Value get(String parameter) {
        return values.get(parameter);
    }

    boolean has(String parameter) {
        return !(get(parameter) instanceof Value.Null);
    }

    /** A whole number from {@code min} up to 2^28; a number without fraction counts. */
    int whole(String parameter, int min) {
        return whole(parameter, get(parameter), min);
    }

    private int whole(String parameter, Value value, int min) {
        double number = switch (value) {
            case Value.Whole(long exact, String origin) -> exact;
            case Value.Real(double exact, String origin) when exact == Math.rint(exact) -> exact;
            default -> throw wrong(parameter, value, "a whole number of at least " + min);
        };
        if (!(number >= min && number <= MAX_SIZE)) {
            throw wrong(parameter, value, "a whole number from " + min + " to " + MAX_SIZE);
        }
        return (int) number;
    }

    double real(String parameter) {
        return real(parameter, get(parameter));
    }

    private double real(String parameter, Value value) {
        return switch (value) {
            case Value.Whole(long exact, String origin) -> exact;
            case Value.Real(double exact, String origin) -> exact;
            default -> throw wrong(parameter, value, "a number");
        };
    }

    boolean truth(String parameter) {
        if (get(parameter) instanceof Value.Truth(boolean truth, String origin)) {
            return truth;
        }
        throw wrong(parameter, get(parameter), "true or false");
    }

    String text(String parameter) {
        if (get(parameter) instanceof Value.Text(String text, String origin)) {
            return text;
        }
        throw wrong(parameter, get(parameter), "a string");
    }

    Value.Weight weight(String parameter) {
        if (get(parameter) instanceof Value.Weight weight) {
            return weight;
        }
        throw wrong(parameter, get(parameter), "a weight");
    }

    Value.Node node(String parameter) {
        if (get(parameter) instanceof Value.Node node) {
            return node;
        }
        throw wrong(parameter, get(parameter), "a value of the graph");
    }

    Value.Fields fields(String parameter) {
        if (get(parameter) instanceof Value.Fields fields) {
            return fields;
        }
        throw wrong(parameter, get(parameter), "an object");
    }

    List<Value> items(String parameter) {
        if (get(parameter) instanceof Value.Items(List<Value> items, String origin)) {
            return items;
        }
        throw wrong(parameter, get(parameter), "a list");
    }

    List<Integer> wholes(String parameter, int min) {
        List<Integer> numbers = new ArrayList<>();
        for (Value item : items(parameter)) {
            numbers.add(whole(parameter, item, min));
        }
        return numbers;
    }

    double[] reals(String parameter) {
        List<Value> items = items(parameter);
        double[] numbers = new double[items.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = real(parameter, items.get(i));
        }
        return numbers;
    }

    /** An error about an argument; a list's item with an origin of its own blames the list's key. */
    Fault wrong(String parameter, Value value, String expected) {
        Value given = get(parameter);
        Value blamed = value.origin() == null && given != null ? given : value;
        if (blamed.origin() != null) {
            return Fault.value(blamed, "expected " + expected);
        }
        return Fault.author(function + ": '" + parameter + "' is " + described(value) + ", expected " + expected);
    }

    private static String described(Value value) {
        return switch (value) {
            case Value.Null nothing -> "null";
            case Value.Text(String text, String origin) -> "'" + text + "'";
            case Value.Whole number -> number.text();
            case Value.Real number -> number.text();
            default -> value.kind();
        };
    }
}
