package tilewright.model.chat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tilewright.model.tensor.NearestName;

/** Jinja's tests: what can stand behind {@code is}. */
final class Tests {
    static final Set<String> NAMES = new TreeSet<>(Set.of(
            "boolean",
            "callable",
            "defined",
            "divisibleby",
            "eq",
            "equalto",
            "even",
            "false",
            "filter",
            "float",
            "ge",
            "greaterthan",
            "gt",
            "in",
            "integer",
            "iterable",
            "le",
            "lessthan",
            "lower",
            "lt",
            "mapping",
            "ne",
            "none",
            "number",
            "odd",
            "sameas",
            "sequence",
            "string",
            "test",
            "true",
            "undefined",
            "upper"));

    private Tests() {}

    static boolean holds(String name, Object value, Given given) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == null;
            case "string" -> value instanceof String;
            case "mapping" -> value instanceof Map<?, ?>;
            case "iterable" -> isSequence(value) || value instanceof Undefined;
            case "sequence" -> isSequence(value);
            case "number" -> Values.isNumber(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "callable" -> value instanceof Callable;
            case "even" -> Math.floorMod(Given.integer(name, value, 0), 2L) == 0;
            case "odd" -> Math.floorMod(Given.integer(name, value, 0), 2L) == 1;
            case "divisibleby" -> {
                long divisor = Given.integer(name, other(name, given), 1);
                if (divisor == 0) {
                    throw new TemplateException("division by zero");
                }
                yield Math.floorMod(Given.integer(name, value, 0), divisor) == 0;
            }
            case "lower" -> Values.text(value).equals(Values.text(value).toLowerCase(Locale.ROOT));
            case "upper" -> Values.text(value).equals(Values.text(value).toUpperCase(Locale.ROOT));
            case "eq", "equalto" -> Values.equal(value, other(name, given));
            case "ne" -> !Values.equal(value, other(name, given));
            case "lt", "lessthan" -> Values.compare(value, other(name, given)) < 0;
            case "le" -> Values.compare(value, other(name, given)) <= 0;
            case "gt", "greaterthan" -> Values.compare(value, other(name, given)) > 0;
            case "ge" -> Values.compare(value, other(name, given)) >= 0;
            case "in" -> Values.contains(other(name, given), value);
            case "sameas" -> {
                Object other = other(name, given);
                yield value == other || value instanceof Boolean && value.equals(other);
            }
            case "filter" -> value instanceof String text && Filters.NAMES.contains(text);
            case "test" -> value instanceof String text && NAMES.contains(text);
            default -> throw new TemplateException("there is no test '" + name + "'" + NearestName.hint(name, NAMES));
        };
    }

    private static boolean isSequence(Object value) {
        return value instanceof List<?> || value instanceof Map<?, ?> || value instanceof String;
    }

    private static Object other(String name, Given given) {
        Object other = given.bind(name, "other")[0];
        if (other == Given.MISSING) {
            throw new TemplateException("test '" + name + "' needs a value to compare with");
        }
        return other;
    }
}
