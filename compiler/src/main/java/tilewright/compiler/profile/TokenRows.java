package tilewright.compiler.profile;

import tilewright.model.tensor.DType;

/**
 * What some tokens bring to a layer of experts: their rows and the experts that the router chose for each.
 *
 * <p>All experts share the rows, so that a token counts for each of its experts.
 *
 * @param tokens how many
 * @param width elements of a token's row
 * @param topK experts of a token
 * @param rows reads a token's row
 * @param experts the router's choice [tokens, topK]; numbers from the layer's experts on are copied through
 * @param weights routing weights [tokens, topK]
 */
record TokenRows(int tokens, int width, int topK, RowReader rows, float[] experts, float[] weights) {
    /** Reads rows. */
    interface RowReader {
        /** Reads the elements {@code from} to {@code from + count - 1} of a token's row. */
        void read(int token, int from, int count, float[] out, int at);
    }

    /** No rows at all. */
    static TokenRows none() {
        return new TokenRows(0, 1, 1, (_, _, _, _, _) -> {}, new float[0], new float[0]);
    }

    /** The largest number of half precision. */
    private static final float MOST = 65504;

    /** What half precision keeps of a number. */
    static float half(float value) {
        return Float.float16ToFloat(Float.floatToFloat16(Math.clamp(value, -MOST, MOST)));
    }

    /**
     * One expert's rows as it gets them.
     *
     * @param count of them
     * @param rows [count, width]
     * @param weights how much a row's squared error counts: the square of what its output is multiplied by
     */
    record OfExpert(int count, float[] rows, float[] weights) {}

    /**
     * The rows of an expert.
     *
     * @param most rows to take, evenly from all; at least 1
     */
    OfExpert of(RoutedLayer layer, int expert, int most) {
        int met = 0;
        for (float chosen : experts) {
            met += chosen == expert ? 1 : 0;
        }
        int count = Math.min(met, most);
        int part = layer.split() ? width / topK : width;
        float[] found = new float[Math.multiplyExact(count, part)];
        float[] squares = new float[count];
        int row = 0;
        long passed = 0;
        for (int slot = 0; slot < experts.length; slot++) {
            if (experts[slot] != expert || passed++ * count / met == passed * count / met) {
                continue;
            }
            rows.read(slot / topK, layer.split() ? slot % topK * part : 0, part, found, row * part);
            float weight = weights[slot];
            for (int i = row * part; layer.scaled() && i < (row + 1) * part; i++) {
                found[i] *= weight;
            }
            squares[row++] = layer.weighted() ? weight * weight : 1;
        }
        return new OfExpert(count, found, squares);
    }

    /** Rows that a run of the model gathers: evenly spread tokens of a text. */
    static final class Gathering {
        private final long all;
        private final int tokens;
        private final int width;
        private final int topK;
        private final Table rows;
        private final float[] experts;
        private final float[] weights;

        /**
         * Gathers nothing yet.
         *
         * @param all tokens of the text
         * @param tokens to keep
         * @param width elements of a token's row
         */
        Gathering(State state, int layer, long all, int tokens, int width, int topK) {
            this.all = all;
            this.tokens = tokens;
            this.width = width;
            this.topK = topK;
            rows = state.table(layer + ".rows", tokens, width, DType.F16);
            experts = state.floats(layer + ".row_experts", (long) tokens * topK);
            weights = state.floats(layer + ".row_weights", (long) tokens * topK);
        }

        /**
         * Looks at some of a step's tokens, from row {@code from} of it on.
         *
         * @param first the number of the first of these in the text
         */
        void add(long first, int from, int count, float[] values, float[] ids, float[] routing) {
            for (int i = from; i < from + count && tokens > 0; i++) {
                long number = first + i - from;
                int place = (int) (number * tokens / all);
                if (number(place) != number) {
                    continue;
                }
                float[] halves = new float[width];
                for (int j = 0; j < width; j++) {
                    halves[j] = half(values[i * width + j]);
                }
                rows.write(place, halves, 0);
                System.arraycopy(ids, i * topK, experts, place * topK, topK);
                System.arraycopy(routing, i * topK, weights, place * topK, topK);
            }
        }

        /** The token of the text that is kept at a place: any of those that the place stands for. */
        private long number(int place) {
            long from = Math.ceilDiv(place * all, tokens);
            long to = Math.ceilDiv((place + 1) * all, tokens);
            // The finaliser of SplitMix64.
            long mixed = (place + 1) * 0x9E3779B97F4A7C15L;
            mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
            mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
            return from + Long.remainderUnsigned(mixed ^ mixed >>> 31, to - from);
        }

        /** What was gathered. */
        TokenRows rows() {
            return new TokenRows(tokens, width, topK, rows::read, experts, weights);
        }

        /** The rows, each number of half precision. */
        Table table() {
            return rows;
        }
    }
}
