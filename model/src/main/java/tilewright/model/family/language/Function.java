package tilewright.model.family.language;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A function of the language: its parameters and what it does.
 *
 * @param name its name
 * @param parameters the names and defaults of its parameters, in order
 * @param body what it does
 */
record Function(String name, Map<String, Value> parameters, Body body) {
    /** Stands for "an argument is needed" among defaults. */
    private static final Value NEEDED = new Value.Text("needed", "needed");

    /** What a function does. */
    @FunctionalInterface
    interface Body {
        Value apply(Arguments arguments);
    }

    /**
     * A function from its signature.
     *
     * @param signature such as {@code "take(weight, groups, start, count, axis=0, bias?)"}: a {@code ?} stands for null
     *     when absent, a default is a number, true, false, inf or a word
     */
    static Function of(String signature, Body body) {
        int open = signature.indexOf('(');
        Map<String, Value> parameters = new LinkedHashMap<>();
        String list = signature.substring(open + 1, signature.length() - 1);
        if (!list.isEmpty()) {
            for (String parameter : list.split(", ")) {
                int equals = parameter.indexOf('=');
                if (equals > 0) {
                    parameters.put(parameter.substring(0, equals), constant(parameter.substring(equals + 1)));
                } else if (parameter.endsWith("?")) {
                    parameters.put(parameter.substring(0, parameter.length() - 1), new Value.Null(null));
                } else {
                    parameters.put(parameter, NEEDED);
                }
            }
        }
        return new Function(signature.substring(0, open), parameters, body);
    }

    private static Value constant(String text) {
        return switch (text) {
            case "true" -> Value.of(true);
            case "false" -> Value.of(false);
            case "inf" -> Value.of(Double.POSITIVE_INFINITY);
            default -> {
                if (Character.isLetter(text.charAt(0))) {
                    yield new Value.Text(text, null);
                }
                yield text.contains(".") || text.contains("e")
                        ? Value.of(Double.parseDouble(text))
                        : Value.of(Long.parseLong(text));
            }
        };
    }

    /** Puts arguments in the places of parameters and runs the body. */
    Value call(List<Value> positional, Map<String, Value> named) {
        Map<String, Value> bound = new LinkedHashMap<>(parameters);
        List<String> names = new ArrayList<>(parameters.keySet());
        if (positional.size() > names.size()) {
            throw Fault.author(name + " has " + positional.size() + " arguments, expected at most " + names.size()
                    + ": " + String.join(", ", names));
        }
        for (int i = 0; i < positional.size(); i++) {
            bound.put(names.get(i), positional.get(i));
        }
        named.forEach((argument, value) -> {
            int place = names.indexOf(argument);
            if (place < 0) {
                throw Fault.author(name + " has no parameter '" + argument + "', only " + String.join(", ", names));
            }
            if (place < positional.size()) {
                throw Fault.author(name + " is given '" + argument + "' twice");
            }
            bound.put(argument, value);
        });
        bound.forEach((parameter, value) -> {
            if (value == NEEDED) {
                throw Fault.author(name + " needs '" + parameter + "'; its parameters are " + String.join(", ", names));
            }
        });
        return body.apply(new Arguments(name, bound));
    }
}
