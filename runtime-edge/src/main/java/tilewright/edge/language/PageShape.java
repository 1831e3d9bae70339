package tilewright.edge.language;

import tilewright.edge.vector.MatrixProduct;

/**
 * The layout of one attention node's pages: for each key-value head the keys, then for each the values, both packed as {@link
 * MatrixProduct} reads them.
 *
 * <p>A head's keys are a matrix [tokens, keyWidth] whose outputs are the tokens, its values a matrix [valueWidth, tokens] whose
 * outputs are the columns. In Q8 each group of up to {@link #GROUP} columns of a token's key has a scale, and each panel of
 * columns of a token's value.
 *
 * @param heads key-value heads
 * @param keyWidth columns of a key
 * @param valueWidth columns of a value
 * @param tokens positions in a page, whole panels
 * @param format how elements are kept
 */
record PageShape(int heads, int keyWidth, int valueWidth, int tokens, CacheFormat format) {
    /** Columns of a key that share a scale. */
    static final int GROUP = 32;

    /** Elements of one head's keys. */
    int keyElements() {
        return keyWidth * tokens;
    }

    /** Columns of a value, rounded up to whole panels. */
    int paddedValueWidth() {
        return Math.ceilDiv(valueWidth, MatrixProduct.PANEL) * MatrixProduct.PANEL;
    }

    /** Elements of one head's values. */
    int valueElements() {
        return paddedValueWidth() * tokens;
    }

    /** Elements of a page. */
    int elements() {
        return Math.multiplyExact(heads, Math.addExact(keyElements(), valueElements()));
    }

    /** Groups of a key. */
    int keyGroups() {
        return Math.ceilDiv(keyWidth, GROUP);
    }

    /** Panels of a value. */
    int valuePanels() {
        return paddedValueWidth() / MatrixProduct.PANEL;
    }

    /** Scales of a page in Q8. */
    int scales() {
        return heads * tokens * (keyGroups() + valuePanels());
    }

    /** The bytes of a page. */
    long bytes() {
        return switch (format) {
            case F32 -> 4L * elements();
            case F16 -> 2L * elements();
            case Q8 -> elements() + 4L * scales();
        };
    }

    /** Where head {@code head}'s keys begin. */
    int keysAt(int head) {
        return head * keyElements();
    }

    /** Where head {@code head}'s values begin. */
    int valuesAt(int head) {
        return heads * keyElements() + head * valueElements();
    }

    /** Where column 0 of a token's key is, from the begin of its head's keys; columns are a panel apart. */
    int keyAt(int token) {
        int panel = MatrixProduct.PANEL;
        return token / panel * panel * keyWidth + token % panel;
    }

    /** Where the scale of the first group of a token's key is; groups are a panel apart. */
    int keyScaleAt(int head, int token) {
        int panel = MatrixProduct.PANEL;
        return head * tokens * keyGroups() + token / panel * panel * keyGroups() + token % panel;
    }

    /** Where the scale of the first panel of a token's value is; panels are {@link #tokens} apart. */
    int valueScaleAt(int head, int token) {
        return heads * tokens * keyGroups() + head * tokens * valuePanels() + token;
    }
}
