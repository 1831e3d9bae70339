package tilewright.compiler.profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import tilewright.edge.language.CacheFormat;
import tilewright.edge.language.Chunk;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.Logits;
import tilewright.edge.language.StepMark;

/**
 * Calibration text in windows that do not overlap: window w reads {@code window} ids from {@code w * stride * window} on, from position
 * 0; some run together.
 *
 * @param ids the text
 * @param window tokens of a window
 * @param count windows to use
 * @param together windows of a step
 * @param stride every how manieth window of the text is used
 */
record Windows(int[] ids, int window, int count, int together, int stride) {
    /** Rows of a step, unless a window is longer. */
    private static final int STEP_TOKENS = 512;

    /** All windows of a text, so many together that a step is long enough to compute well. */
    static Windows all(int[] ids, int window) {
        return new Windows(ids, window, (ids.length - 1) / window, Math.max(1, STEP_TOKENS / window), 1);
    }

    /** Options of an engine that runs windows: exact caches, and steps that are not cut. */
    static EngineOptions engineOptions(int threads, int window) {
        return EngineOptions.defaults()
                .withThreads(threads)
                .withCacheFormat(CacheFormat.F32)
                .withCacheBytes(Long.MAX_VALUE)
                .withPrefillTokens(Math.max(STEP_TOKENS, window));
    }

    /** Steps until all windows are done. */
    int steps() {
        return Math.ceilDiv(count, together);
    }

    /** Windows of a step. */
    int windows(int step) {
        return Math.min(count, (step + 1) * together) - step * together;
    }

    /** Tokens of a step. */
    int tokens(int step) {
        return windows(step) * window;
    }

    /** Tokens of all windows. */
    long tokens() {
        return (long) count * window;
    }

    /** About so many tokens of these, in windows from all over the text. */
    Windows spread(long tokens) {
        int wanted = Math.clamp(tokens / window, 1, count);
        return new Windows(ids, window, wanted, together, stride * (count / wanted));
    }

    /** How many of the first {@code index} of these windows are among {@code part}, which was {@link #spread} over them. */
    int shared(Windows part, int index) {
        return Math.min(part.count, Math.ceilDiv(index, part.stride / stride));
    }

    /** The ids that a window reads, {@code ahead} further on. */
    private int[] read(int index, int ahead) {
        int first = index * stride * window + ahead;
        return Arrays.copyOfRange(ids, first, first + window);
    }

    /** The ids that follow each of a step's tokens. */
    int[] targets(int step) {
        int[] targets = new int[tokens(step)];
        for (int w = 0; w < windows(step); w++) {
            System.arraycopy(read(step * together + w, 1), 0, targets, w * window, window);
        }
        return targets;
    }

    /** Runs a step and hands the logits of every token on. */
    void run(LanguageEngine engine, int step, Consumer<Logits> found) {
        with(engine, step, chunks -> {
            found.accept(engine.step(chunks));
            return null;
        });
    }

    /** Runs the first part of a step, up to a node; from an earlier mark on, or from the beginning where that is null. */
    StepMark mark(LanguageEngine engine, int step, StepMark from, String node) {
        return with(engine, step, chunks -> engine.mark(chunks, from, node));
    }

    /** Runs the rest of a step and hands the logits of every token on. */
    void finish(LanguageEngine engine, int step, StepMark from, Consumer<Logits> found) {
        with(engine, step, chunks -> {
            found.accept(engine.finish(chunks, from));
            return null;
        });
    }

    private <T> T with(LanguageEngine engine, int step, Function<List<Chunk>, T> work) {
        List<Chunk> chunks = new ArrayList<>();
        try {
            for (int w = step * together; w < step * together + windows(step); w++) {
                chunks.add(new Chunk(engine.newSequence(), read(w, 0), Chunk.Wanted.ALL));
            }
            return work.apply(chunks);
        } finally {
            chunks.forEach(chunk -> chunk.sequence().close());
        }
    }
}
