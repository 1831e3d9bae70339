package tilewright.sim.rtl.compiled;

/** A part of a compiled function. */
interface Block {
    /**
     * Runs it.
     *
     * @param v the words of all nets
     * @param m the words of each memory
     */
    void run(long[] v, long[][] m);
}
