package tilewright.edge.matrix;

/** Threads that share the items of one loop; implemented by whoever owns the threads. */
public interface Parallel {
    /** Work on one item. */
    @FunctionalInterface
    interface Work {
        /**
         * Computes one item; its result may depend on nothing but the item.
         *
         * @param scratch this thread's own
         */
        void run(int item, KernelScratch scratch);
    }

    /** How many threads share a loop, at least 1; loops are cut into pieces accordingly. */
    int threads();

    /** Runs {@code work} for every item from 0 to {@code items - 1}, in any order, and returns when all are done. */
    void forEach(int items, Work work);

    /** The calling thread alone, with a scratch of its own; not to be shared between threads. */
    static Parallel serial() {
        KernelScratch scratch = new KernelScratch();
        return new Parallel() {
            @Override
            public int threads() {
                return 1;
            }

            @Override
            public void forEach(int items, Work work) {
                for (int item = 0; item < items; item++) {
                    work.run(item, scratch);
                }
            }
        };
    }
}
