package tilewright.hw.lang;

/** The steps from an author's classes to a {@link tilewright.hw.lang.design.Design}, in the order in which they run. */
public enum Phase {
    /** Runs the constructors, top first: they note nets, operations and statements. */
    CONSTRUCT,
    /** Names everything after the fields that hold it, and refuses names that cannot be printed. */
    NAME,
    /** Merges the assignments under conditions into one driver for each net; finds latches and missing drivers. */
    MERGE,
    /** Makes a module of each component, children first; gives names to locals that need one; shares equal modules. */
    LOWER,
    /** Judges the whole design: loops, clock crossings, handshakes, unused inputs. */
    CHECK
}
