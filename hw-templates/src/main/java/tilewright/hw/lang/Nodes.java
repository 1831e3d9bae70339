package tilewright.hw.lang;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.Node.Literal;
import tilewright.hw.lang.Node.Operation;
import tilewright.hw.lang.Node.Operator;
import tilewright.hw.lang.design.Evaluation;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.SourceLocation;

/** Makes nodes in their simplest equal form: constants are folded and a cut sum is computed no wider than it is cut. */
final class Nodes {
    private Nodes() {}

    static Literal literal(BigInteger value, int width, boolean signed) {
        return new Literal(value, width, signed, "", Author.here());
    }

    static Literal literal(long value, int width, boolean signed) {
        return literal(BigInteger.valueOf(value), width, signed);
    }

    static Literal bit(boolean value) {
        return literal(value ? 1 : 0, 1, false);
    }

    /** The fewest bits that hold a number. */
    static int bits(BigInteger value, boolean signed) {
        return Math.max(1, value.bitLength() + (signed ? 1 : 0));
    }

    static Node unary(Operator operator, Node a) {
        if (operator == Operator.NOT) {
            if (a instanceof Operation op && op.operator == Operator.NOT && op.name == null) {
                return op.operand(0);
            }
            if (a instanceof Literal c) {
                return literal(Evaluation.wrap(c.value.not(), c.width, c.signed), c.width, c.signed);
            }
            return make(operator, List.of(a), a.width, a.signed);
        }
        if (a.width == 1) {
            return reinterpret(a, false);
        }
        return make(operator, List.of(a), 1, false);
    }

    /** Operands of one width and signedness, apart from products and shifts. */
    static Node binary(Operator operator, Node a, Node b) {
        int width = switch (operator) {
            case EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> 1;
            case MULTIPLY -> a.width + b.width;
            default -> a.width;
        };
        boolean signed = !isComparison(operator) && a.signed;
        if (a instanceof Literal x && b instanceof Literal y) {
            return fold(operator, x, y, width, signed);
        }
        if (operator == Operator.AND || operator == Operator.OR) {
            if (a instanceof Literal x && neutralOrZero(operator, x) != 0) {
                return neutralOrZero(operator, x) > 0 ? b : x;
            }
            if (b instanceof Literal y && neutralOrZero(operator, y) != 0) {
                return neutralOrZero(operator, y) > 0 ? a : y;
            }
        }
        if (width == 1 && a.width == 1 && b instanceof Literal y) {
            boolean one = y.value.signum() != 0;
            if (operator == Operator.EQUAL) {
                return reinterpret(one ? a : unary(Operator.NOT, a), false);
            }
            if (operator == Operator.NOT_EQUAL) {
                return reinterpret(one ? unary(Operator.NOT, a) : a, false);
            }
        }
        if (b instanceof Literal y && isComparison(operator)) {
            BigInteger least = b.signed ? BigInteger.TWO.pow(b.width - 1).negate() : BigInteger.ZERO;
            BigInteger most = least.add(BigInteger.TWO.pow(b.width)).subtract(BigInteger.ONE);
            if (y.value.equals(least) && (operator == Operator.LESS || operator == Operator.GREATER_OR_EQUAL)) {
                return bit(operator == Operator.GREATER_OR_EQUAL);
            }
            if (y.value.equals(most) && (operator == Operator.GREATER || operator == Operator.LESS_OR_EQUAL)) {
                return bit(operator == Operator.LESS_OR_EQUAL);
            }
        }
        return make(operator, List.of(a, b), width, signed);
    }

    private static boolean isComparison(Operator operator) {
        return operator.compareTo(Operator.EQUAL) >= 0 && operator.compareTo(Operator.GREATER_OR_EQUAL) <= 0;
    }

    /** 1 for a constant that changes nothing, -1 for one that decides the result, else 0. */
    private static int neutralOrZero(Operator operator, Literal c) {
        boolean zero = c.value.signum() == 0;
        boolean ones = Evaluation.wrap(c.value.not(), c.width, false).signum() == 0;
        if (operator == Operator.AND) {
            return ones ? 1 : zero ? -1 : 0;
        }
        return zero ? 1 : ones ? -1 : 0;
    }

    private static Node fold(Operator operator, Literal x, Literal y, int width, boolean signed) {
        Expression.Constant a = new Expression.Constant(x.value, x.width, x.signed, "");
        Expression.Constant b = new Expression.Constant(y.value, y.width, y.signed, "");
        Expression e = new Expression.Binary(Expression.BinaryOperator.valueOf(operator.name()), a, b);
        return literal(Evaluation.of(e, null), width, signed);
    }

