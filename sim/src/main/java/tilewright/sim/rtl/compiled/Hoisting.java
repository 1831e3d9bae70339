package tilewright.sim.rtl.compiled;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Expression.BinaryOperator;
import tilewright.hw.lang.design.Net;

/**
 * Makes statements of expressions: what is wider than 64 bits becomes calls, one for each operator, and what is too long for
 * one statement is taken apart.
 */
final class Hoisting {
    /** The most code of one expression; above it operands are computed by statements of their own. */
    private static final int LONGEST = 1200;

    private final Slots slots;
    private final Map<Expression, Integer> sizes = new IdentityHashMap<>();

    Hoisting(Slots slots) {
        this.slots = slots;
    }

    /** Adds what takes the value of an expression to the words of a net, none of which it reads if it is wide. */
    void store(Net target, Expression e, List<Statement> out) {
        if (Slots.isWide(e)) {
            wide(e, slots.of(target), out);
        } else {
            Expression value = simple(e, out);
            out.add(new Statement.Store(slots.of(target), value));
        }
    }

    /** The expression, of at most 64 bits, as one that bytecode can be written for; {@code out} gets what comes before. */
    Expression simple(Expression e, List<Statement> out) {
        List<Expression> operands = e.operands();
        if (operands.isEmpty()) {
            return e;
        }
        if (operands.stream().anyMatch(Slots::isWide)) {
            return ofWide(e, out);
        }
        List<Expression> changed = new ArrayList<>(operands.size());
        int total = ExpressionCode.own(e);
        for (Expression operand : operands) {
            Expression simple = simple(operand, out);
            changed.add(simple);
            total += size(simple);
        }
        while (total > LONGEST) {
            int longest = 0;
            for (int i = 1; i < changed.size(); i++) {
                longest = size(changed.get(i)) > size(changed.get(longest)) ? i : longest;
            }
            int size = size(changed.get(longest));
            if (size <= ExpressionCode.own(NOTHING)) {
                break;
            }
            changed.set(longest, apart(changed.get(longest), out));
            total += ExpressionCode.own(NOTHING) - size;
        }
        Expression result = Rebuilding.with(e, changed);
        sizes.put(result, total);
        return result;
    }

    private static final Expression NOTHING = new Expression.Ref(new Net(0, "", 1, false, Net.Kind.WIRE, null));

    private int size(Expression e) {
        Integer known = sizes.get(e);
        return known != null ? known : ExpressionCode.size(e);
    }

    private Expression apart(Expression e, List<Statement> out) {
        Net net = slots.scratch(e.width(), e.signed());
        out.add(new Statement.Store(slots.of(net), e));
        return new Expression.Ref(net);
    }

    /** A reference to a wide value, computed first unless it has a net. */
    private Expression.Ref named(Expression e, List<Statement> out) {
        if (e instanceof Expression.Ref ref) {
            return ref;
        }
        Net net = slots.scratch(e.width(), e.signed());
        store(net, e, out);
        return new Expression.Ref(net);
    }

    private int slot(Expression e, List<Statement> out) {
        return slots.of(named(e, out).net());
    }

    /** An expression of at most 64 bits with wide operands. */
    private Expression ofWide(Expression e, List<Statement> out) {
        return switch (e) {
            case Expression.Slice x -> new Expression.Slice(named(x.operand(), out), x.high(), x.low());
            case Expression.Unary x -> {
                int from = slot(x.operand(), out);
                int width = x.operand().width();
                yield flag(out, to -> switch (x.operator()) {
                    case ALL -> Statement.Call.of("all", to, from, width);
                    case ANY -> Statement.Call.of("any", to, from, Slots.words(width));
                    default -> Statement.Call.of("parity", to, from, width);
                });
            }
            case Expression.Binary x
            when x.operator().isShift() ->
                simple(new Expression.Binary(x.operator(), x.left(), amount(x.right(), out)), out);
            case Expression.Binary x -> compare(x, out);
            case Expression.Lookup x ->
                new Expression.Lookup(x.memory(), x.name(), amount(x.address(), out), x.width());
            default -> throw new IllegalStateException("a narrow value of a wide one by " + e);
        };
    }

    private Expression flag(List<Statement> out, IntFunction<Statement> call) {
        Net net = slots.scratch(1, false);
        out.add(call.apply(slots.of(net)));
        return new Expression.Ref(net);
    }

    private Expression compare(Expression.Binary x, List<Statement> out) {
        int a = slot(x.left(), out);
        int b = slot(x.right(), out);
        int words = Slots.words(x.left().width());
        int signed = x.left().signed() ? 1 : 0;
        BinaryOperator operator = x.operator();
        boolean swaps = operator == BinaryOperator.GREATER || operator == BinaryOperator.LESS_OR_EQUAL;
        boolean equality = operator == BinaryOperator.EQUAL || operator == BinaryOperator.NOT_EQUAL;
        Expression flag = flag(
                out,
                to -> equality
                        ? Statement.Call.of("equal", to, a, b, words)
                        : Statement.Call.of("less", to, swaps ? b : a, swaps ? a : b, words, signed));
        boolean inverts = operator == BinaryOperator.NOT_EQUAL
                || operator == BinaryOperator.LESS_OR_EQUAL
                || operator == BinaryOperator.GREATER_OR_EQUAL;
        return inverts ? new Expression.Unary(Expression.UnaryOperator.NOT, flag) : flag;
    }

