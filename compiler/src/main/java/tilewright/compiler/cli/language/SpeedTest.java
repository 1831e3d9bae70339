package tilewright.compiler.cli.language;

import java.util.Arrays;
import java.util.SplittableRandom;
import tilewright.compiler.Progress;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingReport;
import tilewright.edge.language.Chunk;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.Sequence;

/**
 * Measures an engine as llama-bench does: a prompt of random tokens read at once into an empty cache, and tokens written one
 * by one from an empty cache, each repeated after a round that does not count.
 */
public final class SpeedTest {
    /** A JIT compiler needs more than a first round to find what to compile. */
    private static final int WARM_UP_NANOS = 1_500_000_000;

    private static final int WARM_UP_ROUNDS = 12;

    private final LanguageEngine engine;
    private final SplittableRandom random = new SplittableRandom(1);
    private final StreamedExperts experts;
    private final StreamingRecorder recorder;
    private final Progress progress;

    /**
     * A test of an engine.
     *
     * @param experts those that it reads on demand; null when all stay in memory
     * @param recorder keeps the course of the rounds that count; null for none
     */
    public SpeedTest(LanguageEngine engine, StreamedExperts experts, StreamingRecorder recorder, Progress progress) {
        this.engine = engine;
        this.experts = experts;
        this.recorder = recorder;
        this.progress = progress;
    }

    /**
     * Tokens per second of repeated rounds, in their order.
     *
     * @param tokensPerSecond one for each round
     * @param streaming what experts on demand cost all of them together; null when there are none
     */
    public record Rounds(double[] tokensPerSecond, StreamingReport streaming) {
        /** Of the fastest round. */
        public double best() {
            return Arrays.stream(tokensPerSecond).max().orElse(0);
        }

        /** Of the middle round; of an even number the slower of both. */
        public double median() {
            double[] sorted = tokensPerSecond.clone();
            Arrays.sort(sorted);
            return sorted.length == 0 ? 0 : sorted[(sorted.length - 1) / 2];
        }
    }

    /** Reads a prompt of so many tokens; only the last one's logits are computed. */
    public Rounds prefill(int tokens, int repeats) {
        return measure(StreamingRecorder.PREFILL, tokens, repeats, sequence -> {
            engine.step(Chunk.last(sequence, randomIds(tokens)));
            sample(StreamingRecorder.PREFILL, tokens);
        });
    }

    /** Writes so many tokens one by one. */
    public Rounds decode(int tokens, int repeats) {
        return measure(StreamingRecorder.DECODE, tokens, repeats, sequence -> {
            for (int i = 0; i < tokens; i++) {
                engine.step(Chunk.last(sequence, randomIds(1)));
                sample(StreamingRecorder.DECODE, 1);
            }
        });
    }

    private void sample(String part, int tokens) {
        if (recorder != null) {
            recorder.sample(part, tokens);
        }
    }

    /** One round on an empty sequence. */
    @FunctionalInterface
    private interface Round {
        void run(Sequence sequence);
    }

    private Rounds measure(String what, int tokens, int repeats, Round round) {
        long start = System.nanoTime();
        for (int i = 0; i < WARM_UP_ROUNDS && (i == 0 || System.nanoTime() - start < WARM_UP_NANOS); i++) {
            time(round);
        }
        StreamingMeter meter = experts == null ? null : new StreamingMeter(experts);
        long nanos = 0;
        double[] tokensPerSecond = new double[repeats];
        for (int i = 0; i < repeats; i++) {
            if (recorder != null) {
                recorder.begin();
            }
            long took = time(round);
            if (recorder != null) {
                recorder.end();
            }
            nanos += took;
            tokensPerSecond[i] = tokens / (took * 1e-9);
            progress.update(what, i + 1L, repeats);
        }
        StreamingReport report =
                meter == null ? null : meter.besideStorage(meter.end((long) tokens * repeats, nanos * 1e-9));
        return new Rounds(tokensPerSecond, report);
    }

    private long time(Round round) {
        try (Sequence sequence = engine.encoderDecoder() ? engine.newSequence(randomIds(1)) : engine.newSequence()) {
            long start = System.nanoTime();
            round.run(sequence);
            return System.nanoTime() - start;
        }
    }

    private int[] randomIds(int count) {
        return random.ints(count, 0, engine.vocabularySize()).toArray();
    }
}
