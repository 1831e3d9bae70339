package tilewright.hw.lang;

/** A natural number: {@code width} bits hold 0 to {@code 2^width - 1}. */
public final class UInt extends Numeric<UInt> {
    UInt(int width) {
        super(width, false);
    }

    UInt(Node node) {
        super(Nodes.reinterpret(node, false));
    }

    @Override
    UInt of(Node value) {
        return new UInt(value);
    }

    @Override
    UInt sibling() {
        return new UInt(width());
    }

    /** The exact difference: signed, one bit wider than the wider operand. */
    public SInt minus(UInt other) {
        return new SInt(combine(Node.Operator.SUBTRACT, other, wider(other) + 1));
    }

    /** The exact difference with a constant. */
    public SInt minus(long value) {
        return minus(constant(value));
    }

    /** The same value with a sign, in one more bit. */
    public SInt toSInt() {
        return new SInt(Nodes.extend(node(), width() + 1));
    }

    /** The same value where it fits in {@code bits} bits, else the greatest that does. */
    public UInt saturate(int bits) {
        if (bits >= width()) {
            return extend(bits);
        }
        Node over = slice(width() - 1, bits).any().node();
        return new UInt(Nodes.mux(
                over,
                Nodes.unary(Node.Operator.NOT, Nodes.literal(0, bits, false)),
                low(bits).node()));
    }
}
