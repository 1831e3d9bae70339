package tilewright.hw.lang;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Finding;

/**
 * The words of the language. {@link Component} inherits them; other code imports them statically.
 *
 * <p>All but the types and literals describe hardware of the component whose constructor is being run.
 */
public abstract class Hdl extends Types {
    /** Words only; there is nothing to construct. */
    protected Hdl() {}

    /** The type of a value that exists. */
    @SuppressWarnings("unchecked")
    public static <T extends Data> Type<T> typeOf(T value) {
        return () -> (T) value.sibling();
    }

    /** The bits of an index into {@code count} things: at least 1. */
    public static int indexWidth(int count) {
        return Math.max(1, 32 - Integer.numberOfLeadingZeros(Math.max(count, 1) - 1));
    }

    /** The bits that a natural number needs: at least 1. */
    public static int bitsFor(long value) {
        return Math.max(1, 64 - Long.numberOfLeadingZeros(value));
    }

    // Literals

    /** A constant true or false. */
    public static Bool bool(boolean value) {
        return new Bool(Nodes.bit(value));
    }

    /** A natural constant of {@code width} bits. */
    public static UInt u(long value, int width) {
        return new UInt(literal(BigInteger.valueOf(value), width, false));
    }

    /** A natural constant in as few bits as it needs. */
    public static UInt u(long value) {
        return u(value, bitsFor(value));
    }

    /** An integer constant of {@code width} bits. */
    public static SInt s(long value, int width) {
        return new SInt(literal(BigInteger.valueOf(value), width, true));
    }

    /** Constant bits. */
    public static Bits b(long value, int width) {
        return new Bits(literal(BigInteger.valueOf(value), width, false));
    }

    /** Constant bits. */
    public static Bits b(BigInteger value, int width) {
        return new Bits(literal(value, width, false));
    }

    private static Node literal(BigInteger value, int width, boolean signed) {
        if (width < 1 || !Expression.fits(value, width, signed)) {
            throw new InvalidDesignException(
                    Author.here(),
                    "literal " + value + " does not fit in " + width + (width == 1 ? " bit" : " bits")
                            + (signed ? " with sign" : "") + "; it needs " + Nodes.bits(value, signed));
        }
        return Nodes.literal(value, width, signed);
    }

    // Declarations

    /** An input port; parts of a bundle that run backward are outputs. */
    public static <T extends Data> T in(Type<T> type) {
        return port(type, Node.NetKind.INPUT);
    }

    /** An output port; parts of a bundle that run backward are inputs. */
    public static <T extends Data> T out(Type<T> type) {
        return port(type, Node.NetKind.OUTPUT);
    }

    private static <T extends Data> T port(Type<T> type, Node.NetKind kind) {
        ModuleBuilder module = ModuleBuilder.current();
        Node.NetKind other = kind == Node.NetKind.INPUT ? Node.NetKind.OUTPUT : Node.NetKind.INPUT;
        T data = make(type);
        data.visit(
                "",
                false,
                (_, flipped, leaf) -> leaf.bind(module.net(flipped ? other : kind, leaf.width(), leaf.signed())));
        return data;
    }

    /** A net to be assigned: it needs a value on every path through the conditions. */
    public static <T extends Data> T wire(Type<T> type) {
        return bound(type, Node.NetKind.WIRE);
    }

    /** A wire that already has a value, and so a place where a field gives it a name. */
    public static <T extends Data> T wire(T value) {
        T result = wire(typeOf(value));
        assign(result, value);
        return result;
    }

    /** A register of the current clock: it holds what it is not assigned. Give it a reset value with {@code init}. */
    public static <T extends Data> T reg(Type<T> type) {
        return bound(type, Node.NetKind.REGISTER);
    }

    /** A register each of whose signals resets to {@code reset}. */
    public static <T extends Data> T reg(Type<T> type, long reset) {
        T data = reg(type);
        data.leaves().forEach(leaf -> leaf.initialise(BigInteger.valueOf(reset)));
        return data;
    }

    private static <T extends Data> T bound(Type<T> type, Node.NetKind kind) {
        ModuleBuilder module = ModuleBuilder.current();
        T data = make(type);
        data.leaves().forEach(leaf -> leaf.bind(module.net(kind, leaf.width(), leaf.signed())));
        return data;
    }

    /** The value one clock earlier, without reset. */
    public static <T extends Data> T regNext(T value) {
        T result = reg(typeOf(value));
        follow(result, value);
        return result;
    }

    /** The value one clock earlier; each of its signals resets to {@code reset}. */
    public static <T extends Data> T regNext(T value, long reset) {
        T result = reg(typeOf(value), reset);
        follow(result, value);
        return result;
    }

