package tilewright.hw.lang.design;

import java.math.BigInteger;

/** What expressions mean, in exact integers. */
public final class Evaluation {
    private Evaluation() {}

    /** Where the values of nets and memories come from. */
    public interface State {
        /** The value of a net, in its range. */
        BigInteger net(Net net);

        /** The word of a memory; zero at or past its depth. */
        BigInteger word(int memory, BigInteger address);
    }

    /** The value of an expression, in the range of its width and signedness. */
    public static BigInteger of(Expression expression, State state) {
        return switch (expression) {
            case Expression.Constant e -> e.value();
            case Expression.Ref e -> state.net(e.net());
            case Expression.Unary e ->
                unary(e.operator(), of(e.operand(), state), e.operand().width(), e.signed());
            case Expression.Binary e -> binary(e, of(e.left(), state), of(e.right(), state));
            case Expression.Mux e -> of(of(e.condition(), state).signum() != 0 ? e.whenTrue() : e.whenFalse(), state);
            case Expression.Slice e -> wrap(of(e.operand(), state).shiftRight(e.low()), e.width(), false);
            case Expression.Concat e -> {
                BigInteger result = BigInteger.ZERO;
                for (Expression part : e.parts()) {
                    result = result.shiftLeft(part.width()).or(wrap(of(part, state), part.width(), false));
                }
                yield result;
            }
            case Expression.Extend e -> of(e.operand(), state);
            case Expression.Reinterpret e -> wrap(of(e.operand(), state), e.width(), e.signed());
            case Expression.Lookup e -> state.word(e.memory(), of(e.address(), state));
        };
    }

    /** The low {@code width} bits of a number, read as signed or unsigned. */
    public static BigInteger wrap(BigInteger value, int width, boolean signed) {
        BigInteger low = value.and(BigInteger.ONE.shiftLeft(width).subtract(BigInteger.ONE));
        return signed && low.testBit(width - 1) ? low.subtract(BigInteger.ONE.shiftLeft(width)) : low;
    }

    private static BigInteger unary(Expression.UnaryOperator operator, BigInteger x, int width, boolean signed) {
        BigInteger bits = wrap(x, width, false);
        return switch (operator) {
            case NOT -> wrap(x.not(), width, signed);
            case ALL -> bit(bits.bitCount() == width);
            case ANY -> bit(bits.signum() != 0);
            case PARITY -> bit((bits.bitCount() & 1) != 0);
        };
    }

    private static BigInteger binary(Expression.Binary e, BigInteger a, BigInteger b) {
        int width = e.width();
        boolean signed = e.signed();
        return switch (e.operator()) {
            case ADD -> wrap(a.add(b), width, signed);
            case SUBTRACT -> wrap(a.subtract(b), width, signed);
            case MULTIPLY -> a.multiply(b);
            case AND -> a.and(b);
            case OR -> a.or(b);
            case XOR -> a.xor(b);
            case EQUAL -> bit(a.equals(b));
            case NOT_EQUAL -> bit(!a.equals(b));
            case LESS -> bit(a.compareTo(b) < 0);
            case LESS_OR_EQUAL -> bit(a.compareTo(b) <= 0);
            case GREATER -> bit(a.compareTo(b) > 0);
            case GREATER_OR_EQUAL -> bit(a.compareTo(b) >= 0);
            case SHIFT_LEFT -> wrap(a.shiftLeft(amount(b, width)), width, signed);
            case SHIFT_RIGHT -> a.shiftRight(amount(b, width));
        };
    }

    private static int amount(BigInteger shift, int width) {
        return shift.bitLength() > 31 ? width : Math.min(width, shift.intValue());
    }

    private static BigInteger bit(boolean value) {
        return value ? BigInteger.ONE : BigInteger.ZERO;
    }
}
