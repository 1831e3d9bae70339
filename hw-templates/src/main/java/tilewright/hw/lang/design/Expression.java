package tilewright.hw.lang.design;

import java.math.BigInteger;
import java.util.List;

/**
 * A value computed from nets, without memory of its own. {@link Evaluation} defines what each means.
 *
 * <p>Widths are explicit: no operation extends or cuts its operands, and an expression means the same wherever it
 * stands. A signed value of {@code w} bits lies in {@code [-2^(w-1), 2^(w-1))}, an unsigned one in {@code [0, 2^w)}.
 */
public sealed interface Expression {
    /** Bits of the value, at least 1. */
    int width();

    /** Whether the value is two's complement. */
    boolean signed();

    /** The expressions this one reads, in the order of its components. */
    default List<Expression> operands() {
        return switch (this) {
            case Constant _, Ref _ -> List.of();
            case Unary e -> List.of(e.operand);
            case Binary e -> List.of(e.left, e.right);
            case Mux e -> List.of(e.condition, e.whenTrue, e.whenFalse);
            case Slice e -> List.of(e.operand);
            case Concat e -> e.parts;
            case Extend e -> List.of(e.operand);
            case Reinterpret e -> List.of(e.operand);
            case Lookup e -> List.of(e.address);
        };
    }

    /** Operators with one operand. */
    enum UnaryOperator {
        /** Each bit inverted; width and signedness of the operand. */
        NOT,
        /** One bit: are all bits set. */
        ALL,
        /** One bit: is any bit set. */
        ANY,
        /** One bit: is the number of set bits odd. */
        PARITY
    }

    /** Operators with two operands; both of one width and signedness but for MULTIPLY and the shifts. */
    enum BinaryOperator {
        /** Modulo 2^width. */
        ADD,
        /** Modulo 2^width. */
        SUBTRACT,
        /** Exact: as wide as both operands together, which have one signedness. */
        MULTIPLY,
        AND,
        OR,
        XOR,
        EQUAL,
        NOT_EQUAL,
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL,
        /** Left by an unsigned number of bits; keeps the left operand's width, bits beyond it are lost. */
        SHIFT_LEFT,
        /** Right by an unsigned number of bits; a signed left operand copies its sign in. */
        SHIFT_RIGHT;

        /** Whether the result is one bit, true or false. */
        public boolean isComparison() {
            return compareTo(EQUAL) >= 0 && compareTo(GREATER_OR_EQUAL) <= 0;
        }

        /** Whether it shifts. */
        public boolean isShift() {
            return this == SHIFT_LEFT || this == SHIFT_RIGHT;
        }
    }

    /**
     * A constant.
     *
     * @param label the name of an enumeration's value, {@code "State_IDLE"}; empty for a number
     */
    record Constant(BigInteger value, int width, boolean signed, String label) implements Expression {
        public Constant {
            require(width >= 1 && fits(value, width, signed), "constant " + value + " in " + width + " bits");
        }
    }

    /** The value of a net. */
    record Ref(Net net) implements Expression {
        @Override
        public int width() {
            return net.width();
        }

        @Override
        public boolean signed() {
            return net.signed();
        }
    }

    /** An operator on one operand. */
    record Unary(UnaryOperator operator, Expression operand) implements Expression {
        @Override
        public int width() {
            return operator == UnaryOperator.NOT ? operand.width() : 1;
        }

        @Override
        public boolean signed() {
            return operator == UnaryOperator.NOT && operand.signed();
        }
    }

    /** An operator on two operands. */
    record Binary(BinaryOperator operator, Expression left, Expression right) implements Expression {
        public Binary {
            boolean free = operator.isShift() || operator == BinaryOperator.MULTIPLY;
            require(free || left.width() == right.width(), operator + " of different widths");
            require(operator.isShift() || left.signed() == right.signed(), operator + " of different signedness");
            require(!operator.isShift() || !right.signed(), "shift by a signed number");
        }

        @Override
        public int width() {
            if (operator.isComparison()) {
                return 1;
            }
            return operator == BinaryOperator.MULTIPLY ? left.width() + right.width() : left.width();
        }

        @Override
        public boolean signed() {
            return !operator.isComparison() && left.signed();
        }
    }

    /** One of two values of one width and signedness. */
    record Mux(Expression condition, Expression whenTrue, Expression whenFalse) implements Expression {
        public Mux {
            require(condition.width() == 1 && !condition.signed(), "condition of several bits");
            require(
                    whenTrue.width() == whenFalse.width() && whenTrue.signed() == whenFalse.signed(),
                    "branches of different types");
        }

        @Override
        public int width() {
            return whenTrue.width();
        }

        @Override
        public boolean signed() {
            return whenTrue.signed();
        }
    }

    /** Bits {@code high} down to {@code low}, both included; unsigned. */
    record Slice(Expression operand, int high, int low) implements Expression {
        public Slice {
            require(0 <= low && low <= high && high < operand.width(), "slice outside its operand");
        }

        @Override
        public int width() {
            return high - low + 1;
        }

        @Override
        public boolean signed() {
            return false;
        }
    }

    /** Parts side by side, the first in the most significant bits; unsigned, whatever the parts are. */
    record Concat(List<Expression> parts) implements Expression {
        @Override
        public int width() {
            return parts.stream().mapToInt(Expression::width).sum();
        }

        @Override
        public boolean signed() {
            return false;
        }
    }

    /** The same value in more bits: zeros on top, or copies of the sign of a signed operand. */
    record Extend(Expression operand, int width) implements Expression {
        public Extend {
            require(width > operand.width(), "extension that does not extend");
        }

        @Override
        public boolean signed() {
            return operand.signed();
        }
    }

    /** The same bits, read as signed or unsigned. */
    record Reinterpret(Expression operand, boolean signed) implements Expression {
        @Override
        public int width() {
            return operand.width();
        }
    }

    /**
     * The word of a memory at an unsigned address, now (asynchronous read); unsigned.
     *
     * @param memory the index in {@link Module#memories()}
     */
    record Lookup(int memory, String name, Expression address, int width) implements Expression {
        @Override
        public boolean signed() {
            return false;
        }
    }

    /** Whether a number is one that {@code width} bits hold. */
    static boolean fits(BigInteger value, int width, boolean signed) {
        return signed ? value.bitLength() < width : value.signum() >= 0 && value.bitLength() <= width;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what);
        }
    }
}
