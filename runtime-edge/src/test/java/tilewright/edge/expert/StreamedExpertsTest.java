package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tilewright.edge.language.Chunk;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.Sequence;
import tilewright.edge.matrix.ActivationPrecision;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;

/** Models whose experts are on storage against the same models in memory, bit for bit. */
class StreamedExpertsTest {
    private static final Path TRAINED = Path.of("..", "examples", "moe-lm");

    /** Steps of random numbers of tokens: a prompt, single tokens, several at once. */
    private record Text(List<int[]> steps) {
        static Text random(Random random, int vocabulary) {
            List<int[]> steps = new ArrayList<>();
            for (int length : new int[] {1 + random.nextInt(40), 1, 1, 1 + random.nextInt(6), 1}) {
                steps.add(random.ints(length, 0, vocabulary).toArray());
            }
            return new Text(steps);
        }

        List<float[]> logits(LanguageEngine engine) {
            List<float[]> logits = new ArrayList<>();
            try (Sequence sequence =
                    engine.encoderDecoder() ? engine.newSequence(new int[] {1, 2, 3}) : engine.newSequence()) {
                for (int[] ids : steps) {
                    var found = engine.step(Chunk.all(sequence, ids));
                    float[] copy = new float[found.rows() * engine.vocabularySize()];
                    System.arraycopy(found.data(), 0, copy, 0, copy.length);
                    logits.add(copy);
                }
            }
            return logits;
        }
    }

