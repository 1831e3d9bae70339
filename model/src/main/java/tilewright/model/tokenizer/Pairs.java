package tilewright.model.tokenizer;

/** Which neighbouring symbols can be merged, in which order, and into what. */
interface Pairs {
    int NONE = -1;

    /**
     * Looks a pair up; negative symbols merge with nothing.
     *
     * @return what {@link #rank} and {@link #result} take, until the next call; {@link #NONE} if it cannot be merged
     */
    int find(int left, int right);

    /** The rank of a pair that was found: the lower, the earlier it is merged. */
    int rank(int found);

    /** The symbol that a pair becomes. */
    int result(int found);
}
