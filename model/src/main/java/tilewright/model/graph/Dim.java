package tilewright.model.graph;

/** One dimension of a shape: a fixed size, or a named size that is known only when the graph runs. */
public sealed interface Dim {
    /** The number of images or sequences that run together. */
    Symbol BATCH = new Symbol("batch");
    /** The number of tokens of each sequence. */
    Symbol TOKENS = new Symbol("tokens");
    /** The number of tokens of each sequence that an encoder reads. */
    Symbol SOURCE = new Symbol("source");
    /** The number of (token, expert) pairs that a router makes: batch x tokens x top-k. */
    Symbol ROUTED = new Symbol("routed");

    /**
     * A size known when the graph is built.
     *
     * @param size at least 1
     */
    record Fixed(long size) implements Dim {
        /** Rejects sizes below 1. */
        public Fixed {
            if (size < 1) {
                throw new InvalidGraphException("a dimension has size " + size + ", expected at least 1");
            }
        }

        @Override
        public String toString() {
            return Long.toString(size);
        }
    }

    /**
     * A size known only at run time; equal names mean equal sizes.
     *
     * @param name such as "batch", "tokens", "routed"
     */
    record Symbol(String name) implements Dim {
        @Override
        public String toString() {
            return name;
        }
    }

    /** The fixed dimension of this size. */
    static Dim of(long size) {
        return new Fixed(size);
    }
}
