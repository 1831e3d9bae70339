package tilewright.hw.lang;

import java.math.BigInteger;
import java.util.List;
import tilewright.hw.lang.design.SourceLocation;

/** A value under construction: nodes refer to each other by identity and become expressions once all names are known. */
abstract sealed class Node {
    final int width;
    final boolean signed;
    final SourceLocation at;
    /** What the author calls it; null as long as nothing is known. */
    String name;
    /** What it is named after when the author gives no name; null for its purpose. */
    Hint hint;

    /** The name of {@code base} without {@code cut} at its end, then {@code suffix}. */
    record Hint(Node base, String cut, String suffix) {
        /** The name, given that of the base. */
        String of(String baseName) {
            boolean isCut = !cut.isEmpty() && baseName.endsWith(cut);
            return (isCut ? baseName.substring(0, baseName.length() - cut.length()) : baseName) + suffix;
        }
    }

    private Node(int width, boolean signed, SourceLocation at) {
        this.width = width;
        this.signed = signed;
        this.at = at;
    }

    /** What drives a net under construction. */
    enum NetKind {
        INPUT,
        OUTPUT,
        WIRE,
        REGISTER,
        READ
    }

    /** Something that is declared: a port, wire, register or the data of a synchronous read. */
    static final class NetNode extends Node {
        final ModuleBuilder owner;
        final NetKind kind;
        final ClockDomain domain;
        BigInteger init;
        boolean crossing;
        /** What the data of a synchronous read is read from, and named after. */
        MemoryNode memory;
        /** Merged from all assignments; null until then. */
        Node driver;

        NetNode(ModuleBuilder owner, NetKind kind, int width, boolean signed, ClockDomain domain, SourceLocation at) {
            super(width, signed, at);
            this.owner = owner;
            this.kind = kind;
            this.domain = domain;
        }

        boolean isPort() {
            return kind == NetKind.INPUT || kind == NetKind.OUTPUT;
        }
    }

    /** A number, or a value of an enumeration when it has a label. */
    static final class Literal extends Node {
        final BigInteger value;
        final String label;

        Literal(BigInteger value, int width, boolean signed, String label, SourceLocation at) {
            super(width, signed, at);
            this.value = value;
            this.label = label;
        }
    }

    /** What an {@link Operation} computes; as in {@link tilewright.hw.lang.design.Expression}. */
    enum Operator {
        NOT("not"),
        ALL("all"),
        ANY("any"),
        PARITY("parity"),
        ADD("sum"),
        SUBTRACT("difference"),
        MULTIPLY("product"),
        AND("and"),
        OR("or"),
        XOR("xor"),
        EQUAL("equal"),
        NOT_EQUAL("unequal"),
        LESS("less"),
        LESS_OR_EQUAL("at_most"),
        GREATER("greater"),
        GREATER_OR_EQUAL("at_least"),
        SHIFT_LEFT("shifted"),
        SHIFT_RIGHT("shifted"),
        MUX("choice"),
        SLICE("part"),
        CONCAT("joined"),
        EXTEND("extended"),
        REINTERPRET("cast"),
        LOOKUP("word");

        /** What a local value of this kind is called after the name of what it is for. */
        final String role;

        Operator(String role) {
            this.role = role;
        }
    }

    /** An operator applied to nodes. */
    static final class Operation extends Node {
        final Operator operator;
        final List<Node> operands;
        final int high;
        final int low;
        final MemoryNode memory;

        Operation(
                Operator operator,
                List<Node> operands,
                int width,
                boolean signed,
                int high,
                int low,
                MemoryNode memory,
                SourceLocation at) {
            super(width, signed, at);
            this.operator = operator;
            this.operands = operands;
            this.high = high;
            this.low = low;
            this.memory = memory;
        }

        Node operand(int index) {
            return operands.get(index);
        }
    }

    /** Marks a wire that some path through the conditions leaves without a value. */
    static final class Missing extends Node {
        Missing(int width, boolean signed, SourceLocation at) {
            super(width, signed, at);
        }
    }
}
