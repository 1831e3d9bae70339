package tilewright.edge.language;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tilewright.model.graph.AttentionSettings;
import tilewright.model.graph.InvalidGraphException;

/**
 * A graph bound to memory: stages in order, for any rows of any sequences.
 *
 * @param tokens the rows of a pass
 * @param wanted those whose logits are wanted
 * @param ids the tokens' ids
 * @param wantedRows the row of each wanted row
 * @param body stages over all rows
 * @param tail stages over the wanted rows, after the last one that mixes tokens
 * @param storages the arrays of all values
 * @param shapes pages of each cache of a sequence
 * @param attentions what each cache is read by
 * @param fixed which caches are filled once and do not grow: those of a cross attention
 * @param crossings what fills each of those
 * @param numbers elements of each further state of a sequence
 * @param points where a pass can be left and gone on with, by the name of the decoder's next node
 * @param values those that are still there after a pass, by name
 * @param logits the wanted logits; null for an encoder
 */
record Plan(
        RowSpace tokens,
        RowSpace wanted,
        Indices ids,
        Indices wantedRows,
        List<Step> body,
        List<Step> tail,
        List<Rows.Storage> storages,
        PageShape[] shapes,
        List<AttentionSettings> attentions,
        boolean[] fixed,
        List<Crossing> crossings,
        int[] numbers,
        Map<String, Point> points,
        Map<String, Bound> values,
        Rows logits) {
    /**
     * A stage and the node it computes, for messages.
     *
     * @param node such as {@code node 'block0.attention': masked_attention}
     * @param stage the computation
     */
    record Step(String node, Stage stage) {}

    /**
     * A cross attention's cache and the encoder's values that fill it.
     *
     * @param cache its number in the decoder's states
     * @param keys the name of the encoder's value
     * @param values likewise
     */
    record Crossing(int cache, String keys, String values) {}

    /**
     * A place between two nodes.
     *
     * @param step the number of the next stage, those of the tail counted after those of the body
     * @param live the arrays that stages from there on may read before they are written
     */
    record Point(int step, List<Rows.Storage> live) {}

    /** The state of a sequence that has seen nothing. */
    SequenceState newState(CachePool pool) {
        return SequenceState.empty(pool, shapes, numbers);
    }

    /**
     * Makes room for more tokens of a sequence.
     *
     * @throws CacheFullException when they do not fit
     */
    void reserve(SequenceState state, int count) {
        for (int i = 0; i < shapes.length; i++) {
            if (!fixed[i]) {
                state.cache(i).reserve(count);
            }
        }
    }

    /** Makes room for rows whose numbers the spaces have been told, before ids and wanted rows are written. */
    void begin() {
        for (int i = 0; i < storages.size(); i++) {
            storages.get(i).ensure();
        }
    }

    /** About how much heap a pass of so many rows takes. */
    long passBytes(int rows, int wantedRows) {
        long bytes = 0;
        for (Rows.Storage storage : storages) {
            bytes += storage.bytes(rows, wanted, wantedRows);
        }
        // What kernels make of values, in their own form, is as large again.
        return 2 * bytes;
    }

    /** The bytes of a sequence's keys and values when it has so many positions, written at most {@code rows} at a time. */
    long cacheBytes(int positions, int rows) {
        long bytes = 0;
        for (int i = 0; i < shapes.length; i++) {
            AttentionSettings attention = attentions.get(i);
            int tokens = shapes[i].tokens();
            long pages = Math.ceilDiv(positions, tokens);
            long visible = attention.window() > 0 ? attention.window() : attention.chunk();
            if (attention.causal() && visible > 0) {
                // Pages before those that the first of the newest rows sees are given back.
                pages = Math.min(pages, Math.ceilDiv(visible + 2L * rows, tokens) + 1);
            }
            bytes += pages * shapes[i].bytes();
        }
        return bytes;
    }

    /** The bytes of what else a sequence keeps, in the heap. */
    long stateBytes() {
        return Arrays.stream(numbers)
                .mapToLong(number -> (long) number * Float.BYTES)
                .sum();
    }

    /** The number of stages. */
    int stages() {
        return body.size() + tail.size();
    }

    /** Runs stages {@code from} to {@code to - 1}; those of the tail only when rows are wanted. */
    void run(Pass pass, int from, int to) {
        int last = wanted.rows() > 0 ? to : Math.min(to, body.size());
        for (int i = from; i < last; i++) {
            Step step = i < body.size() ? body.get(i) : tail.get(i - body.size());
            try {
                step.stage().run(pass);
            } catch (InvalidGraphException e) {
                throw new InvalidGraphException(step.node() + " " + e.getMessage());
            }
        }
    }

    /** Runs all stages; the tail only when rows are wanted. */
    void run(Pass pass) {
        run(pass, 0, stages());
    }
}
