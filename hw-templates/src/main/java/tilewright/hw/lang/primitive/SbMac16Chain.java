package tilewright.hw.lang.primitive;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;

/**
 * An SB_MAC16 in a column of such: {@code below = above + a * b} modulo {@code 2^32}, 3 clocks after {@code a}, where
 * {@code b} is kept; or, where it accumulates, {@code below += a * b}, and {@code below = above} to read the column out
 * at its lower end. One product per clock.
 */
public final class SbMac16Chain extends Component {
    /** First factor. */
    public final SInt a = in(sint(SbMac16.BITS));
    /** Second factor. */
    public final SInt b = in(sint(SbMac16.BITS));
    /** Whether {@code b} is taken, with the {@code a} of this clock; null where it accumulates, which takes each. */
    public final Bool take;
    /** Whether the registers move on; where it accumulates, the sum only moves when {@link #move} holds too. */
    public final Bool enable = in(bool());
    /** What is added 2 clocks after the operands, or what replaces the sum; null at the top, which takes zero. */
    public final SInt above;
    /** Whether the sum changes: the product of 2 clocks before is added or, with {@link #drain}, it is replaced. */
    public final Bool move;
    /** Whether the sum is replaced by the one above; null, like {@link #move}, where nothing accumulates. */
    public final Bool drain;
    /** The sum. */
    public final SInt below = out(sint(2 * SbMac16.BITS));

    private final SInt aReg = regWhen(a, enable);
    private final SInt bReg = reg(sint(SbMac16.BITS));
    private final SInt product = regWhen(aReg.times(bReg), enable);
    private final SInt sum = reg(sint(2 * SbMac16.BITS));

    /** A block; one at the {@code top} has zero above it. */
    public SbMac16Chain(boolean accumulates, boolean top) {
        above = top ? null : in(sint(2 * SbMac16.BITS));
        take = accumulates ? null : in(bool());
        move = accumulates ? in(bool()) : null;
        drain = accumulates ? in(bool()) : null;
        SInt previous = top ? s(0, 2 * SbMac16.BITS) : above;
        when(accumulates ? enable : enable.and(take), () -> bReg.assign(b));
        if (accumulates) {
            when(enable.and(move), () -> sum.assign(mux(drain, previous, sum.plusMod(product))));
        } else {
            when(enable, () -> sum.assign(previous.plusMod(product)));
        }
        below.assign(sum);
        Vendor vendor = vendor("SB_MAC16");
        SbMac16Pins.describe(
                vendor,
                accumulates,
                enable,
                a,
                b,
                above,
                accumulates ? drain : bool(false),
                accumulates ? move.not() : bool(false));
        vendor.input("BHOLD", accumulates ? bool(false) : take.not());
        vendor.output("O", 2 * SbMac16.BITS, below);
    }
}
