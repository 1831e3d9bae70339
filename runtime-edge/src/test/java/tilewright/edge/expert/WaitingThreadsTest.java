package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.edge.language.Chunk;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.Sequence;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;

/**
 * Threads that wait for slow storage leave the processor to others.
 *
 * <p>One thread that spins takes at least all the time that is waited, one that sleeps a few hundredths of it. The bar
 * lies at one half: waking cold caches on a busy machine makes the work itself dearer, too.
 */
class WaitingThreadsTest {
    private static final Path TRAINED = Path.of("..", "examples", "moe-lm");
    private static final long WAITED_NANOS = 2_000_000_000;

    /** Processor time of the threads that compute, read, or wait for either. */
    private static long processorNanos(ThreadMXBean threads) {
        long nanos = threads.getCurrentThreadCpuTime();
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null
                    && (thread.getThreadName().startsWith("expert-lane")
                            || thread.getThreadName().startsWith("language-engine"))) {
                nanos += threads.getThreadCpuTime(thread.getThreadId());
            }
        }
        return nanos;
    }

    /** Reads a text and gives the last token's logits. */
    private static float[] read(LanguageEngine engine) {
        try (Sequence sequence = engine.newSequence()) {
            engine.step(Chunk.last(sequence, new int[] {17, 3, 801, 44, 5, 260}));
            float[] logits = null;
            for (int id : new int[] {77, 9, 300, 12, 4}) {
                logits = Arrays.copyOf(
                        engine.step(Chunk.last(sequence, new int[] {id})).data(), engine.vocabularySize());
            }
            return logits;
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, false", "2, 2, true", "3, 4, false", "2, 8, true"})
    void waitingForStorageTakesNoProcessorTime(int count, int lanes, boolean prefetch) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Assumptions.assumeTrue(threads.isThreadCpuTimeSupported(), "this JVM does not count threads' time");
        try (LoadedLanguageModel model = LanguageModels.load(TRAINED)) {
            FaultyRecords slow =
                    new FaultyRecords(new FileExperts(model.graph(), model.tensors(), _ -> {}), new Random(lanes));
            try (StreamedExperts experts =
                            new StreamedExperts(model.graph(), slow, new StreamingOptions(lanes, prefetch));
                    LanguageEngine engine = LanguageEngine.load(
                            model, EngineOptions.defaults().withThreads(count).withExperts(experts))) {
                experts.start(experts.leastBytes());
                float[] expected = read(engine);
                // What computing and reading take once they are compiled.
                long fewest = Long.MAX_VALUE;
                for (int round = 0; round < 5; round++) {
                    long from = processorNanos(threads);
                    read(engine);
                    fewest = Math.min(fewest, processorNanos(threads) - from);
                }
                slow.delayNanos = 4_000_000;
                long before = processorNanos(threads);
                long stalled = experts.counters().stallNanos();
                int rounds = 0;
                while (experts.counters().stallNanos() - stalled < WAITED_NANOS) {
                    assertEquals(0, Arrays.mismatch(expected, read(engine)) + 1);
                    rounds++;
                }
                long used = processorNanos(threads) - before;
                long waiting = used - rounds * fewest;
                long waited = experts.counters().stallNanos() - stalled;
                assertTrue(
                        waiting < waited / 2,
                        waiting + " ns of processor time beside " + rounds + " times " + fewest + " while " + waited
                                + " ns were waited for storage");
            }
        }
    }
}
