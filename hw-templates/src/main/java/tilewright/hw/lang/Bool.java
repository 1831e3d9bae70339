package tilewright.hw.lang;

import java.math.BigInteger;

/** One bit, true or false. */
public final class Bool extends Signal {
    Bool() {
        super(1, false);
    }

    Bool(Node node) {
        super(Nodes.reinterpret(node, false));
    }

    @Override
    Bool sibling() {
        return new Bool();
    }

    /** This and the other. */
    public Bool and(Bool other) {
        return new Bool(Nodes.binary(Node.Operator.AND, node(), other.node()));
    }

    /** This or the other, or both. */
    public Bool or(Bool other) {
        return new Bool(Nodes.binary(Node.Operator.OR, node(), other.node()));
    }

    /** This or the other, not both. */
    public Bool xor(Bool other) {
        return new Bool(Nodes.binary(Node.Operator.XOR, node(), other.node()));
    }

    /** The opposite. */
    public Bool not() {
        return new Bool(Nodes.unary(Node.Operator.NOT, node()));
    }

    /** Whether both are equal. */
    public Bool eq(Bool other) {
        return new Bool(Nodes.binary(Node.Operator.EQUAL, node(), other.node()));
    }

    /** Drives this net. */
    public void assign(Bool value) {
        drive(value.node());
    }

    /** Drives this net with a constant. */
    public void assign(boolean value) {
        drive(Nodes.bit(value));
    }

    /** Gives this register a reset value. */
    public Bool init(boolean value) {
        initialise(value ? BigInteger.ONE : BigInteger.ZERO);
        return this;
    }

    /** Names this value where no field does. */
    public Bool named(String name) {
        rename(name);
        return this;
    }

    /** The same bit as a number: 0 or 1. */
    public UInt asUInt() {
        return new UInt(node());
    }

    /** The value after a rising edge of this: true where it was false at the edge before. */
    public Bool rises() {
        Bool before = Hdl.regNext(this, false);
        return and(before.not());
    }
}
