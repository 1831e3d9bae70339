package tilewright.hw.lang.design;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs a design in exact integers: slow, short, and the definition of what happens at a clock's edge.
 *
 * <p>All nets, registers and memories without contents start at zero.
 */
public final class Interpreter {
    private final Module module;
    private final Map<String, Net> paths;
    private final BigInteger[] values;
    private final BigInteger[][] memories;
    private final Evaluation.State state = new Evaluation.State() {
        @Override
        public BigInteger net(Net net) {
            return values[net.id()];
        }

        @Override
        public BigInteger word(int memory, BigInteger address) {
            BigInteger[] words = memories[memory];
            return inside(address, words) ? words[address.intValue()] : BigInteger.ZERO;
        }
    };

    /** A design with all inputs zero. */
    public Interpreter(Design design) {
        FlatDesign flat = design.flat();
        module = flat.module();
        paths = flat.paths();
        values = new BigInteger[module.nets().size()];
        Arrays.fill(values, BigInteger.ZERO);
        memories = new BigInteger[module.memories().size()][];
        for (Memory memory : module.memories()) {
            BigInteger[] words = new BigInteger[memory.depth()];
            Arrays.fill(words, BigInteger.ZERO);
            memories[memory.id()] =
                    memory.contents().isEmpty() ? words : memory.contents().toArray(words);
        }
        settle();
    }

    /** Sets an input of the top; what depends on it follows at once. */
    public void set(String input, BigInteger value) {
        Net net = module.net(input);
        if (!Expression.fits(value, net.width(), net.signed())) {
            throw new IllegalArgumentException("input '" + input + "' has " + net.width() + " bits; got " + value);
        }
        values[net.id()] = value;
        resetAtOnce();
        settle();
    }

    /** Sets an input of the top. */
    public void set(String input, long value) {
        set(input, BigInteger.valueOf(value));
    }

    /** The value of a net, by its path; see {@link FlatDesign#paths()}. */
    public BigInteger get(String path) {
        Net net = paths.get(path);
        if (net == null) {
            throw new IllegalArgumentException("no net '" + path + "'; the ports are "
                    + module.ports().stream().map(Net::name).toList());
        }
        return values[net.id()];
    }

    /** The value of a net that fits a long. */
    public long getLong(String path) {
        return get(path).longValueExact();
    }

    /** A rising edge of every clock. */
    public void step() {
        edge(Optional.empty());
    }

    /** A rising edge of one clock, by the name of its domain. */
    public void step(String clock) {
        edge(Optional.of(clock));
    }

    private void edge(Optional<String> only) {
        List<Runnable> updates = new ArrayList<>();
        for (Assertion a : module.assertions()) {
            if (ticks(a.clock(), only)
                    && !inReset(a.clock())
                    && value(a.condition()).signum() == 0) {
                throw new AssertionError(a.location() + ": " + a.message());
            }
        }
        for (Register r : module.registers()) {
            if (ticks(r.clock(), only)) {
                boolean reset = r.reset().isPresent() && inReset(r.clock());
                BigInteger next = reset ? r.reset().get() : value(r.next());
                updates.add(() -> values[r.net().id()] = next);
            }
        }
        for (Memory memory : module.memories()) {
            for (Memory.ReadPort read : memory.reads()) {
                if (ticks(read.clock(), only) && value(read.enable()).signum() != 0) {
                    BigInteger word = state.word(memory.id(), value(read.address()));
                    updates.add(() -> values[read.data().id()] = word);
                }
            }
            for (Memory.WritePort write : memory.writes()) {
                BigInteger address = value(write.address());
                boolean writes =
                        ticks(write.clock(), only) && value(write.enable()).signum() != 0;
                if (writes && inside(address, memories[memory.id()])) {
                    BigInteger mask = write.mask().map(m -> lanes(memory, m)).orElse(BigInteger.ONE.negate());
                    BigInteger data = value(write.data()).and(mask);
                    int index = address.intValue();
                    BigInteger[] words = memories[memory.id()];
                    updates.add(() -> words[index] = words[index].andNot(mask).or(data));
                }
            }
        }
        updates.forEach(Runnable::run);
        settle();
    }

    private BigInteger lanes(Memory memory, Expression mask) {
        BigInteger bits = value(mask);
        int laneWidth = memory.width() / mask.width();
        BigInteger lane = BigInteger.ONE.shiftLeft(laneWidth).subtract(BigInteger.ONE);
        BigInteger result = BigInteger.ZERO;
        for (int i = 0; i < mask.width(); i++) {
            if (bits.testBit(i)) {
                result = result.or(lane.shiftLeft(i * laneWidth));
            }
        }
        return result;
    }

    private void settle() {
        for (Assignment a : module.assignments()) {
            values[a.target().id()] = value(a.value());
        }
    }

    private void resetAtOnce() {
        for (Register r : module.registers()) {
            if (r.clock().asynchronous() && r.reset().isPresent() && inReset(r.clock())) {
                values[r.net().id()] = r.reset().get();
            }
        }
    }

    private boolean inReset(Clock clock) {
        return clock.reset().isPresent() && values[clock.reset().get().id()].signum() != 0;
    }

    private static boolean ticks(Clock clock, Optional<String> only) {
        return only.isEmpty() || only.get().equals(clock.name());
    }

    private static boolean inside(BigInteger address, BigInteger[] words) {
        return address.bitLength() < 31 && address.intValue() < words.length;
    }

    private BigInteger value(Expression expression) {
        return Evaluation.of(expression, state);
    }
}
