package tilewright.sim.proof;

/** What a {@link Proof} came to. */
public sealed interface Verdict {
    /** The assertions hold, whatever the inputs. */
    record Proven() implements Verdict {}

    /**
     * An assertion fails.
     *
     * @param counterexample the inputs that make it fail, clock by clock, as Yosys prints them
     */
    record Refuted(String counterexample) implements Verdict {}

    /**
     * Neither was found.
     *
     * @param reason why the solver gave up
     */
    record Undecided(String reason) implements Verdict {}
}
