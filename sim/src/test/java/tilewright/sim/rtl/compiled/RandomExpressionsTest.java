package tilewright.sim.rtl.compiled;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tilewright.hw.lang.design.Assignment;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Evaluation;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Expression.BinaryOperator;
import tilewright.hw.lang.design.Expression.UnaryOperator;
import tilewright.hw.lang.design.Interpreter;
import tilewright.hw.lang.design.Memory;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;
import tilewright.hw.lang.design.SourceLocation;
import tilewright.sim.rtl.Simulation;

/** Expressions of every form that a design may hold, also those that the language does not make, against their meaning. */
class RandomExpressionsTest {
    private static final SourceLocation HERE = new SourceLocation("RandomExpressionsTest.java", 1);
    private static final int MODULES = 120;
    private static final int OUTPUTS = 8;
    private static final int VECTORS = 60;
    private static final int TABLE_WIDTH = 37;

    private final List<Net> nets = new ArrayList<>();
    private Random random;

    private Net net(String name, int width, boolean signed, Net.Kind kind) {
        Net net = new Net(nets.size(), name, width, signed, kind, HERE);
        nets.add(net);
        return net;
    }

    private int width() {
        return switch (random.nextInt(5)) {
            case 0 -> 1;
            case 1 -> 63 + random.nextInt(3);
            case 2 -> 66 + random.nextInt(70);
            default -> 1 + random.nextInt(40);
        };
    }

    /** An expression of a width and signedness. */
    private Expression make(int width, boolean signed, int depth) {
        if (depth == 0) {
            return leaf(width, signed);
        }
        int next = depth - 1;
        return switch (random.nextInt(11)) {
            case 0 -> leaf(width, signed);
            case 1 -> new Expression.Unary(UnaryOperator.NOT, make(width, signed, next));
            case 2, 3 -> {
                BinaryOperator[] same = {
                    BinaryOperator.ADD,
                    BinaryOperator.SUBTRACT,
                    BinaryOperator.AND,
                    BinaryOperator.OR,
                    BinaryOperator.XOR
                };
                BinaryOperator operator = same[random.nextInt(same.length)];
                yield new Expression.Binary(operator, make(width, signed, next), make(width, signed, next));
            }
            case 4 -> {
                if (width == 1) {
                    yield flag(signed, next);
                }
                int left = 1 + random.nextInt(width - 1);
                yield new Expression.Binary(
                        BinaryOperator.MULTIPLY, make(left, signed, next), make(width - left, signed, next));
            }
            case 5 -> {
                BinaryOperator operator = random.nextBoolean() ? BinaryOperator.SHIFT_LEFT : BinaryOperator.SHIFT_RIGHT;
                int amount = random.nextInt(8) == 0 ? width() : 1 + random.nextInt(9);
                yield new Expression.Binary(operator, make(width, signed, next), make(amount, false, next));
            }
            case 6 -> new Expression.Mux(make(1, false, next), make(width, signed, next), make(width, signed, next));
            case 7 -> {
                if (width == 1) {
                    yield flag(signed, next);
                }
                int operand = 1 + random.nextInt(width - 1);
                yield new Expression.Extend(make(operand, signed, next), width);
            }
            case 8 -> new Expression.Reinterpret(make(width, random.nextBoolean(), next), signed);
            case 9 -> unsigned(concat(width, next), signed);
            default -> {
                if (width == TABLE_WIDTH) {
                    yield unsigned(new Expression.Lookup(0, "table", make(6, false, next), TABLE_WIDTH), signed);
                }
                yield flagOr(width, signed, next);
            }
        };
    }

    private Expression flagOr(int width, boolean signed, int depth) {
        return width == 1 ? flag(signed, depth) : slice(width, signed);
    }

    private static Expression unsigned(Expression e, boolean signed) {
        return signed ? new Expression.Reinterpret(e, true) : e;
    }

    private Expression concat(int width, int depth) {
        List<Expression> parts = new ArrayList<>();
        int left = width;
        while (left > 0) {
            int part = 1 + random.nextInt(left);
            parts.add(make(part, random.nextBoolean(), depth));
            left -= part;
        }
        return new Expression.Concat(List.copyOf(parts));
    }

