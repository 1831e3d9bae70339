package tilewright.model.chat;

import java.util.ArrayList;
import java.util.List;

/** Operators on two values, as in Python. */
final class Arithmetic {
    private Arithmetic() {}

    static Object apply(String operator, Object a, Object b) {
        if (operator.equals("~")) {
            return joined(Values.text(a), Values.text(b));
        }
        if (a instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (operator.equals("%") && a instanceof String format) {
            return Formatting.percent(format, b);
        }
        if (b instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (Values.isNumber(a) && Values.isNumber(b)) {
            try {
                return numbers(operator, a, b);
            } catch (ArithmeticException e) {
                throw new TemplateException("integer overflow in '" + operator + "'");
            }
        }
        if (operator.equals("+")) {
            if (a instanceof String x && b instanceof String y) {
                return joined(x, y);
            }
            if (a instanceof List<?> x && b instanceof List<?> y) {
                if (x.size() + (long) y.size() > Values.MAX_LENGTH) {
                    throw new TemplateException("list of more than " + Values.MAX_LENGTH + " items");
                }
                List<Object> both = new ArrayList<>(x);
                both.addAll(y);
                return both;
            }
        }
        if (operator.equals("*")) {
            if (Values.isNumber(a) && !(a instanceof Double)) {
                return repeated(b, Values.integer(a));
            }
            if (Values.isNumber(b) && !(b instanceof Double)) {
                return repeated(a, Values.integer(b));
            }
        }
        throw unsupported(operator, a, b);
    }

    static Object negative(Object value) {
        return switch (value) {
            case Long number when number != Long.MIN_VALUE -> -number;
            case Double number -> -number;
            case Boolean flag -> flag ? -1L : 0L;
            case Undefined undefined -> throw undefined.failure();
            case null, default -> throw new TemplateException(Values.kind(value) + " has no negative");
        };
    }

    private static TemplateException unsupported(String operator, Object a, Object b) {
        return new TemplateException(
                "'" + operator + "' is not defined for " + Values.kind(a) + " and " + Values.kind(b));
    }

    private static String joined(String a, String b) {
        if (a.length() + (long) b.length() > Values.MAX_LENGTH) {
            throw new TemplateException("string of more than " + Values.MAX_LENGTH + " characters");
        }
        return a.concat(b);
    }

    private static Object repeated(Object value, long times) {
        long count = Math.max(0, times);
        if (value instanceof String text) {
            if (text.length() > 0 && count > Values.MAX_LENGTH / text.length()) {
                throw new TemplateException("string of more than " + Values.MAX_LENGTH + " characters");
            }
            return text.isEmpty() ? text : text.repeat((int) count);
        }
        if (value instanceof List<?> list) {
            if (list.size() > 0 && count > 1_000_000 / list.size()) {
                throw new TemplateException("list of more than 1000000 items");
            }
            List<Object> all = new ArrayList<>();
            for (long i = 0; i < count && !list.isEmpty(); i++) {
                all.addAll(list);
            }
            return all;
        }
        throw unsupported("*", value, times);
    }

    private static Object numbers(String operator, Object a, Object b) {
        boolean isFloat = a instanceof Double || b instanceof Double;
        boolean divides = operator.equals("/") || operator.equals("//") || operator.equals("%");
        if (divides && Values.number(b) == 0) {
            throw new TemplateException("division by zero");
        }
        if (operator.equals("/")) {
            return Values.number(a) / Values.number(b);
        }
        if (operator.equals("**")) {
            return power(a, b, isFloat);
        }
        if (isFloat) {
            double x = Values.number(a);
            double y = Values.number(b);
            return switch (operator) {
                case "+" -> x + y;
                case "-" -> x - y;
                case "*" -> x * y;
                case "//" -> Math.floor(x / y);
                default -> x - y * Math.floor(x / y);
            };
        }
        long x = Values.integer(a);
        long y = Values.integer(b);
        return switch (operator) {
            case "+" -> Math.addExact(x, y);
            case "-" -> Math.subtractExact(x, y);
            case "*" -> Math.multiplyExact(x, y);
            case "//" -> Math.floorDivExact(x, y);
            default -> Math.floorMod(x, y);
        };
    }

    private static Object power(Object a, Object b, boolean isFloat) {
        if (isFloat || Values.integer(b) < 0) {
            return Math.pow(Values.number(a), Values.number(b));
        }
        long result = 1;
        for (long i = 0; i < Values.integer(b); i++) {
            result = Math.multiplyExact(result, Values.integer(a));
            if (result == 0 || result == 1 && Values.integer(a) == 1) {
                break;
            }
            if (i > 1_000_000) {
                throw new TemplateException("exponent is too large");
            }
        }
        return result;
    }
}
