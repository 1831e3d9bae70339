package tilewright.hw.lang;

import java.math.BigInteger;

/** A value of a Java enumeration, coded by its ordinal. */
public final class Enumerated<E extends Enum<E>> extends Signal {
    private final Class<E> type;

    Enumerated(Class<E> type) {
        super(codeWidth(type), false);
        this.type = type;
    }

    private static int codeWidth(Class<? extends Enum<?>> type) {
        return Hdl.indexWidth(type.getEnumConstants().length);
    }

    @Override
    Enumerated<E> sibling() {
        return new Enumerated<>(type);
    }

    /** How many values the enumeration has. */
    int values() {
        return type.getEnumConstants().length;
    }

    Node.Literal constant(E value) {
        return new Node.Literal(
                BigInteger.valueOf(value.ordinal()),
                width(),
                false,
                type.getSimpleName() + "_" + value.name(),
                Author.here());
    }

    /** Whether it is this value. */
    public Bool is(E value) {
        return new Bool(Nodes.binary(Node.Operator.EQUAL, node(), constant(value)));
    }

    /** Whether it is not this value. */
    public Bool isNot(E value) {
        return new Bool(Nodes.binary(Node.Operator.NOT_EQUAL, node(), constant(value)));
    }

    /** Drives this net. */
    public void assign(Enumerated<E> value) {
        drive(value.node());
    }

    /** Drives this net with a constant. */
    public void assign(E value) {
        drive(constant(value));
    }

    /** Gives this register a reset value. */
    public Enumerated<E> init(E value) {
        initialise(BigInteger.valueOf(value.ordinal()));
        return this;
    }

    /** Names this value where no field does. */
    public Enumerated<E> named(String name) {
        rename(name);
        return this;
    }
}
