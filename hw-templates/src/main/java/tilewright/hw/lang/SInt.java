package tilewright.hw.lang;

import java.math.BigInteger;

/** An integer in two's complement: {@code width} bits hold {@code -2^(width-1)} to {@code 2^(width-1) - 1}. */
public final class SInt extends Numeric<SInt> {
    SInt(int width) {
        super(width, true);
    }

    SInt(Node node) {
        super(Nodes.reinterpret(node, true));
    }

    @Override
    SInt of(Node value) {
        return new SInt(value);
    }

    @Override
    SInt sibling() {
        return new SInt(width());
    }

    /** The exact difference, one bit wider than the wider operand. */
    public SInt minus(SInt other) {
        return new SInt(combine(Node.Operator.SUBTRACT, other, wider(other) + 1));
    }

    /** The exact difference with a constant. */
    public SInt minus(long value) {
        return minus(constant(value));
    }

    /** Times this -1, in one more bit. */
    public SInt negate() {
        return constant(0).minus(this).low(width() + 1);
    }

    /** Whether it is below zero: its most significant bit. */
    public Bool isNegative() {
        return bit(width() - 1);
    }

    /** The exact magnitude, as wide as this. */
    public UInt abs() {
        Node plain = Nodes.reinterpret(node(), false);
        Node negated = Nodes.binary(Node.Operator.SUBTRACT, Nodes.literal(0, width(), false), plain);
        return new UInt(Nodes.mux(isNegative().node(), negated, plain));
    }

    /** The same value where it fits in {@code bits} bits, else the nearest that does. */
    public SInt saturate(int bits) {
        if (bits >= width()) {
            return extend(bits);
        }
        Bits top = slice(width() - 1, bits - 1);
        Node fits = top.any().not().or(top.all()).node();
        BigInteger least = BigInteger.TWO.pow(bits - 1).negate();
        Node low = Nodes.literal(least, bits, true);
        Node high = Nodes.literal(least.not(), bits, true);
        return new SInt(Nodes.mux(fits, low(bits).node(), Nodes.mux(isNegative().node(), low, high)));
    }

    /** The same value where {@code bits} bits without a sign hold it: negative becomes zero, too much the greatest. */
    public UInt saturateUnsigned(int bits) {
        UInt magnitude = low(Math.max(1, width() - 1)).asUInt();
        Node positive = bits < magnitude.width()
                ? magnitude.saturate(bits).node()
                : magnitude.extend(bits).node();
        return new UInt(Nodes.mux(isNegative().node(), Nodes.literal(0, bits, false), positive));
    }
}
