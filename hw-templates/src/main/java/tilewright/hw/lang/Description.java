package tilewright.hw.lang;

import java.util.stream.Collectors;

/** Puts nodes into words, for messages. */
final class Description {
    private static final int LIMIT = 60;

    private Description() {}

    /** The signal's name, or the expression as the author might write it, cut where it gets long. */
    static String of(Node node) {
        String text = text(node, 0);
        return text.length() <= LIMIT ? text : text.substring(0, LIMIT - 3) + "...";
    }

    private static String text(Node node, int depth) {
        if (node.name != null) {
            return prefix(node) + node.name;
        }
        if (depth > 4) {
            return "...";
        }
        return switch (node) {
            case Node.NetNode net -> unnamed(net);
            case Node.Literal literal -> literal.label.isEmpty() ? literal.value.toString() : literal.label;
            case Node.Missing _ -> "nothing";
            case Node.Operation op -> operation(op, depth + 1);
        };
    }

    private static String prefix(Node node) {
        return node instanceof Node.NetNode net && net.isPort() && net.owner.parent != null && net.owner.name != null
                ? net.owner.name + "."
                : "";
    }

    private static String unnamed(Node.NetNode net) {
        if (net.hint != null) {
            return net.hint.of(text(net.hint.base(), 3));
        }
        String kind = switch (net.kind) {
            case INPUT -> "input";
            case OUTPUT -> "output";
            case WIRE -> "wire";
            case REGISTER -> "register";
            case READ -> "read";
        };
        return kind + " of " + net.at;
    }

    private static String operation(Node.Operation op, int depth) {
        String first = text(op.operand(0), depth);
        return switch (op.operator) {
            case NOT -> "not " + first;
            case ALL, ANY, PARITY -> op.operator.role + "(" + first + ")";
            case ADD -> infix(op, " + ", depth);
            case SUBTRACT -> infix(op, " - ", depth);
            case MULTIPLY -> infix(op, " * ", depth);
            case AND -> infix(op, " and ", depth);
            case OR -> infix(op, " or ", depth);
            case XOR -> infix(op, " xor ", depth);
            case EQUAL -> infix(op, " == ", depth);
            case NOT_EQUAL -> infix(op, " != ", depth);
            case LESS -> infix(op, " < ", depth);
            case LESS_OR_EQUAL -> infix(op, " <= ", depth);
            case GREATER -> infix(op, " > ", depth);
            case GREATER_OR_EQUAL -> infix(op, " >= ", depth);
            case SHIFT_LEFT -> infix(op, " << ", depth);
            case SHIFT_RIGHT -> infix(op, " >> ", depth);
            case MUX -> first + " ? " + text(op.operand(1), depth) + " : " + text(op.operand(2), depth);
            case SLICE -> first + "[" + op.high + (op.high == op.low ? "" : ":" + op.low) + "]";
            case CONCAT ->
                op.operands.stream().map(part -> text(part, depth)).collect(Collectors.joining(", ", "cat(", ")"));
            case EXTEND, REINTERPRET -> first;
            case LOOKUP -> (op.memory.name == null ? "memory" : op.memory.name) + "[" + first + "]";
        };
    }

    private static String infix(Node.Operation op, String symbol, int depth) {
        return operand(op.operand(0), depth) + symbol + operand(op.operand(1), depth);
    }

    private static String operand(Node node, int depth) {
        boolean simple = !(node instanceof Node.Operation op)
                || op.name != null
                || op.operator == Node.Operator.EXTEND
                || op.operator == Node.Operator.REINTERPRET
                || op.operator == Node.Operator.SLICE;
        return simple ? text(node, depth) : "(" + text(node, depth) + ")";
    }
}
