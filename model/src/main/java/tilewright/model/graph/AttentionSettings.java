package tilewright.model.graph;

import java.util.List;

/**
 * The variant of a {@link MaskedAttention}; everything but heads, widths and scale is off until a {@code with} method sets it.
 *
 * @param heads query heads
 * @param keyValueHeads divides heads; query head h reads key head {@code h / (heads / keyValueHeads)}
 * @param keyWidth columns of a query or key head
 * @param valueWidth columns of a value head
 * @param scale multiplies each score
 * @param causal whether keys after the query are hidden
 * @param window a key is visible when fewer than this many positions from the query; 0 for no limit
 * @param chunk a key is visible only from the query's own chunk of this many positions; 0 for no chunks
 * @param softcap scores become {@code softcap * tanh(score / softcap)}; 0 for no cap
 * @param slopes ALiBi: per head, added to a score as {@code slope * (key - query)} (Press et al. 2022, arXiv 2108.12409); empty for none
 * @param relativeBias buckets of the bias table; null for none
 * @param sinks whether each head has a logit that takes part in the softmax and has no value
 */
public record AttentionSettings(
        int heads,
        int keyValueHeads,
        int keyWidth,
        int valueWidth,
        double scale,
        boolean causal,
        int window,
        int chunk,
        double softcap,
        List<Double> slopes,
        RelativeBias relativeBias,
        boolean sinks) {
    /** Copies the list. */
    public AttentionSettings {
        slopes = List.copyOf(slopes);
    }

    /** Attention in which every key up to the query is visible. */
    public static AttentionSettings causal(int heads, int keyValueHeads, int keyWidth, int valueWidth, double scale) {
        return new AttentionSettings(
                heads, keyValueHeads, keyWidth, valueWidth, scale, true, 0, 0, 0, List.of(), null, false);
    }

    /** Attention in which every key is visible: encoders and cross attention. */
    public static AttentionSettings full(int heads, int keyValueHeads, int keyWidth, int valueWidth, double scale) {
        return new AttentionSettings(
                heads, keyValueHeads, keyWidth, valueWidth, scale, false, 0, 0, 0, List.of(), null, false);
    }

    /** These settings with a sliding window. */
    public AttentionSettings withWindow(int positions) {
        return new AttentionSettings(
                heads,
                keyValueHeads,
                keyWidth,
                valueWidth,
                scale,
                causal,
                positions,
                chunk,
                softcap,
                slopes,
                relativeBias,
                sinks);
    }

    /** These settings with chunks. */
    public AttentionSettings withChunk(int positions) {
        return new AttentionSettings(
                heads,
                keyValueHeads,
                keyWidth,
                valueWidth,
                scale,
                causal,
                window,
                positions,
                softcap,
                slopes,
                relativeBias,
                sinks);
    }

    /** These settings with soft capped scores. */
    public AttentionSettings withSoftcap(double cap) {
        return new AttentionSettings(
                heads,
                keyValueHeads,
                keyWidth,
                valueWidth,
                scale,
                causal,
                window,
                chunk,
                cap,
                slopes,
                relativeBias,
                sinks);
    }

    /** These settings with ALiBi slopes, one per head. */
    public AttentionSettings withSlopes(List<Double> perHead) {
        return new AttentionSettings(
                heads,
                keyValueHeads,
                keyWidth,
                valueWidth,
                scale,
                causal,
                window,
                chunk,
                softcap,
                perHead,
                relativeBias,
                sinks);
    }

    /** These settings with a table of relative position biases. */
    public AttentionSettings withRelativeBias(RelativeBias bias) {
        return new AttentionSettings(
                heads, keyValueHeads, keyWidth, valueWidth, scale, causal, window, chunk, softcap, slopes, bias, sinks);
    }

    /** These settings with a sink per head. */
    public AttentionSettings withSinks() {
        return new AttentionSettings(
                heads,
                keyValueHeads,
                keyWidth,
                valueWidth,
                scale,
                causal,
                window,
                chunk,
                softcap,
                slopes,
                relativeBias,
                true);
    }

    /** The first key that a query at this position may see; it sees none before it. */
    public long firstVisible(long query) {
        long first = window > 0 ? Math.max(0, query - window + 1) : 0;
        return chunk > 0 ? Math.max(first, query / chunk * chunk) : first;
    }

    /** The last key that a query at this position may see, of {@code keys}; it sees every key from the first to it. */
    public long lastVisible(long query, long keys) {
        long last = keys - 1;
        if (causal) {
            return Math.min(last, query);
        }
        last = window > 0 ? Math.min(last, query + window - 1) : last;
        return chunk > 0 ? Math.min(last, query / chunk * chunk + chunk - 1) : last;
    }

    void checkSettings() {
        Operands.atLeast("heads", heads, 1);
        Operands.atLeast("key_value_heads", keyValueHeads, 1);
        Operands.atLeast("key_width", keyWidth, 1);
        Operands.atLeast("value_width", valueWidth, 1);
        Operands.atLeast("window", window, 0);
        Operands.atLeast("chunk", chunk, 0);
        if (heads % keyValueHeads != 0) {
            throw new InvalidGraphException(
                    "has " + heads + " heads, expected a multiple of the " + keyValueHeads + " key and value heads");
        }
        if (!Double.isFinite(scale)) {
            throw new InvalidGraphException("has scale " + scale + ", expected a finite number");
        }
        if (!(softcap >= 0 && Double.isFinite(softcap))) {
            throw new InvalidGraphException("has softcap " + softcap + ", expected a number above 0, or 0 for none");
        }
        if (!slopes.isEmpty() && slopes.size() != heads) {
            throw new InvalidGraphException(
                    "has " + slopes.size() + " slopes, expected one for each of " + heads + " heads");
        }
        if (relativeBias != null) {
            relativeBias.checkSettings();
        }
    }

    @Override
    public String toString() {
        return "heads=" + heads + ", key_value_heads=" + keyValueHeads + ", key_width=" + keyWidth + ", value_width="
                + valueWidth + ", scale=" + scale + ", causal=" + causal + (window == 0 ? "" : ", window=" + window)
                + (chunk == 0 ? "" : ", chunk=" + chunk) + (softcap == 0 ? "" : ", softcap=" + softcap)
                + (slopes.isEmpty() ? "" : ", slopes=" + slopes)
                + (relativeBias == null ? "" : ", relative_bias=" + relativeBias) + (sinks ? ", sinks=true" : "");
    }
}
