package tilewright.hw.lang;

import java.math.BigInteger;

/**
 * A number: what {@link UInt} and {@link SInt} have in common. Operands may differ in width; results are wide enough for
 * every value, unless the name says {@code Mod}.
 *
 * @param <T> the type itself
 */
public abstract sealed class Numeric<T extends Numeric<T>> extends BitVector<T> permits UInt, SInt {
    Numeric(int width, boolean signed) {
        super(width, signed);
    }

    Numeric(Node node) {
        super(node);
    }

    /** A constant in as few bits as it needs. */
    final T constant(long value) {
        BigInteger number = BigInteger.valueOf(value);
        if (!signed() && value < 0) {
            return of(literal(number));
        }
        return of(Nodes.literal(number, Nodes.bits(number, signed()), signed()));
    }

    /** Both extended to a width and then combined in it. */
    final Node combine(Node.Operator operator, T other, int bits) {
        return Nodes.binary(operator, Nodes.extend(node(), bits), Nodes.extend(other.node(), bits));
    }

    final int wider(T other) {
        return Math.max(width(), other.width());
    }

    /** The exact sum, one bit wider than the wider operand. */
    public final T plus(T other) {
        return of(combine(Node.Operator.ADD, other, wider(other) + 1));
    }

    /** The exact sum with a constant. */
    public final T plus(long value) {
        return plus(constant(value));
    }

    /** The sum modulo {@code 2^width} of the wider operand. */
    public final T plusMod(T other) {
        return of(combine(Node.Operator.ADD, other, wider(other)));
    }

    /** The sum with a constant, modulo {@code 2^width}. */
    public final T plusMod(long value) {
        return plusMod(constant(value));
    }

    /** The difference modulo {@code 2^width} of the wider operand. */
    public final T minusMod(T other) {
        return of(combine(Node.Operator.SUBTRACT, other, wider(other)));
    }

    /** The difference with a constant, modulo {@code 2^width}. */
    public final T minusMod(long value) {
        return minusMod(constant(value));
    }

    /** The exact product, as wide as both operands together. */
    public final T times(T other) {
        return of(Nodes.binary(Node.Operator.MULTIPLY, node(), other.node()));
    }

    /** The exact product with a constant. */
    public final T times(long value) {
        return times(constant(value));
    }

    private Bool compare(Node.Operator operator, T other) {
        return new Bool(combine(operator, other, wider(other)));
    }

    private Bool compare(Node.Operator operator, long value) {
        return new Bool(Nodes.binary(operator, node(), literal(BigInteger.valueOf(value))));
    }

    @Override
    public final Bool eq(T other) {
        return compare(Node.Operator.EQUAL, other);
    }

    @Override
    public final Bool ne(T other) {
        return compare(Node.Operator.NOT_EQUAL, other);
    }

    /** Whether this is less. */
    public final Bool lt(T other) {
        return compare(Node.Operator.LESS, other);
    }

    /** Whether this is less than a constant of its range. */
    public final Bool lt(long value) {
        return compare(Node.Operator.LESS, value);
    }

    /** Whether this is less or equal. */
    public final Bool le(T other) {
        return compare(Node.Operator.LESS_OR_EQUAL, other);
    }

    /** Whether this is less than or equal to a constant of its range. */
    public final Bool le(long value) {
        return compare(Node.Operator.LESS_OR_EQUAL, value);
    }

    /** Whether this is greater. */
    public final Bool gt(T other) {
        return compare(Node.Operator.GREATER, other);
    }

    /** Whether this is greater than a constant of its range. */
    public final Bool gt(long value) {
        return compare(Node.Operator.GREATER, value);
    }

    /** Whether this is greater or equal. */
    public final Bool ge(T other) {
        return compare(Node.Operator.GREATER_OR_EQUAL, other);
    }

    /** Whether this is greater than or equal to a constant of its range. */
    public final Bool ge(long value) {
        return compare(Node.Operator.GREATER_OR_EQUAL, value);
    }

    /** The smaller of both, in the wider width. */
    public final T min(T other) {
        return of(Nodes.mux(
                lt(other).node(), Nodes.extend(node(), wider(other)), Nodes.extend(other.node(), wider(other))));
    }

    /** The greater of both, in the wider width. */
    public final T max(T other) {
        return of(Nodes.mux(
                gt(other).node(), Nodes.extend(node(), wider(other)), Nodes.extend(other.node(), wider(other))));
    }
}