    /** A number of bits or an address in at most 64 bits. */
    private Expression amount(Expression e, List<Statement> out) {
        if (!Slots.isWide(e)) {
            return simple(e, out);
        }
        int from = slot(e, out);
        Net net = slots.scratch(64, false);
        out.add(Statement.Call.of("clamp", slots.of(net), from, Slots.words(e.width())));
        return new Expression.Ref(net);
    }

    /** Adds what takes a wide value to words, none of which it reads. */
    private void wide(Expression e, int to, List<Statement> out) {
        int words = Slots.words(e.width());
        switch (e) {
            case Expression.Constant x -> {
                for (int i = 0; i < words; i++) {
                    BigInteger word =
                            BigInteger.valueOf(x.value().shiftRight(64 * i).longValue());
                    out.add(new Statement.Store(to + i, new Expression.Constant(word, 64, true, "")));
                }
            }
            case Expression.Ref x -> out.add(Statement.Call.of("copy", to, slots.of(x.net()), words));
            case Expression.Unary x -> {
                out.add(Statement.Call.of("not", to, slot(x.operand(), out), words));
                fit(x, to, out);
            }
            case Expression.Binary x -> binary(x, to, words, out);
            case Expression.Mux x -> {
                Expression condition = simple(x.condition(), out);
                List<Statement> whenTrue = new ArrayList<>();
                List<Statement> whenFalse = new ArrayList<>();
                wide(x.whenTrue(), to, whenTrue);
                wide(x.whenFalse(), to, whenFalse);
                out.add(Statement.If.of(condition, whenTrue, whenFalse));
            }
            case Expression.Slice x -> {
                int from = slot(x.operand(), out);
                out.add(Statement.Call.of(
                        "slice", to, x.width(), from, Slots.words(x.operand().width()), x.low()));
            }
            case Expression.Concat x -> concat(x, to, words, out);
            case Expression.Extend x -> {
                Expression operand = x.operand();
                int signed = x.signed() ? 1 : 0;
                if (Slots.isWide(operand)) {
                    int from = slot(operand, out);
                    out.add(Statement.Call.of("extend", to, words, from, Slots.words(operand.width()), signed));
                } else {
                    out.add(Statement.Call.of("extendWord", to, words, simple(operand, out), signed));
                }
            }
            case Expression.Reinterpret x -> {
                wide(x.operand(), to, out);
                fit(x, to, out);
            }
            case Expression.Lookup x ->
                out.add(Statement.Call.of(
                        "load", to, words, new Statement.MemoryOperand(x.memory()), amount(x.address(), out)));
        }
    }

    private static void fit(Expression e, int to, List<Statement> out) {
        if (e.width() % 64 != 0) {
            out.add(Statement.Call.of("fit", to, e.width(), e.signed() ? 1 : 0));
        }
    }

    private void binary(Expression.Binary x, int to, int words, List<Statement> out) {
        int a = slot(x.left(), out);
        int signed = x.left().signed() ? 1 : 0;
        switch (x.operator()) {
            case AND, OR, XOR -> out.add(Statement.Call.of(name(x), to, a, slot(x.right(), out), words));
            case ADD, SUBTRACT -> {
                out.add(Statement.Call.of(name(x), to, a, slot(x.right(), out), words));
                fit(x, to, out);
            }
            case MULTIPLY -> {
                int b = slot(x.right(), out);
                int aWords = Slots.words(x.left().width());
                int bWords = Slots.words(x.right().width());
                out.add(Statement.Call.of("multiply", to, words, a, aWords, b, bWords, signed));
            }
            case SHIFT_LEFT -> {
                out.add(Statement.Call.of("wideShiftLeft", to, a, words, amount(x.right(), out)));
                fit(x, to, out);
            }
            default -> out.add(Statement.Call.of("wideShiftRight", to, a, words, amount(x.right(), out), signed));
        }
    }

    private static String name(Expression.Binary x) {
        return x.operator().name().toLowerCase(Locale.ROOT);
    }

    private void concat(Expression.Concat x, int to, int words, List<Statement> out) {
        List<Statement> puts = new ArrayList<>();
        int low = x.width();
        for (Expression part : x.parts()) {
            low -= part.width();
            if (Slots.isWide(part)) {
                puts.add(Statement.Call.of("putWide", to, low, slot(part, out), part.width()));
            } else {
                puts.add(Statement.Call.of("put", to, low, part.width(), simple(part, out)));
            }
        }
        out.add(Statement.Call.of("clear", to, words));
        out.addAll(puts);
    }
}
