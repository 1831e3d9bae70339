package tilewright.model.chat;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** The filters on numbers. */
final class Numbers {
    private Numbers() {}

    static Object apply(String name, Object value, Given given) {
        return switch (name) {
            case "int" -> {
                Object[] values = given.bind(name, "default", "base");
                yield integer(value, values[0] == Given.MISSING ? 0L : values[0]);
            }
            case "float" -> {
                Object otherwise = given.bind(name, "default")[0];
                yield real(value, otherwise == Given.MISSING ? 0.0 : otherwise);
            }
            case "abs" -> {
                given.bind(name);
                yield Values.isNumber(value) && Values.number(value) < 0 ? Arithmetic.negative(value) : value;
            }
            default -> round(value, given.bind(name, "precision", "method"));
        };
    }

    private static Object integer(Object value, Object otherwise) {
        return switch (value) {
            case Long number -> number;
            case Boolean flag -> Values.integer(flag);
            case Double number -> number.isNaN() || number.isInfinite() ? otherwise : (Object) number.longValue();
            case String text -> {
                try {
                    yield Long.valueOf(text.strip());
                } catch (NumberFormatException e) {
                    yield real(text, null) instanceof Double number ? (Object) number.longValue() : otherwise;
                }
            }
            case null, default -> otherwise;
        };
    }

    private static Object real(Object value, Object otherwise) {
        if (Values.isNumber(value)) {
            return Values.number(value);
        }
        if (value instanceof String text && text.strip().matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?")) {
            return Double.valueOf(text.strip());
        }
        return otherwise;
    }

    private static Object round(Object value, Object[] values) {
        if (!Values.isNumber(value)) {
            throw new TemplateException("round needs a number, was given " + Values.kind(value));
        }
        int precision = Math.clamp(Given.integer("round", values[0], 0), -300, 300);
        RoundingMode mode = switch (Given.text(values[1], "common")) {
            case "ceil" -> RoundingMode.CEILING;
            case "floor" -> RoundingMode.FLOOR;
            case "common" -> RoundingMode.HALF_EVEN;
            default -> throw new TemplateException("round takes the method 'common', 'ceil' or 'floor'");
        };
        double number = Values.number(value);
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return number;
        }
        return new BigDecimal(number).setScale(precision, mode).doubleValue();
    }
}
