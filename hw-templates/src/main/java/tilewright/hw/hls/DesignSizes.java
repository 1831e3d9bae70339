package tilewright.hw.hls;

/** The largest of each thing that a program uses: what the design's on-chip memories must hold. */
final class DesignSizes {
    /** Largest entry of an even activation table: its interpolation stays within 32 bits. */
    static final int MAX_EVEN_ENTRY = 1 << 21;

    /** Width of an even activation before it is requantised. */
    static final int EXACT_BITS = 32;

    private int tokens = 1;
    private int linearWords = 1;
    private int linearBlocks = 1;
    private int heads = 1;
    private int headWords = 1;
    private int normWords = 1;
    private int experts = 1;
    private int topK = 1;
    private int routerWords = 1;
    private int activationEntries = 1;

    void rows(int count) {
        tokens = Math.max(tokens, count);
    }

    void linear(int words, int blocks) {
        linearWords = Math.max(linearWords, words);
        linearBlocks = Math.max(linearBlocks, blocks);
    }

    void attention(int count, int headCount, int words) {
        rows(count);
        heads = Math.max(heads, headCount);
        headWords = Math.max(headWords, words);
    }

    void norm(int count, int words) {
        rows(count);
        normWords = Math.max(normWords, words);
    }

    void route(int count, int expertCount, int selected, int words) {
        experts(count, expertCount);
        topK = Math.max(topK, selected);
        routerWords = Math.max(routerWords, words);
    }

    void experts(int count, int expertCount) {
        rows(count);
        experts = Math.max(experts, expertCount);
    }

    void activation(int entries) {
        activationEntries = Math.max(activationEntries, entries);
    }

    int tokens() {
        return tokens;
    }

    int linearWords() {
        return linearWords;
    }

    int linearBlocks() {
        return linearBlocks;
    }

    int heads() {
        return heads;
    }

    int headWords() {
        return headWords;
    }

    int normWords() {
        return normWords;
    }

    int experts() {
        return experts;
    }

    int topK() {
        return topK;
    }

    int routerWords() {
        return routerWords;
    }

    int activationEntries() {
        return activationEntries;
    }
}
