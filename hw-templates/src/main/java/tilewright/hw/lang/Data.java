package tilewright.hw.lang;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import tilewright.hw.lang.design.Finding;

/** A typed value of the described hardware: a single {@link Signal}, or several together ({@link Vec}, {@link Bundle}). */
public abstract sealed class Data extends Types permits Signal, Vec, Bundle {
    /** Bits of all parts together. */
    public int width() {
        return leaves().stream().mapToInt(Signal::width).sum();
    }

    /** All parts side by side: the first declared part, or element 0, in the least significant bits. */
    public Bits asBits() {
        List<Node> parts = new ArrayList<>();
        for (Signal leaf : leaves()) {
            parts.addFirst(Nodes.reinterpret(leaf.node(), false));
        }
        return new Bits(Nodes.concat(parts));
    }

    /** The single signals this consists of, in the order of declaration. */
    abstract List<Signal> leaves();

    /** Adds the single signals with their names and directions. */
    abstract void visit(String name, boolean flipped, Visitor visitor);

    /** A new value of the same type. */
    abstract Data sibling();

    /** Told of each single signal. */
    interface Visitor {
        void leaf(String name, boolean flipped, Signal signal);

        /** Told before the parts of a bundle. */
        default void bundle(String name, Bundle bundle) {}
    }

    /** A part of a signal's name after the name of the whole. */
    static String join(String name, String part) {
        return name.isEmpty() ? part : name + "_" + part;
    }

    /** The value made of what {@code operator} makes of the parts of two values of this type. */
    @SuppressWarnings("unchecked")
    static <T extends Data> T zip(T a, T b, BiFunction<Node, Node, Node> operator) {
        T result = (T) a.sibling();
        List<Signal> left = a.leaves();
        List<Signal> right = b.leaves();
        if (left.size() != right.size()) {
            throw new InvalidDesignException(
                    Author.here(),
                    "values of different shapes are combined: " + left.size() + " signals with " + right.size());
        }
        List<Signal> target = result.leaves();
        for (int i = 0; i < left.size(); i++) {
            Node x = left.get(i).node();
            Node y = fitted(right.get(i).node(), x.width, x.signed, right.get(i).node());
            target.get(i).bind(operator.apply(x, y));
        }
        return result;
    }

    /** The node itself when it has the wanted width; else a problem is noted and something of that width returned. */
    static Node fitted(Node value, int width, boolean signed, Node subject) {
        if (value.width == width) {
            return Nodes.reinterpret(value, signed);
        }
        String cure = value.width < width
                ? "extend it with .extend(" + width + ")"
                : "cut it with .low(" + width + ") or .saturate(" + width + "), or widen the other";
        ModuleBuilder.current()
                .problem(
                        Finding.Rule.WIDTH_MISMATCH,
                        subject,
                        () -> "'" + Description.of(value) + "' has " + inBits(value.width) + " where " + inBits(width)
                                + (width == 1 ? " is" : " are") + " wanted; " + cure);
        Node plain = Nodes.reinterpret(value, false);
        Node fixed = value.width < width ? Nodes.extend(plain, width) : Nodes.slice(plain, width - 1, 0);
        return Nodes.reinterpret(fixed, signed);
    }

    private static String inBits(int width) {
        return width + (width == 1 ? " bit" : " bits");
    }
}
