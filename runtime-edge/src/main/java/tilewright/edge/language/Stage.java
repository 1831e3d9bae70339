package tilewright.edge.language;

/** One node's computation, its operands and results bound to places in memory. */
@FunctionalInterface
interface Stage {
    /** Computes the results for the rows of this pass. */
    void run(Pass pass);
}
