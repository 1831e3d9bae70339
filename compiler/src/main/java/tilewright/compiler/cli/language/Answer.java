package tilewright.compiler.cli.language;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import tilewright.edge.language.Generation;
import tilewright.edge.language.GenerationRequest;
import tilewright.edge.language.Generator;
import tilewright.edge.language.Sequence;

/**
 * A generated text and how long it took.
 *
 * @param generation the text
 * @param promptTokens tokens before it
 * @param readTokens those of them that had to be read, the others being in the cache
 * @param most tokens that might have been written, had the context allowed it
 * @param prefillSeconds from the start to the first token
 * @param decodeSeconds from the first token to the end
 */
public record Answer(
        Generation generation,
        int promptTokens,
        int readTokens,
        int most,
        double prefillSeconds,
        double decodeSeconds) {
    /**
     * Generates a text.
     *
     * @param sequence what has seen the prompt's beginning, left open; null to read the prompt from its start
     * @param recorder keeps its course; null for none
     */
    static Answer of(Generator generator, GenerationRequest request, Sequence sequence, StreamingRecorder recorder) {
        int seen = sequence == null ? 0 : sequence.position();
        int prompt = request.prompt().length + request.encoder().length;
        if (recorder != null) {
            recorder.begin();
        }
        long start = System.nanoTime();
        long[] first = {0};
        GenerationRequest timed = request.withListener((id, text) -> {
            boolean begins = first[0] == 0;
            if (begins) {
                first[0] = System.nanoTime();
            }
            if (recorder != null && id >= 0) {
                recorder.sample(
                        begins ? StreamingRecorder.PREFILL : StreamingRecorder.DECODE, begins ? prompt - seen : 1);
            }
            return request.listener().token(id, text);
        });
        Generation generation = sequence == null ? generator.generate(timed) : generator.generate(timed, sequence);
        long end = System.nanoTime();
        first[0] = first[0] == 0 ? end : first[0];
        if (recorder != null) {
            record(recorder, generation, prompt - seen);
        }
        return new Answer(
                generation,
                prompt,
                prompt - seen,
                request.maxTokens(),
                (first[0] - start) * 1e-9,
                (end - first[0]) * 1e-9);
    }

    /** The step that gave the token that ends a text is told to no listener. */
    private static void record(StreamingRecorder recorder, Generation generation, int read) {
        if (generation.end() == Generation.End.END_ID) {
            boolean only = generation.ids().length == 0;
            recorder.sample(only ? StreamingRecorder.PREFILL : StreamingRecorder.DECODE, only ? read : 1);
        }
        recorder.end();
    }

    /** Tokens read per second. */
    public double prefillTokensPerSecond() {
        return readTokens / Math.max(1e-9, prefillSeconds);
    }

    /** Tokens written per second after the first, which the prompt's last one gives; 0 when there are none. */
    public double decodeTokensPerSecond() {
        int steps = generation.ids().length - 1;
        return steps < 1 ? 0 : steps / Math.max(1e-9, decodeSeconds);
    }

    /** One line for a person. */
    public String statistics() {
        int tokens = generation.ids().length;
        return String.format(
                Locale.ROOT,
                "%d tokens read at %.1f tokens/s, %d written%s%s",
                readTokens,
                prefillTokensPerSecond(),
                tokens,
                tokens > 1 ? String.format(Locale.ROOT, " at %.1f tokens/s", decodeTokensPerSecond()) : "",
                switch (generation.end()) {
                    case END_ID -> "";
                    case STOP -> ", ended by a stop string";
                    case LENGTH -> tokens < most ? ", the end of the context" : ", as many as -n allows";
                    case CANCELLED -> ", interrupted";
                });
    }

    /** Adds text, ids and speed to an object. */
    public void describe(ObjectNode node) {
        node.put("text", generation.text());
        ArrayNode ids = node.putArray("ids");
        for (int id : generation.ids()) {
            ids.add(id);
        }
        node.put("end", generation.end().name().toLowerCase(Locale.ROOT));
        node.put("prompt_tokens", promptTokens);
        node.put("prompt_tokens_read", readTokens);
        node.put("tokens", generation.ids().length);
        node.put("prefill_seconds", prefillSeconds);
        node.put("prefill_tokens_per_second", prefillTokensPerSecond());
        node.put("decode_seconds", decodeSeconds);
        node.put("decode_tokens_per_second", decodeTokensPerSecond());
    }
}
