package tilewright.compiler.profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import tilewright.edge.language.Chunk;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.Logits;

/**
 * Calibration text in windows that do not overlap, as for perplexity: window w reads ids {@code w * window .. w * window + window - 1}
 * from position 0; some run together.
 *
 * @param ids the text
 * @param window tokens of a window
 * @param count windows to use
 * @param together windows of a step
 */
record Windows(int[] ids, int window, int count, int together) {
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

    /** The first windows of these. */
    Windows first(int windows) {
        return new Windows(ids, window, Math.min(count, windows), together);
    }

    /** The ids that follow each of a step's tokens. */
    int[] targets(int step) {
        int first = step * together * window + 1;
        return Arrays.copyOfRange(ids, first, first + tokens(step));
    }

    /** Runs a step and hands its logits on: of every token or of none. */
    void run(LanguageEngine engine, int step, boolean logits, Consumer<Logits> found) {
        List<Chunk> chunks = new ArrayList<>();
        try {
            for (int w = step * together; w < step * together + windows(step); w++) {
                int[] read = Arrays.copyOfRange(ids, w * window, (w + 1) * window);
                chunks.add(new Chunk(engine.newSequence(), read, logits ? Chunk.Wanted.ALL : Chunk.Wanted.NONE));
            }
            found.accept(engine.step(chunks));
        } finally {
            chunks.forEach(chunk -> chunk.sequence().close());
        }
    }
}