    /** A bit by a comparison or a reduction. */
    private Expression flag(boolean signed, int depth) {
        int width = width();
        boolean inside = random.nextBoolean();
        Expression bit;
        if (random.nextInt(3) == 0) {
            UnaryOperator[] reductions = {UnaryOperator.ALL, UnaryOperator.ANY, UnaryOperator.PARITY};
            bit = new Expression.Unary(reductions[random.nextInt(3)], make(width, inside, depth));
        } else {
            BinaryOperator[] all = BinaryOperator.values();
            BinaryOperator operator = all[BinaryOperator.EQUAL.ordinal() + random.nextInt(6)];
            bit = new Expression.Binary(operator, make(width, inside, depth), make(width, inside, depth));
        }
        return unsigned(bit, signed);
    }

    private Expression slice(int width, boolean signed) {
        List<Net> wider = nets.stream()
                .filter(net -> net.width() >= width && net.kind() == Net.Kind.INPUT)
                .toList();
        if (wider.isEmpty()) {
            return leaf(width, signed);
        }
        Net net = wider.get(random.nextInt(wider.size()));
        int low = random.nextInt(net.width() - width + 1);
        return unsigned(new Expression.Slice(new Expression.Ref(net), low + width - 1, low), signed);
    }

    private Expression leaf(int width, boolean signed) {
        if (random.nextInt(4) == 0) {
            BigInteger value = Evaluation.wrap(corner(width), width, signed);
            return new Expression.Constant(value, width, signed, "");
        }
        List<Net> fitting = nets.stream()
                .filter(net -> net.width() == width && net.kind() == Net.Kind.INPUT)
                .toList();
        Net net = fitting.isEmpty() || random.nextInt(4) == 0
                ? net("i" + nets.size(), width, random.nextBoolean(), Net.Kind.INPUT)
                : fitting.get(random.nextInt(fitting.size()));
        Expression ref = new Expression.Ref(net);
        return net.signed() == signed ? ref : new Expression.Reinterpret(ref, signed);
    }

    private BigInteger corner(int width) {
        return switch (random.nextInt(6)) {
            case 0 -> BigInteger.ZERO;
            case 1 -> BigInteger.ONE.negate();
            case 2 -> BigInteger.ONE.shiftLeft(width - 1);
            case 3 -> BigInteger.ONE.shiftLeft(width - 1).subtract(BigInteger.ONE);
            default -> new BigInteger(width, random);
        };
    }

    private Design design(long seed) {
        random = new Random(seed);
        nets.clear();
        List<BigInteger> words = IntStream.range(0, 50)
                .mapToObj(_ -> new BigInteger(TABLE_WIDTH, random))
                .toList();
        Memory table = new Memory(0, "table", TABLE_WIDTH, words.size(), words, List.of(), List.of(), HERE);
        List<Expression> values = new ArrayList<>();
        for (int i = 0; i < OUTPUTS; i++) {
            int width = random.nextInt(6) == 0 ? TABLE_WIDTH : width();
            values.add(make(width, random.nextBoolean(), 1 + random.nextInt(5)));
        }
        List<Assignment> assignments = new ArrayList<>();
        for (int i = 0; i < OUTPUTS; i++) {
            Expression value = values.get(i);
            assignments.add(new Assignment(net("o" + i, value.width(), value.signed(), Net.Kind.OUTPUT), value));
        }
        Module module = new Module(
                "Expressions",
                "Expressions",
                HERE,
                List.copyOf(nets),
                List.of(),
                assignments,
                List.of(),
                List.of(table),
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                Optional.empty());
        return new Design(List.of(module), List.of());
    }

    @Test
    void everyExpressionHasItsMeaning() {
        for (long seed = 0; seed < MODULES; seed++) {
            Design design = design(seed);
            Interpreter reference = new Interpreter(design);
            try (Simulation simulation = Simulation.open(design, new JavaEngine())) {
                for (int vector = 0; vector < VECTORS; vector++) {
                    for (Net net : design.top().nets()) {
                        if (net.kind() == Net.Kind.INPUT) {
                            BigInteger value = Evaluation.wrap(corner(net.width()), net.width(), net.signed());
                            reference.set(net.name(), value);
                            simulation.set(simulation.port(net.name()), value);
                        }
                    }
                    for (Assignment a : design.top().assignments()) {
                        String name = a.target().name();
                        assertEquals(
                                reference.get(name),
                                simulation.getBig(simulation.port(name)),
                                "seed " + seed + ", vector " + vector + ", " + name + " = " + a.value());
                    }
                }
            }
        }
    }
}
