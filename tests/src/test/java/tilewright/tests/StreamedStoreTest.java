package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingOptions;
import tilewright.edge.language.Chunk;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.Sequence;
import tilewright.edge.store.ExpertStore;
import tilewright.edge.store.ResidentRecords;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.tests.Tilewright.Result;

/** A packed model whose experts are read on demand, against the same store in memory. */
class StreamedStoreTest {
    @TempDir
    static Path folder;

    private static Path store;

    @BeforeAll
    static void pack() {
        store = folder.resolve("store");
        Path model = Tilewright.checkout().resolve("examples/moe-lm");
        Result result = Tilewright.run("pack", model, "--bits", 4, "-o", store);
        assertEquals(0, result.status(), result.err());
    }

    /** The last token's logits after each of some steps. */
    private static float[][] logits(LanguageEngine engine, int[][] steps) {
        float[][] found = new float[steps.length][];
        try (Sequence sequence = engine.newSequence()) {
            for (int step = 0; step < steps.length; step++) {
                float[] data = engine.step(Chunk.last(sequence, steps[step])).data();
                found[step] = Arrays.copyOf(data, engine.vocabularySize());
            }
        }
        return found;
    }

    private static int[][] steps(Random random, int vocabulary) {
        int[][] steps = new int[12][];
        for (int step = 0; step < steps.length; step++) {
            steps[step] = random.ints(step == 0 ? 30 : 1, 0, vocabulary).toArray();
        }
        return steps;
    }

    private static float[][] resident(LoadedLanguageModel model, EngineOptions options, int[][] steps) {
        try (ExpertStore records = ExpertStore.open(store)) {
            EngineOptions inMemory = options.withExperts(new ResidentRecords(records, store.toString()));
            try (LanguageEngine engine = LanguageEngine.load(model, inMemory)) {
                return logits(engine, steps);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void logitsAreThoseOfTheStoreInMemory(long seed) {
        Random random = new Random(seed);
        try (LoadedLanguageModel model = LanguageModels.load(store)) {
            EngineOptions options = EngineOptions.defaults().withThreads(1 + random.nextInt(2));
            int[][] steps = steps(random, model.vocabularySize());
            float[][] expected = resident(model, options, steps);
            try (StreamedExperts experts = new StreamedExperts(
                            model.graph(),
                            ExpertStore.open(store),
                            new StreamingOptions(random.nextInt(9), random.nextBoolean()));
                    LanguageEngine engine = LanguageEngine.load(model, options.withExperts(experts))) {
                long span = experts.mostBytes() - experts.leastBytes();
                experts.start(experts.leastBytes() + (long) (random.nextDouble() * span));
                for (int run = 0; run < 2; run++) {
                    float[][] streamed = logits(engine, steps);
                    for (int step = 0; step < steps.length; step++) {
                        assertArrayEquals(expected[step], streamed[step], "seed " + seed + ", step " + step);
                    }
                }
            }
        }
    }

    @Test
    void adaptingReadsLess() {
        try (LoadedLanguageModel model = LanguageModels.load(store)) {
            int[][] steps = steps(new Random(9), model.vocabularySize());
            long[] read = new long[2];
            for (boolean adapts : new boolean[] {false, true}) {
                try (StreamedExperts experts = new StreamedExperts(
                                model.graph(),
                                ExpertStore.open(store),
                                StreamingOptions.defaults().withPrefetch(false));
                        LanguageEngine engine = LanguageEngine.load(
                                model, EngineOptions.defaults().withExperts(experts))) {
                    experts.start(experts.leastBytes());
                    if (adapts) {
                        experts.adapt(experts.adaptation(0.01));
                    }
                    for (float[] row : logits(engine, steps)) {
                        for (float value : row) {
                            assertTrue(Float.isFinite(value));
                        }
                    }
                    read[adapts ? 1 : 0] = experts.counters().readBytes();
                }
            }
            assertTrue(read[1] < read[0], read[1] + " bytes with adaptation, " + read[0] + " without");
        }
    }

    @Test
    void aBudgetThatIsTooSmallIsRefusedWithTheSmallestThatWorks() {
        Path file = folder.resolve("x.npy");
        Result result = Tilewright.run("logits", store, "--ids", "1,2", "-o", file, "--memory", "1MiB");
        assertEquals(2, result.status());
        assertEquals(1, result.complaints().size(), result.err());
        assertTrue(
                result.complaints()
                        .getFirst()
                        // Attention, routers, embedding and norms in bfloat16 are 2.3 MiB, 4 experts of 26 kB 0.1.
                        .matches(
                                "tilewright: .*: --memory is 1 MiB, the smallest budget that works is \\d+ MiB: 2 MiB"
                                        + " of weights that every token needs, \\d+ MiB of heap and code, and \\d+ MiB through which experts can be read"),
                result.err());
        assertTrue(Files.notExists(file));
    }

    @Test
    void aBudgetChangesNoLogit() throws Exception {
        Path exact = folder.resolve("exact.npy");
        Path budget = folder.resolve("budget.npy");
        List<String> texts = List.of("64GiB", "65536MiB", "68719476736");
        assertEquals(
                0,
                Tilewright.run("logits", store, "--ids", "1,2,3,77", "-o", exact)
                        .status());
        for (String text : texts) {
            Result result = Tilewright.run("logits", store, "--ids", "1,2,3,77", "-o", budget, "--memory", text);
            assertEquals(0, result.status(), result.err());
            assertArrayEquals(Files.readAllBytes(exact), Files.readAllBytes(budget));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"much", "3 XiB", "-1", "0", "1e9", "99999999999999TiB"})
    void aSizeThatIsNoneIsRefused(String text) {
        Result result = Tilewright.run("bench", store, "--memory", text);
        assertEquals(2, result.status());
        assertTrue(result.err().contains("is '" + text + "', expected a size such as 3GiB or 1500MiB"), result.err());
    }

    @Test
    void activationsAreRoundedOnlyWhereThereAreCodes() {
        Path stored = folder.resolve("as-stored");
        Path model = Tilewright.checkout().resolve("examples/moe-lm");
        assertEquals(
                0,
                Tilewright.run("pack", model, "--bits", "as-stored", "-o", stored)
                        .status());
        String bench =
                Tilewright.run("bench", stored, "-p", 4, "-n", 2, "-r", 1).err();
        assertTrue(bench.lines().noneMatch(line -> line.contains("activations are rounded")), bench);
        Result exact = Tilewright.run("run", model, "--prompt", "First Citizen:", "-n", 8);
        Result same = Tilewright.run("run", stored, "--prompt", "First Citizen:", "-n", 8);
        assertEquals(exact.out(), same.out());
    }

    @Test
    void whereAllExpertsFitNothingIsLeftOut() {
        Result exact = Tilewright.run("run", store, "--prompt", "First Citizen:", "-n", 8, "--memory", "64GiB");
        Result adapted =
                Tilewright.run("run", store, "--prompt", "First Citizen:", "-n", 8, "--memory", "64GiB", "--adapt=1");
        assertEquals(exact.out(), adapted.out());
        assertTrue(
                adapted.err().contains("all experts fit into the budget, so --adapt has nothing to do"), adapted.err());
        assertTrue(
                adapted.err().contains("adapted   0.0 % of uses of experts at lower width, 0.0 % left out"),
                adapted.err());
    }
}