    static Node mux(Node condition, Node a, Node b) {
        if (a == b) {
            return a;
        }
        if (condition instanceof Literal c) {
            return c.value.signum() != 0 ? a : b;
        }
        if (condition instanceof Operation op && op.operator == Operator.NOT && op.name == null) {
            return mux(op.operand(0), b, a);
        }
        return make(Operator.MUX, List.of(condition, a, b), a.width, a.signed);
    }

    /** A choice that the author did not write at one place. */
    static Node mux(Node condition, Node a, Node b, SourceLocation at) {
        if (a == b || condition instanceof Literal) {
            return mux(condition, a, b);
        }
        return new Operation(Operator.MUX, List.of(condition, a, b), a.width, a.signed, 0, 0, null, at);
    }

    /** Unsigned bits {@code high..low} of a node. */
    static Node slice(Node a, int high, int low) {
        if (low == 0 && high == a.width - 1) {
            return reinterpret(a, false);
        }
        if (a instanceof Literal c) {
            return literal(Evaluation.wrap(c.value.shiftRight(low), high - low + 1, false), high - low + 1, false);
        }
        if (a instanceof Operation op && op.name == null) {
            switch (op.operator) {
                case SLICE -> {
                    return slice(op.operand(0), op.low + high, op.low + low);
                }
                case REINTERPRET -> {
                    return slice(op.operand(0), high, low);
                }
                case EXTEND -> {
                    if (high < op.operand(0).width) {
                        return slice(op.operand(0), high, low);
                    }
                }
                case CONCAT -> {
                    int base = op.width;
                    for (Node part : op.operands) {
                        base -= part.width;
                        if (low >= base && high < base + part.width) {
                            return slice(part, high - base, low - base);
                        }
                    }
                }
                case ADD, SUBTRACT -> {
                    if (low == 0) {
                        return binary(op.operator, slice(op.operand(0), high, 0), slice(op.operand(1), high, 0));
                    }
                }
                default -> {
                    // Everything else keeps its width and gets a name before it is cut.
                }
            }
        }
        return new Operation(Operator.SLICE, List.of(a), high - low + 1, false, high, low, null, Author.here());
    }

    /** Parts side by side, the first on top. */
    static Node concat(List<Node> parts) {
        List<Node> flat = new ArrayList<>();
        int width = 0;
        boolean constant = true;
        for (Node part : parts) {
            width += part.width;
            constant &= part instanceof Literal;
            if (part instanceof Operation op && op.operator == Operator.CONCAT && op.name == null) {
                flat.addAll(op.operands);
            } else {
                flat.add(part);
            }
        }
        if (flat.size() == 1) {
            return reinterpret(flat.getFirst(), false);
        }
        if (constant) {
            BigInteger value = BigInteger.ZERO;
            for (Node part : flat) {
                value = value.shiftLeft(part.width).or(Evaluation.wrap(((Literal) part).value, part.width, false));
            }
            return literal(value, width, false);
        }
        return make(Operator.CONCAT, List.copyOf(flat), width, false);
    }

    /** The same value in at least as many bits. */
    static Node extend(Node a, int width) {
        if (width == a.width) {
            return a;
        }
        if (a instanceof Literal c) {
            return literal(c.value, width, c.signed);
        }
        if (a instanceof Operation op && op.operator == Operator.EXTEND && op.name == null) {
            return extend(op.operand(0), width);
        }
        return make(Operator.EXTEND, List.of(a), width, a.signed);
    }

    /** The same bits, read as signed or unsigned. */
    static Node reinterpret(Node a, boolean signed) {
        if (a.signed == signed) {
            return a;
        }
        if (a instanceof Literal c) {
            return literal(Evaluation.wrap(c.value, c.width, signed), c.width, signed);
        }
        if (a instanceof Operation op && op.operator == Operator.REINTERPRET && op.name == null) {
            return op.operand(0);
        }
        return make(Operator.REINTERPRET, List.of(a), a.width, signed);
    }

    static Node lookup(MemoryNode memory, Node address) {
        return new Operation(Operator.LOOKUP, List.of(address), memory.width, false, 0, 0, memory, Author.here());
    }

    private static Node make(Operator operator, List<Node> operands, int width, boolean signed) {
        SourceLocation at = Author.here();
        return new Operation(operator, operands, width, signed, 0, 0, null, at);
    }
}
