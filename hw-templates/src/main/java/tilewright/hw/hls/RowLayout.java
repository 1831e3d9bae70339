package tilewright.hw.hls;

/**
 * How the features of a row lie in memory words: each group starts on a word, and is padded with zeros to whole words.
 *
 * @param groups number of groups (attention heads), else 1
 * @param groupSize features per group
 * @param lanes elements per word
 */
public record RowLayout(int groups, int groupSize, int lanes) {
    /** Words per group. */
    public int groupWords() {
        return (groupSize + lanes - 1) / lanes;
    }

    /** Words per row. */
    public int words() {
        return groups * groupWords();
    }

    /** Elements per row, with the padding. */
    public int elements() {
        return words() * lanes;
    }

    /** Features per row, without the padding. */
    public int features() {
        return groups * groupSize;
    }

    /** The element of the row that holds a feature. */
    public int position(int feature) {
        return feature / groupSize * groupWords() * lanes + feature % groupSize;
    }

    /** The feature at an element of the row, or -1 for padding, also beyond the row's end. */
    public int feature(int position) {
        int group = position / (groupWords() * lanes);
        int within = position % (groupWords() * lanes);
        return group < groups && within < groupSize ? group * groupSize + within : -1;
    }
}
