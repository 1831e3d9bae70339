package tilewright.hw.lang.emit;

import java.math.BigInteger;
import java.util.List;
import java.util.stream.Collectors;
import tilewright.hw.lang.design.Expression;

/** Prints expressions so that each means in SystemVerilog what it means by itself, whatever stands around it. */
final class ExpressionPrinter {
    private ExpressionPrinter() {}

    /** An expression that drives something of its width: there signedness has no effect and is not printed. */
    static String driver(Expression expression) {
        return text(expression instanceof Expression.Reinterpret cast ? cast.operand() : expression);
    }

    /** An expression as a whole. */
    static String text(Expression expression) {
        return switch (expression) {
            case Expression.Constant e -> constant(e);
            case Expression.Ref e -> e.net().name();
            case Expression.Unary e -> unary(e) + operand(e.operand());
            case Expression.Binary e -> binary(e);
            case Expression.Mux e ->
                operand(e.condition()) + " ? " + operand(e.whenTrue()) + " : "
                        + (e.whenFalse() instanceof Expression.Mux ? text(e.whenFalse()) : operand(e.whenFalse()));
            case Expression.Slice e -> slice(e);
            case Expression.Concat e -> concat(e.parts());
            case Expression.Extend e -> cast(e.width(), e.operand());
            case Expression.Reinterpret e -> (e.signed() ? "$signed(" : "$unsigned(") + text(e.operand()) + ")";
            case Expression.Lookup e -> e.name() + "[" + text(e.address()) + "]";
        };
    }

    /** An expression as part of another: in parentheses unless it is one word. */
    static String operand(Expression expression) {
        boolean isWord = switch (expression) {
            case Expression.Binary _, Expression.Mux _, Expression.Unary _ -> false;
            default -> true;
        };
        boolean isNot =
                expression instanceof Expression.Unary e && isNegation(e) && !(e.operand() instanceof Expression.Unary);
        return isWord || isNot ? text(expression) : "(" + text(expression) + ")";
    }

    /** Bits of a net of several. */
    static String bits(String name, int high, int low) {
        return name + (high == low ? "[" + low + "]" : "[" + high + ":" + low + "]");
    }

    /** Verilator 5.006 computes the operand of a cast in the cast's width; {@code $signed} keeps it in its own. */
    private static String cast(int width, Expression operand) {
        boolean isOperation =
                operand instanceof Expression.Binary binary && binary.operator() != Expression.BinaryOperator.MULTIPLY
                        || operand instanceof Expression.Unary
                        || operand instanceof Expression.Mux;
        String own = isOperation ? (operand.signed() ? "$signed(" : "$unsigned(") + text(operand) + ")" : text(operand);
        return width + "'(" + own + ")";
    }

    private static boolean isNegation(Expression.Unary e) {
        return e.operator() == Expression.UnaryOperator.NOT;
    }

    private static String unary(Expression.Unary e) {
        return switch (e.operator()) {
            case NOT -> e.width() == 1 ? "!" : "~";
            case ALL -> "&";
            case ANY -> "|";
            case PARITY -> "^";
        };
    }

    private static String binary(Expression.Binary e) {
        String symbol = symbol(e);
        if (e.operator() == Expression.BinaryOperator.MULTIPLY) {
            return cast(e.width(), e.left()) + symbol + cast(e.width(), e.right());
        }
        boolean joins = e.left() instanceof Expression.Binary left
                && left.operator() == e.operator()
                && isAssociative(e.operator());
        return (joins ? text(e.left()) : operand(e.left())) + symbol + operand(e.right());
    }

    private static boolean isAssociative(Expression.BinaryOperator operator) {
        return switch (operator) {
            case ADD, AND, OR, XOR -> true;
            default -> false;
        };
    }

    private static String symbol(Expression.Binary e) {
        boolean isLogic = e.width() == 1 && !e.signed();
        return switch (e.operator()) {
            case ADD -> " + ";
            case SUBTRACT -> " - ";
            case MULTIPLY -> " * ";
            case AND -> isLogic ? " && " : " & ";
            case OR -> isLogic ? " || " : " | ";
            case XOR -> " ^ ";
            case EQUAL -> " == ";
            case NOT_EQUAL -> " != ";
            case LESS -> " < ";
            case LESS_OR_EQUAL -> " <= ";
            case GREATER -> " > ";
            case GREATER_OR_EQUAL -> " >= ";
            case SHIFT_LEFT -> " << ";
            case SHIFT_RIGHT -> e.signed() ? " >>> " : " >> ";
        };
    }

    private static String slice(Expression.Slice e) {
        String name = text(e.operand());
        if (e.operand().width() == 1) {
            return name;
        }
        return bits(name, e.high(), e.low());
    }

    private static String concat(List<Expression> parts) {
        if (parts.size() > 1 && parts.stream().allMatch(parts.getFirst()::equals)) {
            return "{" + parts.size() + "{" + text(parts.getFirst()) + "}}";
        }
        return parts.stream().map(ExpressionPrinter::text).collect(Collectors.joining(", ", "{", "}"));
    }

    /** A number with its width; those of more than 32 bits, and the least signed ones, in hexadecimal. */
    static String constant(Expression.Constant e) {
        if (!e.label().isEmpty()) {
            return e.label();
        }
        BigInteger value = e.value();
        BigInteger pattern = value.signum() < 0 ? value.add(BigInteger.ONE.shiftLeft(e.width())) : value;
        if (e.width() == 1) {
            return "1'" + (e.signed() ? "s" : "") + "b" + pattern;
        }
        String sign = e.signed() ? "s" : "";
        if (e.width() > 32 || e.signed() && value.bitLength() == e.width() - 1 && value.signum() < 0) {
            return e.width() + "'" + sign + "h" + pattern.toString(16);
        }
        return (value.signum() < 0 ? "-" : "") + e.width() + "'" + sign + "d" + value.abs();
    }
}
