package tilewright.hw.lang.primitive;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;

/**
 * The multiplier of Lattice ECP5, 18 x 18 bits signed, all registers in use: {@code p = a * b}, 3 clocks after the
 * operands, one product per clock. Lattice TN1267 names the pins.
 */
public final class Mult18x18d extends Component {
    /** Bits of an operand. */
    public static final int BITS = 18;

    /** First factor. */
    public final SInt a = in(sint(BITS));
    /** Second factor. */
    public final SInt b = in(sint(BITS));
    /** Whether the registers move on. */
    public final Bool enable = in(bool());
    /** Whether {@code b} is taken, with the {@code a} of this clock; null where each is. */
    public final Bool take;
    /** The exact product. */
    public final SInt p = out(sint(2 * BITS));

    private final SInt aReg = reg(sint(BITS));
    private final SInt bReg = reg(sint(BITS));
    private final SInt product = reg(sint(2 * BITS));
    private final SInt result = reg(sint(2 * BITS));

    /** A multiplier that takes both factors at every clock. */
    public Mult18x18d() {
        this(false);
    }

    /** A multiplier; one that {@code keepsB} takes {@code b} when told. */
    public Mult18x18d(boolean keepsB) {
        take = keepsB ? in(bool()) : null;
        when(keepsB ? take : enable, () -> bReg.assign(b));
        when(enable, () -> {
            aReg.assign(a);
            product.assign(aReg.times(bReg));
            result.assign(product);
        });
        p.assign(result);
        Vendor vendor = vendor("MULT18X18D");
        for (String register : new String[] {"INPUTA", "INPUTB", "PIPELINE", "OUTPUT"}) {
            vendor.parameter("REG_" + register + "_CLK", "\"CLK0\"");
        }
        vendor.parameter("REG_INPUTB_CE", keepsB ? "\"CE1\"" : "\"CE0\"").input("CE1", keepsB ? take : bool(false));
        vendor.parameter("GSR", "\"DISABLED\"")
                .clock("CLK0")
                .input("CE0", enable)
                .input("RST0", bool(false));
        vendor.input("SIGNEDA", bool(true)).input("SIGNEDB", bool(true));
        vendor.input("SOURCEA", bool(false)).input("SOURCEB", bool(false));
        for (int i = 0; i < BITS; i++) {
            vendor.input("A" + i, a.bit(i)).input("B" + i, b.bit(i));
        }
        for (int i = 0; i < 2 * BITS; i++) {
            vendor.outputBit("P" + i, p, i);
        }
    }
}
