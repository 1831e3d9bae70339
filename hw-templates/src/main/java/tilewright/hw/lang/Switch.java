package tilewright.hw.lang;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tilewright.hw.lang.design.Finding;

/**
 * Statements chosen by a value. Where all values of an enumeration (or of the selector's bits) have their case, none is
 * missing and the last stands for the rest.
 *
 * @param <V> what the cases are written as
 */
public final class Switch<V> {
    private final ModuleBuilder module;
    private final Node selector;
    private final Function<V, Node.Literal> literal;
    private final List<Block.Case> cases = new ArrayList<>();
    private final Block otherwise;

    private Switch(Node selector, Function<V, Node.Literal> literal, int values) {
        module = ModuleBuilder.current();
        this.selector = selector;
        this.literal = literal;
        otherwise = new Block(module.scope(), this::noCase);
        module.add(new Block.Choice(selector, cases, otherwise, values, Author.here()));
    }

    static <E extends Enum<E>> Switch<E> on(Enumerated<E> selector) {
        return new Switch<>(selector.node(), selector::constant, selector.values());
    }

    static Switch<Long> on(BitVector<?> selector) {
        int values = selector.width() < 31 ? 1 << selector.width() : Integer.MAX_VALUE;
        return new Switch<>(
                selector.node(), value -> (Node.Literal) selector.literal(BigInteger.valueOf(value)), values);
    }

    /** Statements for one value. */
    public Switch<V> is(V value, Runnable statements) {
        return in(List.of(value), statements);
    }

    /** Statements for several values. */
    public Switch<V> in(List<V> values, Runnable statements) {
        List<Node.Literal> literals = values.stream().map(literal).toList();
        for (Node.Literal one : literals) {
            if (cases.stream().flatMap(c -> c.values().stream()).anyMatch(seen -> seen.value.equals(one.value))) {
                module.problem(
                        Finding.Rule.SEVERAL_DRIVERS,
                        selector,
                        () -> "the switch has two cases for " + Description.of(one) + "; join them");
            }
        }
        Node condition = literals.stream()
                .map(one -> Nodes.binary(Node.Operator.EQUAL, selector, one))
                .reduce((a, b) -> Nodes.binary(Node.Operator.OR, a, b))
                .orElseThrow(() -> new InvalidDesignException(Author.here(), "a case of a switch without values"));
        Block block = new Block(module.scope(), () -> condition);
        cases.add(new Block.Case(literals, condition, block));
        module.run(block, statements);
        return this;
    }

    /** Statements for all values without a case. */
    public void otherwise(Runnable statements) {
        module.run(otherwise, statements);
    }

    private Node noCase() {
        return cases.stream()
                .map(one -> Nodes.unary(Node.Operator.NOT, one.condition()))
                .reduce((a, b) -> Nodes.binary(Node.Operator.AND, a, b))
                .orElseGet(() -> Nodes.bit(true));
    }
}
