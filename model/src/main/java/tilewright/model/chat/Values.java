package tilewright.model.chat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What values mean, as in Python, whose semantics templates rely on.
 *
 * <p>Values are null, Boolean, Long, Double, String, List, Map, {@link Namespace}, {@link Callable}, {@link Loop} and
 * {@link Undefined}. Lists and maps are never changed.
 */
final class Values {
    /** The longest string and the longest list that a template may make. */
    static final int MAX_LENGTH = 64 << 20;

    static final int MAX_DEPTH = 200;

    private Values() {}

    /**
     * A value given from outside, in the types above.
     *
     * @throws IllegalArgumentException if it, or something in it, is of a type that templates do not have
     */
    static Object from(Object value) {
        return from(value, 0);
    }

    private static Object from(Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("values nested deeper than " + MAX_DEPTH);
        }
        return switch (value) {
            case null -> null;
            case Boolean flag -> flag;
            case Double number -> number;
            case Float number -> (double) number;
            case Long number -> number;
            case Integer number -> (long) number;
            case Short number -> (long) number;
            case Byte number -> (long) number;
            case CharSequence text -> text.toString();
            case Collection<?> items -> {
                List<Object> list = new ArrayList<>(items.size());
                for (Object item : items) {
                    list.add(from(item, depth + 1));
                }
                yield list;
            }
            case Map<?, ?> entries -> {
                Map<Object, Object> map = new LinkedHashMap<>();
                entries.forEach((key, item) -> map.put(from(key, MAX_DEPTH), from(item, depth + 1)));
                yield map;
            }
            default ->
                throw new IllegalArgumentException(value.getClass().getName() + " is not a type that templates have");
        };
    }

    static boolean isTrue(Object value) {
        return switch (value) {
            case null -> false;
            case Boolean flag -> flag;
            case Long number -> number != 0;
            case Double number -> number != 0;
            case String text -> !text.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            case Undefined undefined -> false;
            default -> true;
        };
    }

    /** The type's name, for messages. */
    static String kind(Object value) {
        return switch (value) {
            case null -> "none";
            case Boolean flag -> "a boolean";
            case Long number -> "an integer";
            case Double number -> "a float";
            case String text -> "a string";
            case List<?> list -> "a list";
            case Map<?, ?> map -> "a mapping";
            case Namespace namespace -> "a namespace";
            case Undefined undefined -> "an undefined value (" + undefined.what() + ")";
            default -> "a function";
        };
    }

    /** What a value is printed as. */
    static String text(Object value) {
        return switch (value) {
            case String text -> text;
            case Undefined undefined -> "";
            case null, default -> {
                StringBuilder out = new StringBuilder();
                represent(value, out, 0);
                yield out.toString();
            }
        };
    }

    /** What a value is printed as inside of a list. */
    static String representation(Object value) {
        StringBuilder out = new StringBuilder();
        represent(value, out, 0);
        return out.toString();
    }

    private static void represent(Object value, StringBuilder out, int depth) {
        if (depth > MAX_DEPTH || out.length() > MAX_LENGTH) {
            throw new TemplateException("value is too large or too deeply nested to be printed");
        }
        switch (value) {
            case null -> out.append("None");
            case Boolean flag -> out.append(flag ? "True" : "False");
            case Long number -> out.append(number);
            case Double number -> out.append(floatText(number));
            case String text -> quote(text, out);
            case Undefined undefined -> out.append("Undefined");
            case List<?> list -> {
                boolean tuple = list instanceof Tuple;
                out.append(tuple ? '(' : '[');
                for (int i = 0; i < list.size(); i++) {
                    out.append(i > 0 ? ", " : "");
                    represent(list.get(i), out, depth + 1);
                }
                out.append(tuple && list.size() == 1 ? "," : "").append(tuple ? ')' : ']');
            }
            case Map<?, ?> map -> {
                out.append('{');
                String separator = "";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(separator);
                    represent(entry.getKey(), out, depth + 1);
                    out.append(": ");
                    represent(entry.getValue(), out, depth + 1);
                    separator = ", ";
                }
                out.append('}');
            }
            case Namespace namespace -> out.append("<Namespace>");
            default -> out.append("<function>");
        }
    }

    private static void quote(String text, StringBuilder out) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        text.codePoints().forEach(c -> {
            if (c == quote || c == '\\') {
                out.append('\\').append((char) c);
            } else if (c == '\n') {
                out.append("\\n");
            } else if (c == '\r') {
                out.append("\\r");
            } else if (c == '\t') {
                out.append("\\t");
            } else if (isPrintable(c)) {
                out.appendCodePoint(c);
            } else {
                out.append(
                        c < 0x100
                                ? String.format("\\x%02x", c)
                                : c < 0x10000 ? String.format("\\u%04x", c) : String.format("\\U%08x", c));
            }
        });
        out.append(quote);
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    /** The shortest decimal that is this number, with an exponent from 16 digits on and below 0.0001. */
    static String floatText(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        BigDecimal exact = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        int exponent = exact.precision() - exact.scale() - 1;
        String sign = number < 0 || 1 / number < 0 ? "-" : "";
        if (number != 0 && (exponent < -4 || exponent >= 16)) {
            String digits = exact.unscaledValue().abs().toString();
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            return sign
                    + digits.charAt(0)
                    + fraction
                    + (exponent < 0 ? "e-" : "e+")
                    + (Math.abs(exponent) < 10 ? "0" : "")
                    + Math.abs(exponent);
        }
        String plain = exact.abs().toPlainString();
        return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
    }

    /** The items of a list, the keys of a mapping, the characters of a string: a new list. */
    static List<Object> items(Object value) {
        return switch (value) {
            case List<?> list -> new ArrayList<>(list);
            case Map<?, ?> map -> new ArrayList<>(map.keySet());
            case String text -> {
                List<Object> characters = new ArrayList<>(text.length());
                text.codePoints().forEach(c -> characters.add(Character.toString(c)));
                yield characters;
            }
            case Undefined undefined -> new ArrayList<>();
            case null, default -> throw new TemplateException(kind(value) + " cannot be iterated over");
        };
    }

    static long length(Object value) {
        return switch (value) {
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            case String text -> text.codePointCount(0, text.length());
            case Undefined undefined -> 0;
            case null, default -> throw new TemplateException(kind(value) + " has no length");
        };
    }

    static boolean equal(Object a, Object b) {
        return equal(a, b, 0);
    }

    private static boolean equal(Object a, Object b, int depth) {
        if (depth > MAX_DEPTH) {
            throw new TemplateException("values are too deeply nested to be compared");
        }
        if (isNumber(a) && isNumber(b)) {
            return a instanceof Double || b instanceof Double ? number(a) == number(b) : integer(a) == integer(b);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            boolean same = x.size() == y.size() && x instanceof Tuple == y instanceof Tuple;
            for (int i = 0; same && i < x.size(); i++) {
                same = equal(x.get(i), y.get(i), depth + 1);
            }
            return same;
        }
        if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            boolean same = x.size() == y.size();
            for (Map.Entry<?, ?> entry : x.entrySet()) {
                same = same
                        && y.containsKey(entry.getKey())
                        && equal(entry.getValue(), y.get(entry.getKey()), depth + 1);
            }
            return same;
        }
        return a == null ? b == null : a.equals(b);
    }

    /** Booleans count as 0 and 1. */
    static boolean isNumber(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    static double number(Object value) {
        return value instanceof Double number ? number : integer(value);
    }

    static long integer(Object value) {
        return value instanceof Boolean flag ? (flag ? 1 : 0) : (Long) value;
    }

    /** Less than 0, 0 or more, as the first is before, like or behind the second. */
    static int compare(Object a, Object b) {
        return compare(a, b, 0);
    }

    private static int compare(Object a, Object b, int depth) {
        if (isNumber(a) && isNumber(b)) {
            return a instanceof Double || b instanceof Double
                    ? Double.compare(number(a), number(b))
                    : Long.compare(integer(a), integer(b));
        }
        if (a instanceof String x && b instanceof String y) {
            return compareCodePoints(x, y);
        }
        if (a instanceof List<?> x && b instanceof List<?> y && depth < MAX_DEPTH) {
            for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
                if (!equal(x.get(i), y.get(i))) {
                    return compare(x.get(i), y.get(i), depth + 1);
                }
            }
            return Integer.compare(x.size(), y.size());
        }
        throw new TemplateException(kind(a) + " cannot be compared with " + kind(b));
    }

    private static int compareCodePoints(String a, String b) {
        int i = 0;
        while (i < a.length() && i < b.length()) {
            int x = a.codePointAt(i);
            int y = b.codePointAt(i);
            if (x != y) {
                return Integer.compare(x, y);
            }
            i += Character.charCount(x);
        }
        return Integer.compare(a.length(), b.length());
    }

    /** Whether {@code item} is in a list, a key of a mapping, or part of a string. */
    static boolean contains(Object container, Object item) {
        return switch (container) {
            case String text -> {
                if (!(item instanceof String part)) {
                    throw new TemplateException("'in' a string needs a string, not " + kind(item));
                }
                yield text.contains(part);
            }
            case List<?> list -> list.stream().anyMatch(element -> equal(element, item));
            case Map<?, ?> map -> map.containsKey(item);
            case Undefined undefined -> false;
            case null, default -> throw new TemplateException(kind(container) + " cannot contain anything");
        };
    }

    /** The string, if it is not too long. */
    static String limited(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new TemplateException("string of " + text.length() + " characters, at most " + MAX_LENGTH);
        }
        return text;
    }
}
