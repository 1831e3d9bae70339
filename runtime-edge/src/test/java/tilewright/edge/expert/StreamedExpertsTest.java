package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tilewright.edge.language.Chunk;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.Sequence;
import tilewright.edge.matrix.ActivationPrecision;
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
}
