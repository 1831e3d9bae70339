package tilewright.sim.rtl.bench;

/** What takes part in every cycle of a {@link Bench}. */
public interface Agent {
    /** Sets inputs of the design for the cycle, without reading its outputs. */
    default void drive() {}

    /** Looks at the ports just before the clock's edge, all inputs being set. */
    default void observe() {}

    /** The clock whose cycles it takes part in, by its place in the design; -1 for every edge of any. */
    default int clock() {
        return -1;
    }
}
