package tilewright.sim.rtl;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;

/**
 * A small circuit that a seed determines: values of all types and of 1 to 200 bits, every operator, registers with and
 * without reset, memories and tables, conditions, switches, and sometimes a circuit of the same kind inside.
 */
public final class RandomCircuit extends Component {
    private static final int WIDEST = 200;

    private final Random random;
    private final List<Bool> bools = new ArrayList<>();
    private final List<UInt> naturals = new ArrayList<>();
    private final List<SInt> integers = new ArrayList<>();
    private final List<Bits> patterns = new ArrayList<>();
    private final List<Runnable> assignments = new ArrayList<>();
    private final boolean wide;
    private int names;

    final List<Data> inputs = new ArrayList<>();
    final List<Data> outputs = new ArrayList<>();

    /** A circuit. */
    public RandomCircuit(long seed) {
        this(seed, 12, true);
    }

    private RandomCircuit(long seed, int operations, boolean nests) {
        random = new Random(seed);
        wide = random.nextInt(3) == 0;
        ports();
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
            register();
        }
        if (random.nextInt(3) == 0) {
            memory();
        }
        if (random.nextInt(4) == 0) {
            table();
        }
        for (int i = 0; i < operations; i++) {
            operation();
        }
        if (nests && random.nextInt(3) == 0) {
            nested();
        }
        assignments.forEach(Runnable::run);
        Bool x = out(bool()).named(name("o"));
        x.assign(pick(bools));
        UInt natural = pick(naturals);
        UInt y = out(typeOf(natural)).named(name("o"));
        y.assign(natural);
        SInt integer = pick(integers);
        SInt z = out(typeOf(integer)).named(name("o"));
        z.assign(integer);
        Bits pattern = pick(patterns);
        Bits w = out(typeOf(pattern)).named(name("o"));
        w.assign(pattern);
        outputs.addAll(List.of(x, y, z, w));
    }

    private String name(String prefix) {
        return prefix + names++;
    }

    private int width() {
        return switch (random.nextInt(wide ? 6 : 4)) {
            case 0 -> 1 + random.nextInt(3);
            case 1, 2 -> 1 + random.nextInt(16);
            case 3 -> 30 + random.nextInt(wide ? 36 : 6);
            default -> 60 + random.nextInt(WIDEST - 60);
        };
    }

    private <T> T pick(List<T> values) {
        // What came last is the likeliest, so that chains form.
        int size = values.size();
        return values.get(size - 1 - Math.min(random.nextInt(size), random.nextInt(size)));
    }

    private void ports() {
        Bool a = in(bool()).named(name("i"));
        UInt b = in(uint(width())).named(name("i"));
        SInt c = in(sint(width())).named(name("i"));
        Bits d = in(bits(width())).named(name("i"));
        inputs.addAll(List.of(a, b, c, d));
        bools.add(a);
        naturals.add(b);
        integers.add(c);
        patterns.add(d);
    }

    private BigInteger value(int width, boolean signed) {
        BigInteger bits = new BigInteger(width, random);
        return signed ? bits.subtract(BigInteger.ONE.shiftLeft(width - 1)) : bits;
    }

    private void register() {
        int width = width();
        switch (random.nextInt(3)) {
            case 0 -> {
                Bool r = reg(bool()).named(name("r"));
                if (random.nextBoolean()) {
                    r.init(random.nextBoolean());
                }
                bools.add(r);
                assignments.add(() -> conditionally(() -> r.assign(pick(bools))));
            }
            case 1 -> {
                UInt r = reg(uint(width)).named(name("r"));
                if (random.nextBoolean()) {
                    r.init(value(width, false));
                }
                naturals.add(r);
                assignments.add(
                        () -> conditionally(() -> r.assign(pick(naturals).resize(width))));
            }
            default -> {
                SInt r = reg(sint(width)).named(name("r"));
                if (random.nextBoolean()) {
                    r.init(value(width, true));
                }
                integers.add(r);
                assignments.add(
                        () -> conditionally(() -> r.assign(pick(integers).resize(width))));
            }
        }
    }

    private void conditionally(Runnable statement) {
        switch (random.nextInt(4)) {
            case 0 -> statement.run();
            case 1 -> when(pick(bools), statement);
            case 2 ->
                when(pick(bools), statement).elseWhen(pick(bools), statement).otherwise(() -> {
                    if (random.nextBoolean()) {
                        conditionally(statement);
                    }
                });
            default -> {
                UInt selector = pick(naturals).resize(2);
                switchOn(selector).is(0L, statement).in(List.of(1L, 3L), statement);
            }
        }
    }

    private void memory() {
        int depth = 1 + random.nextInt(9);
        int width = width();
        Mem<UInt> memory = mem(depth, uint(width)).named(name("m"));
        int bits = memory.addressWidth();
        UInt synchronous = wire(uint(bits)).named(name("a"));
        naturals.add(memory.read(synchronous, pick(bools)));
        naturals.add(memory.readAsync(pick(naturals).resize(bits)));
        assignments.add(() -> {
            synchronous.assign(pick(naturals).resize(bits));
            UInt data = pick(naturals).resize(width);
            if (width % 2 == 0 && random.nextBoolean()) {
                memory.writeMasked(
                        pick(naturals).resize(bits),
                        data,
                        pick(bools),
                        pick(naturals).resize(2).asBits());
            } else {
                memory.write(pick(naturals).resize(bits), data, pick(bools));
            }
        });
    }

    private void table() {
        int width = 1 + random.nextInt(wide ? 80 : 20);
        List<BigInteger> words = IntStream.range(0, 1 + random.nextInt(12))
                .mapToObj(_ -> value(width, true))
                .toList();
        Mem<SInt> table = rom(sint(width), words).named(name("t"));
        UInt address = pick(naturals).resize(table.addressWidth());
        integers.add(random.nextBoolean() ? table.read(address) : table.readAsync(address));
    }

    private void nested() {
        RandomCircuit inner = child(() -> new RandomCircuit(random.nextLong(), 6, false));
        ((Bool) inner.inputs.get(0)).assign(pick(bools));
        UInt natural = (UInt) inner.inputs.get(1);
        natural.assign(pick(naturals).resize(natural.width()));
        SInt integer = (SInt) inner.inputs.get(2);
        integer.assign(pick(integers).resize(integer.width()));
        Bits pattern = (Bits) inner.inputs.get(3);
        pattern.assign(pick(patterns).resize(pattern.width()));
        bools.add((Bool) inner.outputs.get(0));
        naturals.add((UInt) inner.outputs.get(1));
        integers.add((SInt) inner.outputs.get(2));
        patterns.add((Bits) inner.outputs.get(3));
    }

    private void operation() {
        switch (random.nextInt(12)) {
            case 0 -> {
                Bool a = pick(bools);
                Bool b = pick(bools);
                bools.add(
                        switch (random.nextInt(5)) {
                            case 0 -> a.and(b);
                            case 1 -> a.or(b);
                            case 2 -> a.xor(b);
                            case 3 -> a.eq(b);
                            default -> a.not();
                        });
            }
            case 1, 2 -> {
                UInt a = pick(naturals);
                UInt b = pick(naturals);
                add(
                        switch (random.nextInt(9)) {
                            case 0 -> a.plus(b);
                            case 1 -> a.plusMod(b);
                            case 2 -> a.minusMod(b);
                            case 3 -> a.width() + b.width() > WIDEST ? a.plusMod(b) : a.times(b);
                            case 4 -> a.min(b);
                            case 5 -> a.saturate(1 + random.nextInt(a.width()));
                            case 6 -> a.shl(b);
                            case 7 -> a.shr(b);
                            default -> a.xor(b.resize(a.width())).not();
                        });
            }
            case 3, 4 -> {
                SInt a = pick(integers);
                SInt b = pick(integers);
                add(
                        switch (random.nextInt(9)) {
                            case 0 -> a.plus(b);
                            case 1 -> a.minus(b);
                            case 2 -> a.plusMod(b);
                            case 3 -> a.width() + b.width() > WIDEST ? a.minusMod(b) : a.times(b);
                            case 4 -> a.max(b);
                            case 5 -> a.saturate(1 + random.nextInt(a.width()));
                            case 6 -> a.shl(pick(naturals));
                            case 7 -> a.shr(pick(naturals));
                            default -> a.and(b.resize(a.width())).not();
                        });
            }
            case 5 -> compare();
            case 6 -> {
                Bits a = pick(patterns);
                bools.add(
                        switch (random.nextInt(4)) {
                            case 0 -> a.all();
                            case 1 -> a.any();
                            case 2 -> a.parity();
                            default -> a.bit(pick(naturals));
                        });
            }
            case 7 -> {
                Bits a = pick(patterns);
                int high = random.nextInt(a.width());
                patterns.add(a.slice(high, random.nextInt(high + 1)));
            }
            case 8 -> {
                Data a = any();
                Data b = any();
                if (a.width() + b.width() <= WIDEST) {
                    patterns.add(
                            random.nextBoolean()
                                    ? cat(a, b)
                                    : cat(b, pick(bools), a, a.asBits().low(1)));
                }
            }
            case 9 -> {
                Bits a = pick(patterns);
                add(a.asUInt());
                add(a.asSInt());
            }
            case 10 -> {
                SInt a = pick(integers);
                add(mux(pick(bools), a, pick(integers).resize(a.width())));
                add(a.abs());
                add(a.shr(random.nextInt(a.width())));
            }
            default -> {
                int width = width();
                Vec<UInt> vector = Vec.of(IntStream.range(0, 3)
                        .mapToObj(_ -> pick(naturals).resize(width))
                        .toList());
                add(vector.get(pick(naturals).resize(2)));
            }
        }
    }

    private void compare() {
        UInt a = pick(naturals);
        UInt b = pick(naturals);
        SInt c = pick(integers);
        SInt d = pick(integers);
        bools.add(
                switch (random.nextInt(8)) {
                    case 0 -> a.lt(b);
                    case 1 -> a.le(b);
                    case 2 -> a.gt(b);
                    case 3 -> a.eq(b);
                    case 4 -> c.lt(d);
                    case 5 -> c.ge(d);
                    case 6 -> c.le(d);
                    default -> c.ne(d);
                });
    }

    private Data any() {
        return switch (random.nextInt(4)) {
            case 0 -> pick(bools);
            case 1 -> pick(naturals);
            case 2 -> pick(integers);
            default -> pick(patterns);
        };
    }

    private void add(UInt value) {
        if (value.width() <= WIDEST) {
            naturals.add(value);
        }
    }

    private void add(SInt value) {
        if (value.width() <= WIDEST) {
            integers.add(value);
        }
    }
}
