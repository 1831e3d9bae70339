package tilewright.sim.rtl.bench;

/** What a test bench does with a design after its reset; the same for equal seeds and stalls. */
public interface Scenario {
    /** Drives the design and compares what it does; throws, best by {@link Bench#failure}, where it is wrong. */
    void run(Bench bench);
}