    /** The value one clock earlier. */
    public static Bool regNext(Bool value, boolean reset) {
        return regNext(value, reset ? 1 : 0);
    }

    /** The value at the last clock at which {@code enable} held. */
    public static <T extends Data> T regWhen(T value, Bool enable) {
        T result = reg(typeOf(value));
        hint(result, value, "_held");
        unconditionally(() -> {
            when(enable, () -> assign(result, value));
            return null;
        });
        return result;
    }

    /** The value {@code cycles} clocks earlier, without reset. */
    public static <T extends Data> T delay(T value, int cycles) {
        T result = value;
        for (int i = 1; i <= cycles; i++) {
            T next = reg(typeOf(value));
            hint(next, value, "_" + i);
            T previous = result;
            ModuleBuilder.current().outside(() -> {
                assign(next, previous);
                return null;
            });
            result = next;
        }
        return result;
    }

    private static <T extends Data> void follow(T register, T value) {
        hint(register, value, "_delayed");
        ModuleBuilder.current().outside(() -> {
            assign(register, value);
            return null;
        });
    }

    /** Names the nets of {@code data} after those of {@code base}, of the same shape, where no field names them. */
    public static void nameAfter(Data data, Data base, String suffix) {
        hint(data, base, suffix);
    }

    static void hint(Data data, Data base, String suffix) {
        List<Signal> nets = data.leaves();
        List<Signal> bases = base.leaves();
        for (int i = 0; i < nets.size(); i++) {
            nets.get(i).node().hint = new Node.Hint(bases.get(i).node(), "", suffix);
        }
    }

    /**
     * Names the nets of {@code data}, where no field names them, after {@code base} without {@code cut} at its end:
     * {@code nameAfter(next, valid, "_valid", "_stage")} makes {@code in_stage_payload} next to {@code in_valid}.
     */
    public static void nameAfter(Data data, Signal base, String cut, String suffix) {
        data.visit(
                "",
                false,
                (name, _, leaf) -> leaf.node().hint =
                        new Node.Hint(base.node(), cut, suffix + (name.isEmpty() ? "" : "_" + name)));
    }

    /** A value of a type, not yet bound to hardware. */
    static <T extends Data> T make(Type<T> type) {
        T data = type.make();
        if (data instanceof Bundle bundle) {
            bundle.type(type);
        }
        return data;
    }

    // Combining

    /** Drives every signal of {@code target} with that of {@code value}; parts that run backward, the other way. */
    public static <T extends Data> void assign(T target, T value) {
        List<Signal> values = value.leaves();
        if (values.size() != target.leaves().size()) {
            throw new InvalidDesignException(
                    Author.here(),
                    "values of different shapes are assigned: "
                            + target.leaves().size() + " signals from " + values.size());
        }
        int[] index = {0};
        target.visit("", false, (_, flipped, leaf) -> {
            Signal other = values.get(index[0]++);
            if (flipped) {
                other.drive(leaf.node());
            } else {
                leaf.drive(other.node());
            }
        });
    }

    /** Drives every signal of {@code target} with zero. */
    public static void clear(Data target) {
        target.leaves().forEach(leaf -> leaf.drive(Nodes.literal(0, leaf.width(), leaf.signed())));
    }

    /** The first value where the condition holds, else the second. */
    public static <T extends Data> T mux(Bool condition, T whenTrue, T whenFalse) {
        return Data.zip(whenTrue, whenFalse, (a, b) -> Nodes.mux(condition.node(), a, b));
    }

    /** Values side by side, the first in the most significant bits. */
    public static Bits cat(Data... parts) {
        return cat(Arrays.asList(parts));
    }

    /** Values side by side, the first in the most significant bits. */
    public static Bits cat(List<? extends Data> parts) {
        return new Bits(
                Nodes.concat(parts.stream().map(part -> part.asBits().node()).toList()));
    }

    /** Bits as a value of a type of the same width, the inverse of {@link Data#asBits()}. */
    public static <T extends Data> T unpack(Bits value, Type<T> type) {
        T result = make(type);
        Node source = Data.fitted(value.node(), result.width(), false, value.node());
        int low = 0;
        for (Signal leaf : result.leaves()) {
            leaf.bind(Nodes.reinterpret(Nodes.slice(source, low + leaf.width() - 1, low), leaf.signed()));
            low += leaf.width();
        }
        return result;
    }

