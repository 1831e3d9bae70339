package tilewright.hw.lang;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tilewright.hw.lang.Node.Operator;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Net;
import tilewright.hw.lang.design.SourceLocation;

/** Turns nodes into expressions; gives a net to what is used more than once, named by the author, cut, or too long. */
final class ExpressionLowering {
    /** Makes a net for a value. */
    interface Hoist {
        Net net(String name, Expression value, SourceLocation at);
    }

    /** How many operators an expression may have before its parts get names. */
    private static final int LONGEST = 24;

    private final Uses uses;
    private final Fields.Unique unique;
    private final Hoist hoist;
    private final Function<Node.NetNode, Net> nets;
    private final List<MemoryNode> memories;
    private final Map<Node, Expression> done = new IdentityHashMap<>();
    private final Map<Expression, Integer> sizes = new IdentityHashMap<>();

    ExpressionLowering(
            Uses uses, Fields.Unique unique, Hoist hoist, Function<Node.NetNode, Net> nets, List<MemoryNode> memories) {
        this.uses = uses;
        this.unique = unique;
        this.hoist = hoist;
        this.nets = nets;
        this.memories = memories;
    }

    /** The expression of a value that is for {@code target}. */
    Expression of(Node node, String target) {
        Expression result = done.get(node);
        if (result != null) {
            return result;
        }
        result = switch (node) {
            case Node.Literal c -> new Expression.Constant(c.value, c.width, c.signed, c.label);
            case Node.NetNode net when uses.isTransparent(net) -> of(net.driver, uses.proposal(net, target));
            case Node.NetNode net -> reference(net);
            case Node.Operation op -> operation(op, op.name == null ? target : op.name);
            case Node.Missing missing -> throw new IllegalStateException("a wire without a value: " + missing.at);
        };
        sizes.putIfAbsent(result, 1);
        boolean isNamed = node instanceof Node.Operation op && op.name != null;
        if (isNamed || uses.count(node) > 1 && !isSimple(result)) {
            result = named(node, result, target);
        }
        done.put(node, result);
        return result;
    }

    /** A foreign net has been complained about already. */
    private Expression reference(Node.NetNode node) {
        Net net = nets.apply(node);
        return net == null
                ? new Expression.Constant(java.math.BigInteger.ZERO, node.width, node.signed, "")
                : new Expression.Ref(net);
    }

    /** The same as a net or constant, so that parts of it can be taken. */
    Expression net(Node node, String target) {
        Expression value = of(node, target);
        return value instanceof Expression.Constant ? value : named(node, value, target);
    }

    /** Whether an expression may be repeated rather than named. */
    private static boolean isSimple(Expression value) {
        return switch (value) {
            case Expression.Ref _, Expression.Constant _ -> true;
            case Expression.Unary e -> e.operator() == Expression.UnaryOperator.NOT && isLeaf(e.operand());
            case Expression.Extend e -> isLeaf(e.operand());
            case Expression.Reinterpret e -> isLeaf(e.operand());
            case Expression.Slice _ -> true;
            case Expression.Binary e ->
                (e.operator() == Expression.BinaryOperator.EQUAL || e.operator() == Expression.BinaryOperator.NOT_EQUAL)
                        && isLeaf(e.left())
                        && e.right() instanceof Expression.Constant;
            default -> false;
        };
    }

    private static boolean isLeaf(Expression value) {
        return value instanceof Expression.Ref || value instanceof Expression.Constant;
    }

    private Expression named(Node node, Expression value, String target) {
        if (value instanceof Expression.Ref) {
            return value;
        }
        String name = switch (node) {
            case Node.Operation op -> op.name != null ? op.name : target + "_" + op.operator.role;
            case Node.NetNode net -> uses.proposal(net, target);
            default -> target;
        };
        Expression ref = new Expression.Ref(hoist.net(unique.of(name), value, node.at));
        sizes.put(ref, 1);
        done.put(node, ref);
        return ref;
    }

    private Expression operand(Node.Operation op, int index, String target) {
        Node node = op.operand(index);
        Expression value = of(node, target);
        boolean isBranch = op.operator == Operator.MUX && index > 0;
        boolean isCut = op.operator == Operator.SLICE;
        boolean isLong = !isBranch && sizes.getOrDefault(value, 1) > LONGEST;
        if (op.operator == Operator.LOOKUP) {
            return net(node, target + "_address");
        }
        return isCut || isLong ? named(node, value, target) : value;
    }

    private Expression operation(Node.Operation op, String target) {
        List<Expression> parts = new java.util.ArrayList<>();
        int size = 1;
        for (int i = 0; i < op.operands.size(); i++) {
            Expression part = operand(op, i, target);
            parts.add(part);
            size += sizes.getOrDefault(part, 1);
        }
        Expression result = make(op, parts);
        sizes.put(result, size);
        return result;
    }

    private Expression make(Node.Operation op, List<Expression> parts) {
        Expression first = parts.getFirst();
        boolean isTwice = op.operator == Operator.NOT
                && first instanceof Expression.Unary inner
                && inner.operator() == Expression.UnaryOperator.NOT;
        if (isTwice) {
            return first.operands().getFirst();
        }
        return switch (op.operator) {
            case NOT, ALL, ANY, PARITY ->
                new Expression.Unary(Expression.UnaryOperator.valueOf(op.operator.name()), first);
            case MUX -> new Expression.Mux(first, parts.get(1), parts.get(2));
            case SLICE -> new Expression.Slice(first, op.high, op.low);
            case CONCAT -> new Expression.Concat(List.copyOf(parts));
            case EXTEND -> new Expression.Extend(first, op.width);
            case REINTERPRET -> new Expression.Reinterpret(first, op.signed);
            case LOOKUP -> new Expression.Lookup(memories.indexOf(op.memory), op.memory.name, first, op.width);
            default ->
                new Expression.Binary(Expression.BinaryOperator.valueOf(op.operator.name()), first, parts.get(1));
        };
    }
}