    private static void compare(Path folder, long seed) {
        Random random = new Random(seed);
        try (LoadedLanguageModel model = LanguageModels.load(folder)) {
            EngineOptions options = EngineOptions.defaults()
                    .withThreads(1 + random.nextInt(3))
                    .withActivations(random.nextBoolean() ? ActivationPrecision.FLOAT : ActivationPrecision.INT8);
            Text text = Text.random(random, model.vocabularySize());
            List<float[]> resident;
            try (LanguageEngine engine = LanguageEngine.load(model, options)) {
                resident = text.logits(engine);
            }
            List<String> notices = new ArrayList<>();
            StreamingOptions streaming = new StreamingOptions(random.nextInt(9), random.nextBoolean());
            try (StreamedExperts experts = new StreamedExperts(
                            model.graph(), new FileExperts(model.graph(), model.tensors(), notices::add), streaming);
                    LanguageEngine engine = LanguageEngine.load(model, options.withExperts(experts))) {
                if (!experts.streams()) {
                    return;
                }
                long least = experts.leastBytes();
                long span = experts.mostBytes() - least;
                experts.start(least + (span <= 0 ? 0 : random.nextLong(span + 1)));
                for (int run = 0; run < 2; run++) {
                    List<float[]> streamed = text.logits(engine);
                    for (int step = 0; step < streamed.size(); step++) {
                        assertArrayEquals(
                                resident.get(step),
                                streamed.get(step),
                                folder + ", seed " + seed + ", run " + run + ", step " + step + ", "
                                        + experts.cacheBytes() + " bytes");
                    }
                }
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> logitsDoNotDependOnBudgetLanesOrThreads() {
        return new Random(5)
                .longs(12)
                .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> compare(TRAINED, seed)));
    }

    @TestFactory
    List<DynamicTest> everyArchitectureStreamsItsExperts() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> folders = Files.list(Path.of("..", "tests", "arch-zoo"))) {
            for (Path folder : folders.filter(each -> Files.exists(each.resolve("config.json")))
                    .sorted()
                    .toList()) {
                tests.add(DynamicTest.dynamicTest(folder.getFileName().toString(), () -> compare(folder, 7)));
            }
        }
        return tests;
    }

    @Test
    void aCacheOfEverythingReadsEachExpertOnce() {
        try (LoadedLanguageModel model = LanguageModels.load(TRAINED);
                StreamedExperts experts = new StreamedExperts(
                        model.graph(),
                        new FileExperts(model.graph(), model.tensors(), _ -> {}),
                        StreamingOptions.defaults().withPrefetch(false));
                LanguageEngine engine =
                        LanguageEngine.load(model, EngineOptions.defaults().withExperts(experts))) {
            experts.start(experts.mostBytes());
            Text text = Text.random(new Random(3), model.vocabularySize());
            text.logits(engine);
            StreamingCounters first = experts.counters();
            text.logits(engine);
            StreamingCounters second = experts.counters().since(first);
            assertTrue(first.readBytes() > 0 && first.hitBytes() < first.routedBytes());
            assertTrue(second.readBytes() == 0 && second.hitBytes() == second.routedBytes(), second.toString());
        }
    }

    @Test
    void memoryThatIsLentHoldsNoExpertsUntilItIsBack() {
        try (LoadedLanguageModel model = LanguageModels.load(TRAINED)) {
            Text text = Text.random(new Random(11), model.vocabularySize());
            List<float[]> resident;
            try (LanguageEngine engine = LanguageEngine.load(model, EngineOptions.defaults())) {
                resident = text.logits(engine);
            }
            try (StreamedExperts experts = new StreamedExperts(
                            model.graph(),
                            new FileExperts(model.graph(), model.tensors(), _ -> {}),
                            StreamingOptions.defaults());
                    LanguageEngine engine =
                            LanguageEngine.load(model, EngineOptions.defaults().withExperts(experts))) {
                experts.start(experts.mostBytes());
                text.logits(engine);
                long third = experts.cacheBytes() / 3 / SlotArena.PAGE * SlotArena.PAGE;
                try (LentMemory lent = experts.lend(third)) {
                    assertEquals(third, lent.memory().byteSize());
                    lent.memory().fill((byte) 0x5a);
                    assertAll(resident, text.logits(engine));
                    byte[] garbage = lent.memory().toArray(ValueLayout.JAVA_BYTE);
                    for (byte each : garbage) {
                        assertEquals(0x5a, each);
                    }
                }
                assertAll(resident, text.logits(engine));
                assertNull(experts.lend(experts.cacheBytes()));
            }
        }
    }

    private static void assertAll(List<float[]> expected, List<float[]> found) {
        for (int step = 0; step < expected.size(); step++) {
            assertArrayEquals(expected.get(step), found.get(step), "step " + step);
        }
    }

    @Test
    void theUsesOfAllExpertsAddUpToWhatTheRunCost() {
        try (LoadedLanguageModel model = LanguageModels.load(TRAINED);
                StreamedExperts experts = new StreamedExperts(
                        model.graph(),
                        new FileExperts(model.graph(), model.tensors(), _ -> {}),
                        // A guess that arrives late would be counted once and not the other time.
                        StreamingOptions.defaults().withPrefetch(false));
                LanguageEngine engine =
                        LanguageEngine.load(model, EngineOptions.defaults().withExperts(experts))) {
            experts.start(experts.leastBytes() + (experts.mostBytes() - experts.leastBytes()) / 2);
            List<ExpertUse> before = experts.uses();
            int tokens = 20;
            try (Sequence sequence = engine.newSequence()) {
                for (int i = 0; i < tokens; i++) {
                    engine.step(Chunk.last(sequence, new int[] {i}));
                }
            }
            List<ExpertUse> uses = new ArrayList<>();
            for (int i = 0; i < before.size(); i++) {
                uses.add(experts.uses().get(i).since(before.get(i)));
            }
            int layers = 1 + uses.stream().mapToInt(ExpertUse::layer).max().orElse(-1);
            for (int layer = 0; layer < layers; layer++) {
                int which = layer;
                assertEquals(
                        (long) tokens * experts.perToken(layer),
                        uses.stream()
                                .filter(use -> use.layer() == which)
                                .mapToLong(ExpertUse::uses)
                                .sum());
            }
            assertEquals(
                    experts.present(), uses.stream().filter(ExpertUse::present).count());
            assertTrue(experts.occupiedBytes() > 0 && experts.occupiedBytes() <= experts.cacheBytes());
            assertTrue(uses.stream().allMatch(use -> use.hits() <= use.uses()));
            assertTrue(uses.stream().mapToLong(ExpertUse::readBytes).sum()
                    >= experts.counters().readBytes());
        }
    }

    private static StreamedExperts streamed(LoadedLanguageModel model, Random random) {
        FaultyRecords faulty = new FaultyRecords(new FileExperts(model.graph(), model.tensors(), _ -> {}), random);
        return new StreamedExperts(
                model.graph(), faulty, new StreamingOptions(random.nextInt(9), random.nextBoolean()));
    }

    @TestFactory
    Stream<DynamicTest> failingReadsGiveAnErrorAndNeverAWrongToken() {
        return new Random(6)
                .longs(8)
                .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> {
                    Random random = new Random(seed);
                    try (LoadedLanguageModel model = LanguageModels.load(TRAINED)) {
                        EngineOptions options = EngineOptions.defaults().withThreads(1 + random.nextInt(3));
                        Text text = Text.random(random, model.vocabularySize());
                        List<float[]> resident;
                        try (LanguageEngine engine = LanguageEngine.load(model, options)) {
                            resident = text.logits(engine);
                        }
                        FaultyRecords faulty = new FaultyRecords(
                                new FileExperts(model.graph(), model.tensors(), _ -> {}),
                                new Random(random.nextLong()));
                        try (StreamedExperts experts = new StreamedExperts(
                                        model.graph(),
                                        faulty,
                                        new StreamingOptions(random.nextInt(9), random.nextBoolean()));
                                LanguageEngine engine = LanguageEngine.load(model, options.withExperts(experts))) {
                            experts.start(experts.leastBytes()
                                    + (long) (random.nextDouble() * (experts.mostBytes() - experts.leastBytes())));
                            int failures = 0;
                            for (int run = 0; run < 12; run++) {
                                faulty.perMille = run < 11 ? 1 << random.nextInt(8) : 0;
                                try {
                                    List<float[]> streamed = text.logits(engine);
                                    for (int step = 0; step < streamed.size(); step++) {
                                        assertArrayEquals(resident.get(step), streamed.get(step), "seed " + seed);
                                    }
                                } catch (InvalidInputException e) {
                                    failures++;
                                    assertTrue(
                                            e.getMessage().matches("(?s).*expert \\d+ of layer \\d+.*"),
                                            e.getMessage());
                                    assertTrue(run < 11, "the last run meets no fault, but: " + e.getMessage());
                                }
                            }
                            assertTrue(failures > 0, "no fault was met");
                        }
                    }
                }));
    }

    @Test
    void waitingLanesUseNoProcessorTime() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Assumptions.assumeTrue(threads.isThreadCpuTimeSupported(), "this JVM does not count threads' time");
        try (LoadedLanguageModel model = LanguageModels.load(TRAINED);
                StreamedExperts experts = streamed(model, new Random(1));
                LanguageEngine engine = LanguageEngine.load(
                        model, EngineOptions.defaults().withThreads(2).withExperts(experts))) {
            experts.start(experts.mostBytes());
            Text.random(new Random(2), model.vocabularySize()).logits(engine);
            long before = idleNanos(threads);
            LockSupport.parkNanos(300_000_000);
            long used = idleNanos(threads) - before;
            // One thread that spins takes all of it.
            assertTrue(used < 150_000_000, used + " ns of processor time while nothing was asked for");
        }
    }

    /** Processor time of the threads that wait for work. */
    private static long idleNanos(ThreadMXBean threads) {
        long nanos = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null
                    && (thread.getThreadName().startsWith("expert-lane")
                            || thread.getThreadName().startsWith("language-engine"))) {
                nanos += threads.getThreadCpuTime(thread.getThreadId());
            }
        }
        return nanos;
    }

    @Test
    void aWarmStartReadsBeforeItIsAskedAndGivesTheSame(@TempDir Path folder) throws IOException {
        Path heat = folder.resolve("experts.heat");
        List<String> notices = new ArrayList<>();
        List<float[]> cold = null;
        for (String state : List.of("none", "kept", "damaged")) {
            try (LoadedLanguageModel model = LanguageModels.load(TRAINED);
                    StreamedExperts experts = new StreamedExperts(
                            model.graph(),
                            new FileExperts(model.graph(), model.tensors(), _ -> {}),
                            StreamingOptions.defaults());
                    LanguageEngine engine =
                            LanguageEngine.load(model, EngineOptions.defaults().withExperts(experts))) {
                experts.start((experts.leastBytes() + experts.mostBytes()) / 2);
                experts.warmStart(heat, notices::add);
                if (state.equals("kept")) {
                    long end = System.nanoTime() + 60_000_000_000L;
                    while (experts.present() == 0 && System.nanoTime() < end) {
                        Thread.onSpinWait();
                    }
                    assertTrue(experts.present() > 0, "nothing is read before the first step");
                } else {
                    assertEquals(0, experts.present());
                }
                List<float[]> logits =
                        Text.random(new Random(8), model.vocabularySize()).logits(engine);
                cold = cold == null ? logits : cold;
                for (int step = 0; step < logits.size(); step++) {
                    assertArrayEquals(cold.get(step), logits.get(step), state);
                }
            }
            if (state.equals("kept")) {
                assertEquals(List.of(), notices);
                Files.writeString(heat, Files.readString(heat).replaceFirst("1", "2"));
            }
        }
        assertEquals(1, notices.size());
        assertTrue(notices.getFirst().startsWith(heat + ": is damaged"), notices.getFirst());
    }

    @Test
    void tooLittleMemoryIsRefused() {
        try (LoadedLanguageModel model = LanguageModels.load(TRAINED);
                StreamedExperts experts = streamed(model, new Random(1))) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> experts.start(experts.leastBytes() - 1));
            assertEquals(
                    experts.leastBytes() - 1 + " bytes for experts, expected at least " + experts.leastBytes(),
                    e.getMessage());
        }
    }
}