    /**
     * A value of a type whose signals are those of the others, in the order of declaration: another view of the same
     * nets.
     */
    public static <T extends Data> T view(Type<T> type, List<? extends Data> parts) {
        T result = make(type);
        List<Signal> sources =
                parts.stream().flatMap(part -> part.leaves().stream()).toList();
        List<Signal> leaves = result.leaves();
        if (sources.size() != leaves.size()) {
            throw new InvalidDesignException(
                    Author.here(), "a view of " + leaves.size() + " signals is made of " + sources.size());
        }
        for (int i = 0; i < leaves.size(); i++) {
            if (sources.get(i).isBound()) {
                leaves.get(i).bind(sources.get(i).node());
            }
        }
        return result;
    }

    /** Whether any of them holds. */
    public static Bool anyOf(List<Bool> values) {
        return tree(values, false, Bool::or);
    }

    /** Whether all of them hold. */
    public static Bool allOf(List<Bool> values) {
        return tree(values, true, Bool::and);
    }

    private static Bool tree(List<Bool> values, boolean empty, java.util.function.BinaryOperator<Bool> operator) {
        return values.isEmpty() ? bool(empty) : reduce(values, operator);
    }

    /** Values combined in a balanced tree. */
    public static <T> T reduce(List<T> values, java.util.function.BinaryOperator<T> operator) {
        List<T> level = values;
        while (level.size() > 1) {
            List<T> next = new ArrayList<>();
            for (int i = 0; i + 1 < level.size(); i += 2) {
                next.add(operator.apply(level.get(i), level.get(i + 1)));
            }
            if (level.size() % 2 == 1) {
                next.add(level.getLast());
            }
            level = next;
        }
        return level.getFirst();
    }

    // Statements

    /** Statements that apply where a condition holds. */
    public static When when(Bool condition, Runnable statements) {
        return When.start(condition, statements);
    }

    /** What the statements make, as if no {@code when} stood around them; for functions that build hardware anywhere. */
    public static <R> R unconditionally(Supplier<R> statements) {
        return ModuleBuilder.current().outside(statements);
    }

    /** Statements chosen by a value of an enumeration. */
    public static <E extends Enum<E>> Switch<E> switchOn(Enumerated<E> selector) {
        return Switch.on(selector);
    }

    /** Statements chosen by a number. */
    public static Switch<Long> switchOn(BitVector<?> selector) {
        return Switch.on(selector);
    }

    /** Holds that a condition is true at every edge of the current clock outside reset; a simulation stops where not. */
    public static void assertThat(Bool condition, String message) {
        ModuleBuilder module = ModuleBuilder.current();
        Node around = module.scope().fullCondition();
        Node claim = around == null
                ? condition.node()
                : Nodes.binary(Node.Operator.OR, Nodes.unary(Node.Operator.NOT, around), condition.node());
        module.claims.add(new ModuleBuilder.Claim(module.domain(), claim, message, Author.here()));
    }

    // Structure

    /** A child component: {@code child(Counter::new)}, {@code child(() -> new Counter(8))}. */
    public static <C extends Component> C child(Supplier<C> factory) {
        ModuleBuilder parent = ModuleBuilder.current();
        return ModuleBuilder.construct(parent, parent.problems, factory);
    }

    /** A child named after a signal, as in {@link #nameAfter(Data, Signal, String, String)}, where no field names it. */
    public static <C extends Component> C child(Supplier<C> factory, Signal base, String cut, String suffix) {
        C result = child(factory);
        result.builder.hint = new Node.Hint(base.node(), cut, suffix);
        return result;
    }

    /** A memory of {@code depth} words, zero at power-up. */
    public static <T extends Data> Mem<T> mem(int depth, Type<T> word) {
        return Mem.of(depth, word, List.of());
    }

    /** A memory that is never written; its words are those of the list, as bits. */
    public static <T extends Data> Mem<T> rom(Type<T> word, List<BigInteger> contents) {
        return Mem.of(contents.size(), word, contents);
    }

    /** A memory that is never written, of integers: negative ones in two's complement. */
    public static <T extends Data> Mem<T> rom(Type<T> word, long... contents) {
        return rom(word, Arrays.stream(contents).mapToObj(BigInteger::valueOf).toList());
    }

    /** Statements whose registers, memories, ports and children belong to another clock. */
    public static void clockedBy(ClockDomain domain, Runnable statements) {
        clockedBy(domain, () -> {
            statements.run();
            return null;
        });
    }

    /** What the statements make, in another clock. */
    public static <R> R clockedBy(ClockDomain domain, Supplier<R> statements) {
        return ModuleBuilder.current().run(domain, statements);
    }

    /** The clock that registers made here belong to. */
    public static ClockDomain currentClock() {
        return ModuleBuilder.current().domain();
    }

    /** Notes that a design is malformed, with the author's place; construction goes on. */
    public static void refuse(String message) {
        ModuleBuilder.current().problem(Finding.Rule.STRUCTURE, null, () -> message);
    }
}
