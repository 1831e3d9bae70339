package tilewright.edge.language;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tilewright.edge.Tensor;
import tilewright.model.data.Npy;
import tilewright.model.family.ModelConfig;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorSource;

/** Published architectures and a trained model against what PyTorch and transformers computed. */
class GoldenLanguageModelsTest {
    private static final float TOLERANCE = 1e-4f;

    private Path golden;

    @BeforeEach
    void findGoldenData() {
        String shared = System.getProperty("tilewright.shared");
        golden = shared != null ? Path.of(shared, "golden") : null;
        for (Path at = Path.of("").toAbsolutePath(); golden == null && at.getParent() != null; at = at.getParent()) {
            Path candidate = at.resolveSibling("shared").resolve("golden");
            golden = Files.isDirectory(candidate) ? candidate : null;
        }
        Assumptions.assumeTrue(
                golden != null && Files.isDirectory(golden), "shared/golden is not beside this checkout");
    }

    @TestFactory
    List<DynamicTest> everyArchitectureHasTheReferencesLogitsAndGreedyContinuation() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path zoo : List.of(golden.resolve("arch-zoo"), Path.of("..", "tests", "arch-zoo"))) {
            try (Stream<Path> folders = Files.list(zoo)) {
                for (Path folder : folders.sorted().toList()) {
                    if (Files.exists(folder.resolve("golden.safetensors"))) {
                        try (TensorSource expected = Safetensors.open(folder.resolve("golden.safetensors"))) {
                            if (expected.names().contains("generated")) {
                                tests.add(dynamicTest(folder.getFileName().toString(), () -> compare(folder)));
                            }
                        }
                    }
                }
            }
        }
        return tests;
    }

    private static void compare(Path folder) {
        String type = ModelConfig.read(folder.resolve("config.json"))
                .json()
                .get("model_type")
                .asText();
        Assumptions.assumeTrue(LanguageModels.modelTypes().contains(type), "there is no family for " + type);
        try (LoadedLanguageModel model = LanguageModels.load(folder);
                TensorSource expected = Safetensors.open(folder.resolve("golden.safetensors"));
                LanguageEngine engine =
                        LanguageEngine.load(model, EngineOptions.defaults().withCacheFormat(CacheFormat.F32))) {
            int[] source = ids(expected, "input_ids");
            boolean encoder = engine.encoderDecoder();
            int[] ids = encoder ? ids(expected, "decoder_input_ids") : source;
            try (Sequence sequence = encoder ? engine.newSequence(source) : engine.newSequence()) {
                Logits logits = engine.step(Chunk.all(sequence, ids));
                assertClose(expected.floats("logits"), logits, "logits");
            }
            int[] generated = ids(expected, "generated");
            int[] prompt = encoder ? new int[] {start(model)} : ids;
            GenerationRequest request =
                    GenerationRequest.of(prompt, generated.length).withEncoder(encoder ? source : new int[0]);
            assertArrayEquals(generated, new Generator(engine).generate(request).ids(), "greedy continuation");
            assertStepsClose(engine, expected, prompt, encoder ? source : new int[0], generated);
        }
    }

    /** What transformers begins a decoder's text with: the begin token where the files name no other. */
    private static int start(LoadedLanguageModel model) {
        return model.config().has("decoder_start_token_id")
                ? model.decoderStartToken().getAsInt()
                : model.beginToken().getAsInt();
    }

    /** Feeds the generated tokens one by one and compares each step's logits. */
    private static void assertStepsClose(
            LanguageEngine engine, TensorSource expected, int[] prompt, int[] source, int[] generated) {
        String name =
                expected.names().contains("generated_logits_nocache") ? "generated_logits_nocache" : "generated_logits";
        float[] steps = expected.floats(name);
        try (Sequence sequence = TestGraph.open(engine, source)) {
            int[] next = prompt;
            int width = engine.vocabularySize();
            for (int i = 0; i < generated.length; i++) {
                Logits logits = engine.step(Chunk.last(sequence, next));
                assertClose(Arrays.copyOfRange(steps, i * width, (i + 1) * width), logits, name + " " + i);
                next = new int[] {generated[i]};
            }
        }
    }

    private static int[] ids(TensorSource source, String name) {
        float[] values = source.floats(name);
        return IntStream.range(0, values.length).map(i -> (int) values[i]).toArray();
    }

    private static void assertClose(float[] expected, Logits found, String what) {
        assertEquals(expected.length, found.rows() * found.vocabulary(), what);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found.data()[i], TOLERANCE, what + "[" + i + "]");
        }
    }

    @Test
    void trainedModelContinuesThePromptsAsTheReferenceDoesAloneAndTogether() {
        try (LoadedLanguageModel model = LanguageModels.load(golden.resolve("moe-lm/hf"));
                TensorSource expected = Safetensors.open(golden.resolve("moe-lm/golden.safetensors"));
                LanguageEngine engine = LanguageEngine.load(model, EngineOptions.defaults())) {
            List<GenerationRequest> requests = IntStream.range(0, 4)
                    .mapToObj(i -> GenerationRequest.of(ids(expected, "prompt" + i + ".ids"), 64))
                    .toList();
            Generator generator = new Generator(engine);
            List<Generation> together = generator.generate(requests);
            for (int i = 0; i < 4; i++) {
                int[] greedy = ids(expected, "prompt" + i + ".greedy64");
                assertArrayEquals(greedy, together.get(i).ids(), "prompt " + i + " together");
                assertArrayEquals(greedy, generator.generate(requests.get(i)).ids(), "prompt " + i + " alone");
            }
            assertEquals(0, engine.cacheBytes());
        }
        try (LoadedLanguageModel model = LanguageModels.load(golden.resolve("moe-lm/hf"));
                TensorSource expected = Safetensors.open(golden.resolve("moe-lm/golden.safetensors"));
                LanguageEngine engine =
                        LanguageEngine.load(model, EngineOptions.defaults().withCacheFormat(CacheFormat.F32))) {
            for (int i = 0; i < 4; i++) {
                int[] ids = ids(expected, "prompt" + i + ".ids");
                try (Sequence sequence = engine.newSequence()) {
                    Logits logits = engine.step(Chunk.all(sequence, ids));
                    assertClose(expected.floats("prompt" + i + ".logits"), logits, "prompt " + i);
                }
            }
        }
    }

    @Test
    void trainedModelHasTheReferencesPerplexity() {
        int[] ids = evaluationIds();
        try (LoadedLanguageModel model = LanguageModels.load(golden.resolve("moe-lm/hf"));
                LanguageEngine engine = LanguageEngine.load(model, EngineOptions.defaults())) {
            Perplexity found = Perplexity.measure(engine, ids, 128, (_, _) -> {});
            assertEquals(32768, found.tokens());
            assertEquals(68.757, found.perplexity(), 0.01);
            assertEquals(4.230572, found.nll(), 1e-4);
        }
    }

    private int[] evaluationIds() {
        return Npy.read(golden.resolve("moe-lm/eval_ids_32769.npy")).ints();
    }

    @Test
    void trainedModelRoutesTheTraceAsTheReferenceDoesButForTies() {
        List<String> keep = IntStream.range(0, 6)
                .mapToObj(block -> "block" + block + ".router.ids")
                .toList();
        try (LoadedLanguageModel model = LanguageModels.load(golden.resolve("moe-lm/hf"));
                TensorSource trace = Safetensors.open(golden.resolve("moe-lm/router_trace.safetensors"));
                LanguageEngine engine = LanguageEngine.load(
                        model,
                        EngineOptions.defaults()
                                .withCacheFormat(CacheFormat.F32)
                                .withKeep(keep))) {
            int[] ids = ids(trace, "input_ids");
            int[] chosen = ids(trace, "topk_ids");
            float[] scores = trace.floats("router_logits");
            for (int first = 0; first < ids.length; first += 512) {
                List<Chunk> chunks = new ArrayList<>();
                for (int window = first; window < first + 512; window += 128) {
                    chunks.add(new Chunk(
                            engine.newSequence(), Arrays.copyOfRange(ids, window, window + 128), Chunk.Wanted.NONE));
                }
                engine.step(chunks);
                for (int block = 0; block < 6; block++) {
                    Tensor found = engine.kept(keep.get(block));
                    for (int i = 0; i < 1024; i++) {
                        int at = (block * ids.length + first) * 2 + i;
                        int row = (block * ids.length + first + i / 2) * 16;
                        assertTrue(
                                chosen[at] == found.data()[i]
                                        || Math.abs(scores[row + chosen[at]] - scores[row + (int) found.data()[i]])
                                                < TOLERANCE,
                                "block " + block + " token " + (first + i / 2));
                    }
                }
                chunks.forEach(chunk -> chunk.sequence().close());
            }
        }
    }
}
