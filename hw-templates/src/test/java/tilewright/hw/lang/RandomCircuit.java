package tilewright.hw.lang;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A small circuit of random operators, registers, conditions, vectors and a table, the same for the same seed. Every
 * register is reset, so that simulators with unknown values agree with those without.
 */
public final class RandomCircuit extends Component {
    private static final int WIDEST = 40;

    private final List<UInt> unsignedInputs = new ArrayList<>();
    private final List<SInt> signedInputs = new ArrayList<>();
    private final List<UInt> registers = new ArrayList<>();
    private final List<SInt> signedRegisters = new ArrayList<>();
    private final List<Data> outputs = new ArrayList<>();
    private final Mem<UInt> lookup;

    private final List<UInt> unsigned = new ArrayList<>();
    private final List<SInt> signed = new ArrayList<>();
    private final List<Bool> bools = new ArrayList<>();
    private final Random random;

    /** The circuit of a seed. */
    public RandomCircuit(long seed) {
        random = new Random(seed);
        for (int i = 0; i < 2; i++) {
            unsignedInputs.add(in(uint(width(12))));
            signedInputs.add(in(sint(width(12))));
            registers.add(reg(uint(width(16))).init(random.nextInt(2)));
            signedRegisters.add(reg(sint(width(16))).init(-random.nextInt(2)));
        }
        long[] words = random.longs(16, 0, 128).toArray();
        lookup = rom(uint(7), words);
        unsigned.addAll(unsignedInputs);
        unsigned.addAll(registers);
        signed.addAll(signedInputs);
        signed.addAll(signedRegisters);
        bools.add(unsigned.getFirst().bit(0));
        int operators = 6 + random.nextInt(30);
        for (int i = 0; i < operators; i++) {
            operator();
        }
        for (UInt register : registers) {
            update(() -> register.assign(any(unsigned).resize(register.width())));
        }
        for (SInt register : signedRegisters) {
            update(() -> register.assign(any(signed).resize(register.width())));
        }
        UInt u = any(unsigned);
        SInt s = any(signed);
        UInt first = out(uint(u.width()));
        SInt second = out(sint(s.width()));
        Bool third = out(bool());
        first.assign(u);
        second.assign(s);
        third.assign(any(bools));
        outputs.addAll(List.of(first, second, third));
        for (UInt register : registers) {
            UInt shown = out(uint(register.width()));
            shown.assign(register);
            outputs.add(shown);
        }
    }

    private int width(int most) {
        return 1 + random.nextInt(most);
    }

    private <T> T any(List<T> values) {
        // The newest half the time, so that expressions grow deep.
        boolean isNew = random.nextBoolean();
        return values.get(
                isNew ? values.size() - 1 - random.nextInt(Math.min(3, values.size())) : random.nextInt(values.size()));
    }

    private void update(Runnable assignment) {
        switch (random.nextInt(3)) {
            case 0 -> assignment.run();
            case 1 -> when(any(bools), assignment);
            default -> {
                UInt selector = any(unsigned).resize(2);
                switchOn(selector)
                        .is(0L, assignment)
                        .is(2L, () -> when(any(bools), assignment).otherwise(assignment))
                        .otherwise(() -> when(any(bools), assignment));
            }
        }
    }

    private void operator() {
        UInt a = any(unsigned);
        UInt b = any(unsigned);
        SInt c = any(signed);
        SInt d = any(signed);
        Bool p = any(bools);
        Bool q = any(bools);
        switch (random.nextInt(30)) {
            case 0 -> keep(a.plus(b));
            case 1 -> keep(a.plusMod(b));
            case 2 -> keep(a.minusMod(b));
            case 3 -> keep(a.minus(b));
            case 4 -> keep(a.times(b));
            case 5 -> keep(c.plus(d));
            case 6 -> keep(c.plusMod(d));
            case 7 -> keep(c.minusMod(d));
            case 8 -> keep(c.times(d));
            case 9 -> keep(c.negate());
            case 10 -> keep(c.abs());
            case 11 -> keep(c.saturate(width(c.width())));
            case 12 -> keep(a.saturate(width(a.width())));
            case 13 -> keep(c.saturateUnsigned(width(10)));
            case 14 -> keep(a.shl(b.low(Math.min(3, b.width()))));
            case 15 -> keep(a.shr(b.low(Math.min(4, b.width()))));
            case 16 -> keep(c.shr(b.low(Math.min(4, b.width()))));
            case 17 -> keep(a.and(b.resize(a.width())).or(a.not()).xor(b.resize(a.width())));
            case 18 -> keep(c.xor(d.resize(c.width())).not());
            case 19 -> keep(mux(p, a, b.resize(a.width())));
            case 20 -> keep(mux(p, c, d.resize(c.width())));
            case 21 -> keep(cat(a, c, p).asUInt());
            case 22 -> keep(cat(c, c).asSInt());
            case 23 -> bools.add(p.and(q.not()).or(p.xor(q)));
            case 24 -> bools.add(a.lt(b).or(a.eq(b)).and(c.ge(d)));
            case 25 -> bools.add(a.any().xor(b.all()).xor(c.parity()).xor(c.isNegative()));
            case 26 -> bools.add(a.bit(b));
            case 27 ->
                keep(Vec.of(List.of(a.resize(6), b.resize(6), a.not().resize(6)))
                        .get(b.resize(2)));
            case 28 -> keep(lookup.readAsync(a.resize(4)));
            default -> keep(c.low(width(c.width())).max(d.high(width(d.width()))));
        }
    }

    private void keep(UInt value) {
        unsigned.add(value.width() > WIDEST ? value.low(WIDEST) : value);
    }

    private void keep(SInt value) {
        signed.add(value.width() > WIDEST ? value.high(WIDEST) : value);
    }
}
