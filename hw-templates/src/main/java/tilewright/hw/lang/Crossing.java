package tilewright.hw.lang;

import tilewright.hw.lang.design.Finding;

/**
 * The guarded ways from one clock into another. Anything else that a register takes from a foreign clock is refused.
 *
 * <p>All of them make registers of the current clock; see {@link Hdl#clockedBy}. Whole streams cross in
 * {@code tilewright.hw.lang.stream.ClockCrossingFifo}.
 */
public final class Crossing {
    private static final int STAGES = 2;

    private Crossing() {}

    /** One bit of another clock, through two registers; it must come straight from a register or an input. */
    public static Bool synchronise(Bool source) {
        return chain(source, source);
    }

    /**
     * A number of another clock of which at most one bit changes at a time (a counter in Gray code), through two
     * registers.
     */
    public static UInt synchroniseGray(UInt gray) {
        return chain(gray, gray);
    }

    /** A pulse of one cycle of the clock {@code from} as one of the current clock; pulses must be three cycles apart. */
    public static Bool pulse(Bool pulse, ClockDomain from) {
        Bool toggle = Hdl.clockedBy(from, () -> {
            Bool register = Hdl.reg(Hdl.bool(), 0);
            register.assign(register.xor(pulse));
            return register;
        });
        Bool here = synchronise(toggle);
        return here.xor(Hdl.regNext(here, false));
    }

    private static <T extends Signal> T chain(T source, Data base) {
        T result = source;
        for (int i = 1; i <= STAGES; i++) {
            T stage = Hdl.reg(Hdl.typeOf(source), 0);
            Hdl.hint(stage, base, "_sync" + i);
            ((Node.NetNode) stage.node()).crossing = true;
            T previous = result;
            ModuleBuilder.current().outside(() -> {
                Hdl.assign(stage, previous);
                return null;
            });
            result = stage;
        }
        if (source.node() instanceof Node.Operation) {
            ModuleBuilder.current()
                    .problem(
                            Finding.Rule.CLOCK_CROSSING,
                            source.node(),
                            () ->
                                    "logic stands before a synchroniser, whose glitches it may take; register the value in its"
                                            + " own clock first");
        }
        return result;
    }
}
