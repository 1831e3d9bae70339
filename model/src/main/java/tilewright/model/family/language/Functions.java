package tilewright.model.family.language;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/** Functions over numbers, strings and lists, and those that speak to the user. */
final class Functions {
    private static final int MAX_RANGE = 1 << 20;

    private Functions() {}

    /** The functions; warnings go to the list. */
    static List<Function> functions(List<String> warnings) {
        List<Function> all = new ArrayList<>();
        all.add(Function.of("len(value)", a -> Value.of(length(a))));
        all.add(Function.of("range(from, to?)", Functions::range));
        all.add(Function.of("min(a, b?, c?)", a -> extreme(a, -1)));
        all.add(Function.of("max(a, b?, c?)", a -> extreme(a, 1)));
        all.add(Function.of("sum(items)", Functions::sum));
        all.add(Function.of("floor(x)", a -> whole(a, Math::floor)));
        all.add(Function.of("ceil(x)", a -> whole(a, Math::ceil)));
        all.add(Function.of("round(x)", a -> whole(a, Math::rint)));
        all.add(Function.of("int(x)", a -> whole(a, x -> x < 0 ? Math.ceil(x) : Math.floor(x))));
        all.add(Function.of("abs(x)", a -> Value.of(Math.abs(a.real("x")))));
        all.add(elementwise("sqrt", Math::sqrt));
        all.add(elementwise("exp", Math::exp));
        all.add(elementwise("log", Math::log));
        all.add(elementwise("sin", Math::sin));
        all.add(elementwise("cos", Math::cos));
        all.add(Function.of("is_list(value)", a -> Value.of(a.get("value") instanceof Value.Items)));
        all.add(Function.of("is_object(value)", a -> Value.of(a.get("value") instanceof Value.Fields)));
        all.add(Function.of(
                "starts_with(text, prefix)", a -> Value.of(a.text("text").startsWith(a.text("prefix")))));
        all.add(Function.of("expect(value, choices)", a -> {
            for (Value choice : a.items("choices")) {
                if (Arithmetic.same(choice, a.get("value"))) {
                    return a.get("value");
                }
            }
            throw a.wrong(
                    "value",
                    a.get("value"),
                    "one of "
                            + String.join(
                                    ", ",
                                    a.items("choices").stream().map(Value::text).toList()));
        }));
        all.add(Function.of("error(message, about?)", a -> {
            throw a.get("about").origin() != null
                    ? Fault.value(a.get("about"), a.text("message"))
                    : Fault.user(a.text("message"));
        }));
        all.add(Function.of("warn(message)", a -> {
            if (!warnings.contains(a.text("message"))) {
                warnings.add(a.text("message"));
            }
            return new Value.Null(null);
        }));
        return all;
    }

    private static int length(Arguments a) {
        return switch (a.get("value")) {
            case Value.Items items -> items.values().size();
            case Value.Text text -> text.value().length();
            case Value.Fields fields -> fields.values().size();
            default -> throw a.wrong("value", a.get("value"), "a list, a string or an object");
        };
    }

    private static Value range(Arguments a) {
        int from = a.has("to") ? a.whole("from", 0) : 0;
        int to = a.has("to") ? a.whole("to", 0) : a.whole("from", 0);
        if (to - from > MAX_RANGE) {
            String bound = a.has("to") ? "to" : "from";
            throw a.wrong(bound, a.get(bound), "at most " + MAX_RANGE + " steps");
        }
        List<Value> items = new ArrayList<>();
        for (int i = from; i < to; i++) {
            items.add(Value.of((long) i));
        }
        return new Value.Items(items, null);
    }

    /** The least or greatest of a list or of the arguments; of equal ones the first. */
    private static Value extreme(Arguments a, int sign) {
        List<Value> candidates = new ArrayList<>();
        if (a.get("a") instanceof Value.Items(List<Value> items, String origin)) {
            candidates.addAll(items);
        } else {
            for (String parameter : List.of("a", "b", "c")) {
                if (a.has(parameter) || parameter.equals("a")) {
                    candidates.add(a.get(parameter));
                }
            }
        }
        if (candidates.isEmpty()) {
            throw a.wrong("a", a.get("a"), "at least one number");
        }
        ToDoubleFunction<Value> key = value -> sign * Arithmetic.number(value);
        Value best = candidates.getFirst();
        key.applyAsDouble(best);
        for (Value candidate : candidates) {
            best = key.applyAsDouble(candidate) > key.applyAsDouble(best) ? candidate : best;
        }
        return best;
    }

    private static Value sum(Arguments a) {
        Value sum = Value.of(0L);
        for (Value item : a.items("items")) {
            sum = Arithmetic.apply("+", sum, item);
        }
        return sum;
    }

    private static Value whole(Arguments a, DoubleUnaryOperator rounding) {
        double value = rounding.applyAsDouble(a.real("x"));
        if (!(Math.abs(value) < 1L << 53)) {
            throw a.wrong("x", a.get("x"), "a number of at most 2^53");
        }
        return Value.of((long) value);
    }

    /** A function of a number, or of every element of a weight. */
    private static Function elementwise(String name, DoubleUnaryOperator meaning) {
        return Function.of(
                name + "(x)",
                a -> a.get("x") instanceof Value.Weight weight
                        ? WeightMath.mapped(name + "(" + weight.name() + ")", weight, meaning)
                        : Value.of(meaning.applyAsDouble(a.real("x"))));
    }
}
