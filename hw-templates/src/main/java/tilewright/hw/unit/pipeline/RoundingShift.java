package tilewright.hw.unit.pipeline;

import static tilewright.hw.lang.Hdl.anyOf;
import static tilewright.hw.lang.Hdl.bool;
import static tilewright.hw.lang.Hdl.mux;
import static tilewright.hw.lang.Hdl.s;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.Area;
import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;

/**
 * An integer divided by a power of two, rounded to nearest with ties to even, and limited to a range: one per clock.
 *
 * <p>Each stage shifts by {@value #BITS_PER_STAGE} bits of the amount and notes whether it dropped a set bit; one more
 * limits and decides which way to round; one adds.
 */
public final class RoundingShift implements Area {
    /** Bits of the amount that one stage shifts by. */
    public static final int BITS_PER_STAGE = 4;

    /** The rounded quotient. */
    public final SInt value;

    private final List<SInt> shifted = new ArrayList<>();
    private final List<Bool> dropped = new ArrayList<>();
    private final SInt limited;
    private final Bool up;

    /** Which quotients there are. */
    public enum Range {
        /** Those of an integer of so many bits, {@code -2^(bits-1)} to {@code 2^(bits-1) - 1}. */
        SIGNED,
        /** Natural numbers up to and including {@code 2^bits}; the dividend must not be negative. */
        UP_TO_POWER
    }

    /**
     * {@code dividend / 2^(least + amount)}, limited.
     *
     * @param least what is always divided by, at least 0
     * @param bits of the range
     */
    public RoundingShift(Pipeline line, SInt dividend, int least, UInt amount, Range range, int bits) {
        // The lowest bit kept is the one below the quotient's: the half.
        SInt kept = least == 0 ? dividend.shl(1) : dividend.shr(least - 1);
        Bool sticky = least < 2 ? bool(false) : dividend.slice(least - 2, 0).any();
        UInt rest = amount;
        for (int low = 0; low < amount.width(); low += BITS_PER_STAGE) {
            UInt part = rest.low(Math.min(BITS_PER_STAGE, rest.width()));
            sticky = line.next(sticky.or(drops(kept, part, low)));
            kept = line.next(kept.shr(part.shl(low)));
            shifted.add(kept);
            dropped.add(sticky);
            rest = rest.width() > BITS_PER_STAGE ? line.next(rest.shr(BITS_PER_STAGE)) : rest;
        }
        SInt quotient = kept.shr(1).extend(Math.max(bits + 1, kept.width() - 1));
        Bits beyond = quotient.slice(quotient.width() - 1, range == Range.SIGNED ? bits - 1 : bits);
        Bool fits = range == Range.SIGNED
                ? beyond.any().not().or(beyond.all())
                : beyond.any().not();
        SInt nearest = range == Range.SIGNED
                ? quotient.saturate(bits)
                : mux(fits, quotient.low(bits).asUInt().extend(bits + 2), power(bits))
                        .asSInt();
        Bool highest = range == Range.SIGNED
                ? quotient.isNegative().not().and(quotient.low(bits - 1).all())
                : bool(false);
        limited = line.next(nearest);
        up = line.next(kept.bit(0).and(sticky.or(quotient.bit(0))).and(fits).and(highest.not()));
        value = line.next(limited.plusMod(up.asUInt().toSInt()));
    }

    /** The quotient in the range of an integer of {@code bits} bits. */
    public static RoundingShift saturating(Pipeline line, SInt dividend, UInt amount, int bits) {
        return new RoundingShift(line, dividend, 0, amount, Range.SIGNED, bits);
    }

    /** How many stages later than the dividend the quotient is. */
    public int latency() {
        return shifted.size() + 2;
    }

    private static UInt power(int bits) {
        return s(1, 2).shl(bits).asUInt();
    }

    /** Whether a shift by {@code amount * 2^low} drops a set bit. */
    private static Bool drops(SInt number, UInt amount, int low) {
        List<Bool> groups = new ArrayList<>();
        int size = 1 << low;
        for (int i = 0; i + 1 < 1 << amount.width() && i * size < number.width(); i++) {
            int top = Math.min(number.width(), (i + 1) * size) - 1;
            groups.add(number.slice(top, i * size).any().and(amount.gt(i)));
        }
        return anyOf(groups);
    }
}
