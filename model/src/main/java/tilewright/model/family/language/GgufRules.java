package tilewright.model.family.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.FamilyFile.TensorRule;
import tilewright.model.gguf.GgufMetadata;

/** How a GGUF file answers a family's questions: metadata as values, tensor names by the family's rules. */
final class GgufRules implements Checkpoint.Rules {
    private static final int MAX_ITEMS = 1 << 16;

    private final Map<String, Rule> rules = new HashMap<>();
    private Evaluator evaluator;

    /** A rule, with the variables in the places of numbers. */
    private record Rule(List<String> variables, TensorRule rule) {}

    /** Rules in the order in which they count: the first of a pattern wins. */
    GgufRules(List<TensorRule> list) {
        for (TensorRule rule : list) {
            List<String> variables = new ArrayList<>();
            List<String> segments = new ArrayList<>();
            for (String segment : rule.pattern().split("\\.")) {
                boolean variable = segment.startsWith("{") && segment.endsWith("}");
                if (variable) {
                    variables.add(segment.substring(1, segment.length() - 1));
                }
                segments.add(variable ? "{}" : segment);
            }
            rules.putIfAbsent(String.join(".", segments), new Rule(variables, rule));
        }
    }

    /** Who evaluates the rules' right sides. */
    void evaluateBy(Evaluator by) {
        this.evaluator = by;
    }

    @Override
    public Value apply(String name) {
        List<Value> numbers = new ArrayList<>();
        StringBuilder pattern = new StringBuilder();
        for (String segment : name.split("\\.")) {
            boolean star = segment.equals("*");
            boolean number = star
                    || !segment.isEmpty()
                            && segment.length() < 10
                            && segment.chars().allMatch(c -> c >= '0' && c <= '9');
            if (number) {
                numbers.add(star ? new Value.Text("*", null) : Value.of(Long.parseLong(segment)));
            }
            pattern.append(pattern.isEmpty() ? "" : ".").append(number ? "{}" : segment);
        }
        Rule rule = rules.get(pattern.toString());
        if (rule == null) {
            return null;
        }
        Map<String, Value> variables = new HashMap<>();
        for (int i = 0; i < numbers.size(); i++) {
            variables.put(rule.variables().get(i), numbers.get(i));
        }
        return evaluator.evaluate(rule.rule().value(), variables);
    }

    /** The functions over a file's metadata; keys are tried behind the architecture's name first. */
    static List<Function> functions(GgufMetadata metadata, String architecture) {
        return List.of(
                Function.of("meta(key)", a -> value(metadata, key(metadata, architecture, a.text("key")))),
                Function.of("meta_length(key)", a -> {
                    String key = key(metadata, architecture, a.text("key"));
                    return metadata.has(key) ? Value.of(metadata.length(key)) : new Value.Null(key);
                }));
    }

    private static String key(GgufMetadata metadata, String architecture, String key) {
        String whole = architecture + "." + key;
        return !metadata.has(whole) && metadata.has(key) ? key : whole;
    }

    /** A value of the metadata; null when it is missing. */
    private static Value value(GgufMetadata metadata, String key) {
        if (!metadata.has(key)) {
            return new Value.Null(key);
        }
        String type = metadata.type(key);
        if (!metadata.isArray(key)) {
            return switch (type) {
                case "string" -> new Value.Text(metadata.string(key), key);
                case "bool" -> new Value.Truth(metadata.flag(key), key);
                case "f32", "f64" -> new Value.Real(shortest(metadata.number(key), type), key);
                default -> new Value.Whole(metadata.integer(key), key);
            };
        }
        if (metadata.length(key) > MAX_ITEMS) {
            throw new InvalidInputException(metadata.file() + ": metadata '" + key + "' has " + metadata.length(key)
                    + " elements, expected at most " + MAX_ITEMS);
        }
        List<Value> items = new ArrayList<>();
        switch (type.substring(type.lastIndexOf(' ') + 1)) {
            case "string" -> metadata.strings(key).forEach(item -> items.add(new Value.Text(item, key)));
            case "bool" -> {
                for (boolean item : metadata.flags(key)) {
                    items.add(new Value.Truth(item, key));
                }
            }
            case "f32", "f64" -> {
                for (float item : metadata.floats(key)) {
                    items.add(new Value.Real(item, key));
                }
            }
            default -> {
                for (long item : metadata.integers(key)) {
                    items.add(new Value.Whole(item, key));
                }
            }
        }
        return new Value.Items(items, key);
    }

    /** A float32 as the decimal number that was meant: 1e-6 and not 9.99999997e-7. */
    private static double shortest(double number, String type) {
        return type.equals("f32") ? Double.parseDouble(Float.toString((float) number)) : number;
    }
}
