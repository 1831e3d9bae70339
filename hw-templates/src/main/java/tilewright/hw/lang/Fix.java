package tilewright.hw.lang;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import tilewright.hw.lang.design.Finding;

/**
 * A signed number with a binary point: its value is that of {@link #raw()} divided by {@code 2^fraction}. Sums align the
 * points and are exact, and so are products; {@link #round} and {@link #saturate} are the ways back.
 */
public final class Fix extends Signal {
    private final int fraction;

    Fix(int width, int fraction) {
        super(width, true);
        this.fraction = fraction;
    }

    Fix(Node node, int fraction) {
        super(Nodes.reinterpret(node, true));
        this.fraction = fraction;
    }

    @Override
    Fix sibling() {
        return new Fix(width(), fraction);
    }

    /** Bits right of the binary point. */
    public int fraction() {
        return fraction;
    }

    /** The value times {@code 2^fraction}, as an integer. */
    public SInt raw() {
        return new SInt(node());
    }

    private Fix aligned(int to) {
        return to == fraction ? this : new Fix(raw().shl(to - fraction).node(), to);
    }

    /** The exact sum. */
    public Fix plus(Fix other) {
        int to = Math.max(fraction, other.fraction);
        return new Fix(aligned(to).raw().plus(other.aligned(to).raw()).node(), to);
    }

    /** The exact difference. */
    public Fix minus(Fix other) {
        int to = Math.max(fraction, other.fraction);
        return new Fix(aligned(to).raw().minus(other.aligned(to).raw()).node(), to);
    }

    /** The exact product, with the fractions of both. */
    public Fix times(Fix other) {
        return new Fix(raw().times(other.raw()).node(), fraction + other.fraction);
    }

    /** Whether this is less. */
    public Bool lt(Fix other) {
        int to = Math.max(fraction, other.fraction);
        return aligned(to).raw().lt(other.aligned(to).raw());
    }

    /** Whether both are equal. */
    public Bool eq(Fix other) {
        int to = Math.max(fraction, other.fraction);
        return aligned(to).raw().eq(other.aligned(to).raw());
    }

    /** With {@code to} bits of fraction: rounded to nearest, halves to even; exact when that is no fewer. */
    public Fix round(int to) {
        int cut = fraction - to;
        if (cut <= 0) {
            return aligned(to);
        }
        SInt extended = raw().extend(Math.max(width(), cut) + 1);
        Bool odd = extended.bit(cut);
        UInt half = Hdl.u(1, 1).shl(cut - 1).minusMod(1).plusMod(odd.asUInt().extend(cut));
        SInt rounded = extended.plusMod(half.toSInt().resize(extended.width()));
        return new Fix(rounded.shr(cut).node(), to);
    }

    /** With {@code to} bits of fraction, rounded down; exact when that is no fewer. */
    public Fix floor(int to) {
        return to >= fraction ? aligned(to) : new Fix(raw().shr(fraction - to).node(), to);
    }

    /** In {@code bits} bits, the nearest value that fits. */
    public Fix saturate(int bits) {
        return new Fix(raw().saturate(bits).node(), fraction);
    }

    /** The same value in more bits. */
    public Fix extend(int bits) {
        return new Fix(raw().extend(bits).node(), fraction);
    }

    /** Drives this net with a value of its width and binary point. */
    public void assign(Fix value) {
        if (value.fraction != fraction) {
            int cut = value.fraction;
            ModuleBuilder.current()
                    .problem(
                            Finding.Rule.WIDTH_MISMATCH,
                            node(),
                            () -> "'" + Description.of(value.node()) + "' has " + cut
                                    + " bits of fraction where " + fraction + " are wanted; use .round(" + fraction
                                    + ") or .floor(" + fraction + ")");
        }
        drive(value.node());
    }

    /** Drives this net with a constant, which must be representable. */
    public void assign(double value) {
        drive(literal(exact(value)));
    }

    /** Gives this register a reset value, which must be representable. */
    public Fix init(double value) {
        initialise(exact(value));
        return this;
    }

    private BigInteger exact(double value) {
        BigDecimal scaled = new BigDecimal(value).multiply(new BigDecimal(BigInteger.TWO.pow(fraction)));
        BigInteger nearest = scaled.setScale(0, RoundingMode.HALF_EVEN).toBigIntegerExact();
        if (scaled.compareTo(new BigDecimal(nearest)) != 0) {
            ModuleBuilder.current()
                    .problem(
                            Finding.Rule.LITERAL_RANGE,
                            node(),
                            () -> value + " needs more than " + fraction + " bits of fraction; the nearest is "
                                    + new BigDecimal(nearest).divide(new BigDecimal(BigInteger.TWO.pow(fraction))));
        }
        return nearest;
    }

    /** Names this value where no field does. */
    public Fix named(String name) {
        rename(name);
        return this;
    }
}
