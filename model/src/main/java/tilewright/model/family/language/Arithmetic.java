package tilewright.model.family.language;

import java.util.ArrayList;
import java.util.List;

/** What operators mean between numbers, strings and lists. */
final class Arithmetic {
    private static final int MAX_TEXT = 1 << 14;
    private static final int MAX_ITEMS = 1 << 20;

    private Arithmetic() {}

    /** Whether a value counts as true: not null, false, 0, "" or []. */
    static boolean truth(Value value) {
        return switch (value) {
            case Value.Null nothing -> false;
            case Value.Truth(boolean truth, String origin) -> truth;
            case Value.Whole(long number, String origin) -> number != 0;
            case Value.Real(double number, String origin) -> number != 0;
            case Value.Text(String text, String origin) -> !text.isEmpty();
            case Value.Items(List<Value> items, String origin) -> !items.isEmpty();
            default -> true;
        };
    }

    /** Negation of a number. */
    static Value negate(Value value) {
        return switch (value) {
            case Value.Whole(long number, String origin) -> Value.of(Math.negateExact(number));
            case Value.Real(double number, String origin) -> Value.of(-number);
            default -> throw Fault.value(value, "expected a number");
        };
    }

    /** {@code left operator right}. */
    static Value apply(String operator, Value left, Value right) {
        return switch (operator) {
            case "==" -> Value.of(same(left, right));
            case "!=" -> Value.of(!same(left, right));
            case "in" -> Value.of(contains(right, left));
            case "<", "<=", ">", ">=" -> Value.of(compare(operator, number(left), number(right)));
            case "+" -> add(left, right);
            default -> numeric(operator, left, right);
        };
    }

    private static Value add(Value left, Value right) {
        if (left instanceof Value.Text(String a, String origin)
                && right instanceof Value.Text(String b, String other)) {
            return new Value.Text(checked(a + b), null);
        }
        if (left instanceof Value.Items(List<Value> a, String origin)
                && right instanceof Value.Items(List<Value> b, String other)) {
            List<Value> joined = new ArrayList<>(a);
            joined.addAll(b);
            return items(joined);
        }
        return numeric("+", left, right);
    }

    private static Value numeric(String operator, Value left, Value right) {
        if (left instanceof Value.Items(List<Value> items, String origin)
                && right instanceof Value.Whole(long times, String other)
                && operator.equals("*")) {
            if (times < 0 || times > MAX_ITEMS) {
                throw Fault.value(right, "expected 0 to " + MAX_ITEMS + " repetitions");
            }
            if (items.size() * times > MAX_ITEMS) {
                throw Fault.value(right, "makes a list of more than " + MAX_ITEMS + " items");
            }
            List<Value> repeated = new ArrayList<>();
            for (long i = 0; i < times; i++) {
                repeated.addAll(items);
            }
            return items(repeated);
        }
        double a = number(left);
        double b = number(right);
        boolean whole = left instanceof Value.Whole && right instanceof Value.Whole;
        if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw Fault.value(right, "expected a divisor that is not 0");
        }
        if (whole && !operator.equals("/") && !(operator.equals("**") && b < 0)) {
            return Value.of(exact(operator, ((Value.Whole) left).value(), ((Value.Whole) right).value()));
        }
        return Value.of(
                switch (operator) {
                    case "+" -> a + b;
                    case "-" -> a - b;
                    case "*" -> a * b;
                    case "/" -> a / b;
                    case "//" -> Math.floor(a / b);
                    case "%" -> a - b * Math.floor(a / b);
                    case "**" -> Math.pow(a, b);
                    default -> throw Fault.author("'" + operator + "' is not between numbers");
                });
    }

    private static long exact(String operator, long a, long b) {
        return switch (operator) {
            case "+" -> Math.addExact(a, b);
            case "-" -> Math.subtractExact(a, b);
            case "*" -> Math.multiplyExact(a, b);
            case "//" -> Math.floorDiv(a, b);
            case "%" -> Math.floorMod(a, b);
            case "**" -> {
                double power = Math.pow(a, b);
                if (Math.abs(power) > 1L << 52) {
                    throw new ArithmeticException("power too large");
                }
                yield (long) power;
            }
            default -> throw Fault.author("'" + operator + "' is not between numbers");
        };
    }

    private static boolean compare(String operator, double a, double b) {
        return switch (operator) {
            case "<" -> a < b;
            case "<=" -> a <= b;
            case ">" -> a > b;
            default -> a >= b;
        };
    }

    /** Equality by value; where a value came from does not count. */
    static boolean same(Value left, Value right) {
        return switch (left) {
            case Value.Whole a -> isNumber(right) && a.value() == number(right);
            case Value.Real a -> isNumber(right) && a.value() == number(right);
            case Value.Text a ->
                right instanceof Value.Text(String b, String origin)
                        && a.value().equals(b);
            case Value.Truth a -> right instanceof Value.Truth(boolean b, String origin) && a.value() == b;
            case Value.Null a -> right instanceof Value.Null;
            case Value.Items(List<Value> a, String origin) -> {
                boolean equal = right instanceof Value.Items(List<Value> b, String other) && a.size() == b.size();
                for (int i = 0; equal && i < a.size(); i++) {
                    equal = same(a.get(i), ((Value.Items) right).values().get(i));
                }
                yield equal;
            }
            default -> left.equals(right);
        };
    }

    private static boolean contains(Value whole, Value part) {
        return switch (whole) {
            case Value.Items(List<Value> items, String origin) -> items.stream().anyMatch(item -> same(item, part));
            case Value.Fields fields
            when part instanceof Value.Text(String key, String origin) ->
                fields.values().containsKey(key);
            case Value.Text(String text, String origin)
            when part instanceof Value.Text(String piece, String other) -> text.contains(piece);
            case Value.Null nothing -> false;
            default -> throw Fault.value(whole, "expected a list, an object or a string behind 'in'");
        };
    }

    static boolean isNumber(Value value) {
        return value instanceof Value.Whole || value instanceof Value.Real;
    }

    static double number(Value value) {
        return switch (value) {
            case Value.Whole(long number, String origin) -> number;
            case Value.Real(double number, String origin) -> number;
            default -> throw Fault.value(value, "expected a number");
        };
    }

    /** A list, if it is short enough. */
    static Value items(List<Value> items) {
        if (items.size() > MAX_ITEMS) {
            throw Fault.author("a list has more than " + MAX_ITEMS + " items");
        }
        return new Value.Items(items, null);
    }

    /** A string, if it is short enough. */
    static String checked(String text) {
        if (text.length() > MAX_TEXT) {
            throw Fault.author("a string has more than " + MAX_TEXT + " characters");
        }
        return text;
    }
}
