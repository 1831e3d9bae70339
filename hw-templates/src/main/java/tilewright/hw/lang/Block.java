package tilewright.hw.lang;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.design.SourceLocation;

/** Statements under one condition, in the order in which the author wrote them. */
final class Block {
    /** What a block contains. */
    sealed interface Statement {}

    /** A value for a net. */
    record Assign(Node.NetNode target, Node value, SourceLocation at) implements Statement {}

    /** Two blocks of which a condition chooses. */
    record When(Node condition, Block whenTrue, Block whenFalse, SourceLocation at) implements Statement {}

    /** One of many blocks, chosen by a selector that has {@code values} values. */
    record Choice(Node selector, List<Case> cases, Block otherwise, int values, SourceLocation at)
            implements Statement {}

    /** A block and the constants for which it is chosen. */
    record Case(List<Node.Literal> values, Node condition, Block block) {}

    /** The block around this one; null for a component's body. */
    final Block parent;
    /** When this block applies inside its parent; null for always. */
    private final java.util.function.Supplier<Node> condition;

    final List<Statement> statements = new ArrayList<>();
    private Node full;

    Block(Block parent, java.util.function.Supplier<Node> condition) {
        this.parent = parent;
        this.condition = condition;
    }

    /** When this block applies, all conditions around it included; null for always. */
    Node fullCondition() {
        if (parent == null) {
            return null;
        }
        if (full == null) {
            Node outer = parent.fullCondition();
            Node inner = condition.get();
            full = outer == null ? inner : Nodes.binary(Node.Operator.AND, outer, inner);
        }
        return full;
    }
}
