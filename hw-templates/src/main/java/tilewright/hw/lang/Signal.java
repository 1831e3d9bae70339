package tilewright.hw.lang;

import java.math.BigInteger;
import java.util.List;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Finding;

/** A value that is one net: {@link Bool}, {@link Bits}, {@link UInt}, {@link SInt}, {@link Fix}, {@link Enumerated}. */
public abstract sealed class Signal extends Data permits Bool, BitVector, Fix, Enumerated {
    private final int width;
    private final boolean signed;
    private Node node;

    /** A value still to be bound. */
    Signal(int width, boolean signed) {
        if (width < 1) {
            throw new InvalidDesignException(Author.here(), "a signal of " + width + " bits; the fewest are 1");
        }
        this.width = width;
        this.signed = signed;
    }

    /** A value computed from others. */
    Signal(Node node) {
        this.width = node.width;
        this.signed = node.signed;
        this.node = node;
    }

    @Override
    public final int width() {
        return width;
    }

    final boolean signed() {
        return signed;
    }

    final Node node() {
        if (node == null) {
            throw new InvalidDesignException(
                    Author.here(),
                    "a " + getClass().getSimpleName()
                            + " is used that is only a type; make it with in(...), out(...), wire(...) or reg(...)");
        }
        return node;
    }

    final boolean isBound() {
        return node != null;
    }

    final void bind(Node value) {
        node = value;
    }

    @Override
    final List<Signal> leaves() {
        return List.of(this);
    }

    @Override
    final void visit(String name, boolean flipped, Visitor visitor) {
        visitor.leaf(name, flipped, this);
    }

    /** Drives this net; the last of several assignments whose conditions hold wins. */
    final void drive(Node value) {
        ModuleBuilder module = ModuleBuilder.current();
        if (!(node() instanceof Node.NetNode target)) {
            module.problem(
                    Finding.Rule.DIRECTION,
                    node,
                    () -> "a computed value is assigned; declare it with wire(...) or reg(...)");
            return;
        }
        Node fitted = fitted(value, width, signed, target);
        if (Directions.mayDrive(module, target)) {
            module.add(new Block.Assign(target, fitted, Author.here()));
        }
    }

    /** A literal of this type, or a problem when it does not fit. */
    final Node literal(BigInteger value) {
        if (Expression.fits(value, width, signed)) {
            return Nodes.literal(value, width, signed);
        }
        Node subject = node;
        ModuleBuilder.current()
                .problem(
                        Finding.Rule.LITERAL_RANGE,
                        subject,
                        () -> value + " does not fit in " + width + (width == 1 ? " bit" : " bits")
                                + (signed ? " with sign" : "") + "; the range is "
                                + (signed ? BigInteger.TWO.pow(width - 1).negate() : BigInteger.ZERO) + " to "
                                + BigInteger.TWO.pow(signed ? width - 1 : width).subtract(BigInteger.ONE));
        return Nodes.literal(tilewright.hw.lang.design.Evaluation.wrap(value, width, signed), width, signed);
    }

    /** Gives the register a reset value. */
    final void initialise(BigInteger value) {
        if (node() instanceof Node.NetNode net && net.kind == Node.NetKind.REGISTER) {
            net.init = ((Node.Literal) literal(value)).value;
            return;
        }
        ModuleBuilder.current()
                .problem(
                        Finding.Rule.DIRECTION,
                        node,
                        () -> "only a register has a reset value; declare it with reg(...)");
    }

    /** Names the value where no field does. */
    final void rename(String name) {
        if (node() instanceof Node.Literal) {
            return;
        }
        node().name = name;
    }
}
