package tilewright.hw.lang;

import java.math.BigInteger;
import tilewright.hw.lang.design.Finding;

/**
 * Several bits: what {@link Bits}, {@link UInt} and {@link SInt} have in common. Nothing is cut or extended silently.
 *
 * @param <T> the type itself
 */
public abstract sealed class BitVector<T extends BitVector<T>> extends Signal permits Bits, Numeric {
    BitVector(int width, boolean signed) {
        super(width, signed);
    }

    BitVector(Node node) {
        super(node);
    }

    /** A value of this type. */
    abstract T of(Node value);

    private T self() {
        return of(node());
    }

    /** Bit {@code index}, 0 being the least significant. */
    public final Bool bit(int index) {
        return new Bool(cut(index, index));
    }

    /** The bit that {@code index} says; false past the last. */
    public final Bool bit(UInt index) {
        Node shifted = Nodes.binary(Node.Operator.SHIFT_RIGHT, Nodes.reinterpret(node(), false), index.node());
        return new Bool(Nodes.slice(shifted, 0, 0));
    }

    /** Bits {@code high} down to {@code low}, both included. */
    public final Bits slice(int high, int low) {
        return new Bits(cut(high, low));
    }

    /** The {@code count} least significant bits, read as this type: the value modulo {@code 2^count}. */
    public final T low(int count) {
        return of(Nodes.reinterpret(cut(count - 1, 0), signed()));
    }

    /** The {@code count} most significant bits, read as this type. */
    public final T high(int count) {
        return of(Nodes.reinterpret(cut(width() - 1, width() - count), signed()));
    }

    private Node cut(int high, int low) {
        if (low < 0 || high < low || high >= width()) {
            ModuleBuilder.current()
                    .problem(
                            Finding.Rule.WIDTH_MISMATCH,
                            node(),
                            () -> "bits " + high + " to " + low + " of " + width() + " are taken; the highest there is "
                                    + (width() - 1));
            return Nodes.literal(0, Math.max(1, high - low + 1), false);
        }
        return Nodes.slice(node(), high, low);
    }

    /** The same value in {@code bits} bits, at least as many as it has: zeros on top, or copies of the sign. */
    public final T extend(int bits) {
        if (bits < width()) {
            ModuleBuilder.current()
                    .problem(
                            Finding.Rule.WIDTH_MISMATCH,
                            node(),
                            () -> width() + " bits are extended to " + bits + "; cut with .low(" + bits + ")");
            return low(bits);
        }
        return of(Nodes.extend(node(), bits));
    }

    /** Extended or cut to {@code bits} bits. */
    public final T resize(int bits) {
        return bits < width() ? low(bits) : extend(bits);
    }

    /** Times {@code 2^count}, in {@code count} more bits. */
    public final T shl(int count) {
        if (count == 0) {
            return self();
        }
        Node bits = Nodes.reinterpret(node(), false);
        Node shifted = Nodes.concat(java.util.List.of(bits, Nodes.literal(0, count, false)));
        return of(Nodes.reinterpret(shifted, signed()));
    }

    /** Without its {@code count} least significant bits: divided by {@code 2^count}, rounded down. */
    public final T shr(int count) {
        return high(width() - count);
    }

    /** Shifted left in its own width: what leaves at the top is lost. */
    public final T shl(UInt count) {
        return of(Nodes.binary(Node.Operator.SHIFT_LEFT, node(), count.node()));
    }

    /** Shifted right in its own width: zeros come in, or copies of the sign. */
    public final T shr(UInt count) {
        return of(Nodes.binary(Node.Operator.SHIFT_RIGHT, node(), count.node()));
    }

    /** Bit by bit; both of one width. */
    public final T and(T other) {
        return bitwise(Node.Operator.AND, other);
    }

    /** Bit by bit; both of one width. */
    public final T or(T other) {
        return bitwise(Node.Operator.OR, other);
    }

    /** Bit by bit; both of one width. */
    public final T xor(T other) {
        return bitwise(Node.Operator.XOR, other);
    }

    /** Each bit inverted. */
    public final T not() {
        return of(Nodes.unary(Node.Operator.NOT, node()));
    }

    private T bitwise(Node.Operator operator, T other) {
        return of(Nodes.binary(operator, node(), fitted(other.node(), width(), signed(), other.node())));
    }

    /** Whether both are equal; numbers may differ in width, bits may not. */
    public Bool eq(T other) {
        return new Bool(
                Nodes.binary(Node.Operator.EQUAL, node(), fitted(other.node(), width(), signed(), other.node())));
    }

    /** Whether both differ; numbers may differ in width, bits may not. */
    public Bool ne(T other) {
        return eq(other).not();
    }

    /** Whether this is a constant of its own range. */
    public final Bool eq(long value) {
        return new Bool(Nodes.binary(Node.Operator.EQUAL, node(), literal(BigInteger.valueOf(value))));
    }

    /** Whether this is not a constant of its own range. */
    public final Bool ne(long value) {
        return new Bool(Nodes.binary(Node.Operator.NOT_EQUAL, node(), literal(BigInteger.valueOf(value))));
    }

    /** Whether all bits are set. */
    public final Bool all() {
        return new Bool(Nodes.unary(Node.Operator.ALL, node()));
    }

    /** Whether any bit is set. */
    public final Bool any() {
        return new Bool(Nodes.unary(Node.Operator.ANY, node()));
    }

    /** Whether the number of set bits is odd. */
    public final Bool parity() {
        return new Bool(Nodes.unary(Node.Operator.PARITY, node()));
    }

    /** The same bits as an unsigned number. */
    public final UInt asUInt() {
        return new UInt(node());
    }

    /** The same bits as a signed number. */
    public final SInt asSInt() {
        return new SInt(node());
    }

    /** Drives this net with a value of its width. */
    public final void assign(T value) {
        drive(value.node());
    }

    /** Drives this net with a constant of its range. */
    public final void assign(long value) {
        node();
        drive(literal(BigInteger.valueOf(value)));
    }

    /** Gives this register a reset value of its range. */
    public final T init(long value) {
        return init(BigInteger.valueOf(value));
    }

    /** Gives this register a reset value of its range. */
    @SuppressWarnings("unchecked")
    public final T init(BigInteger value) {
        initialise(value);
        return (T) this;
    }

    /** Names this value where no field does. */
    @SuppressWarnings("unchecked")
    public final T named(String name) {
        rename(name);
        return (T) this;
    }
}
