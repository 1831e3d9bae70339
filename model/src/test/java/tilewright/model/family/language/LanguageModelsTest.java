package tilewright.model.family.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.InvalidInputException;
import tilewright.model.gguf.GgufWriter;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.Tensor64;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.SafetensorsWriter;

/** Loading models from folders and GGUF files: what is found out about them, and what is refused. */
class LanguageModelsTest {
    /** A model that looks ids up and nothing else. */
    private static final FamilyLibrary LIBRARY = FamilyLibrary.of(Map.of("look", """
            family "look", "look2"
            architectures "LookForCausalLM"
            inside "text_config"
            gguf "look" if meta("kind") == "plain"
            alias "table" = "model.table"
            ignore "*.unused"
            gguf config:
                max_position_embeddings = meta("context_length")
                eos_token_id = meta("tokenizer.ggml.eos_token_id")
                epsilon = meta("epsilon")
            gguf tensors:
                "table" = "token_embd.weight"
                "part.{e}.table" = "parts.weight"
                "shift.{i}" = stored("blk.{i}.shift") - 1
            x = embed(token_ids(), weight("table")) as "embed"
            if gguf:
                parts = stacked("part.*.table", 2)
                x = x + take(reshape(parts, [-1]), 1, 0, width(x)) * 2 + weight("shift.3")
            output("logits", scale(x, config.factor ?? 1))
            """, "gguf", """
            gguf config:
                factor = 3
            """));

    @TempDir
    private Path folder;

    /** The folder of the example model in this repository. */
    private static Path example() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(at.resolve("examples").resolve("moe-lm"))) {
            at = at.getParent();
        }
        return at.resolve("examples").resolve("moe-lm");
    }

    @Test
    void theExampleModelIsDescribedByItsFiles() {
        try (LoadedLanguageModel model = LanguageModels.load(example())) {
            assertEquals("qwen3_moe", model.family());
            assertEquals(6, model.layers());
            assertEquals(128, model.hiddenSize());
            assertEquals(4096, model.vocabularySize());
            assertEquals(512, model.contextLength());
            assertEquals(OptionalInt.of(1), model.beginToken());
            assertEquals(List.of(0), model.endTokens());
            assertEquals(List.of(), model.warnings());
            assertTrue(model.graph().types().containsKey("block5.router.ids"));
        }
    }

    private void write(String config) throws IOException {
        Files.writeString(folder.resolve("config.json"), config);
        float[] table = {1, 2, 3, 4, 5, 6};
        SafetensorsWriter.write(
                folder.resolve("model.safetensors"),
                Map.of(
                        "model.table", new SafetensorsWriter.Tensor(DType.F32, List.of(3L, 2L), () -> table),
                        "a.unused", new SafetensorsWriter.Tensor(DType.F32, List.of(6L), () -> table),
                        "other", new SafetensorsWriter.Tensor(DType.F32, List.of(6L), () -> table)));
    }

    @Test
    void endTokensComeFromBothConfigurationsAndUnusedTensorsAreNamed() throws IOException {
        write("{\"model_type\": \"look2\", \"eos_token_id\": [7, 2], \"text_config\": {\"factor\": 2, \"n_ctx\": 99}}");
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": 5}");
        try (LoadedLanguageModel model = LanguageModels.load(folder, LIBRARY)) {
            assertEquals(List.of(5, 7, 2), model.endTokens());
            assertEquals(99, model.contextLength());
            assertEquals(List.of("the checkpoint has 1 tensors that the model does not use: other"), model.warnings());
            assertEquals(List.of(10.0, 12.0, 2.0, 4.0), logits(model, 2, 0));
        }
    }

    @Test
    void aClassNameStandsInForAMissingModelType() throws IOException {
        write("{\"architectures\": [\"LookForCausalLM\"]}");
        try (LoadedLanguageModel model = LanguageModels.load(folder, LIBRARY)) {
            assertEquals(List.of(3.0, 4.0), logits(model, 1));
            assertEquals(Integer.MAX_VALUE, model.contextLength());
        }
    }

    @Test
    void theExpertsOfAStoreWithoutItsManifestAreRefused() throws IOException {
        write("{\"model_type\": \"look2\"}");
        Files.write(folder.resolve("experts.bin"), new byte[4096]);
        assertEquals(
                folder.resolve("store.json")
                        + ": there is no such file beside experts.bin; copy all of a store's files,"
                        + " or pack the model again",
                refusal(folder));
    }

    @Test
    void anUnknownModelTypeIsRefusedWithTheKnownOnes() throws IOException {
        write("{\"model_type\": \"lok\"}");
        assertEquals(
                folder.resolve("config.json")
                        + ": key 'model_type' is 'lok', expected one of look, look2; did you mean 'look'?",
                refusal(folder));
    }

    @Test
    void aMissingFileIsSaid() {
        Path nothing = folder.resolve("nothing");
        assertEquals(
                nothing
                        + ": there is no such file; a model is a folder with config.json and safetensors, or a .gguf file",
                refusal(nothing));
    }

    private Path gguf(String architecture, String kind) throws IOException {
        Path file = folder.resolve("model.gguf");
        new GgufWriter()
                .put("general.architecture", architecture)
                .put(architecture + ".kind", kind)
                .put(architecture + ".context_length", 77)
                .put(architecture + ".epsilon", 1e-6f)
                .put("tokenizer.ggml.eos_token_id", 4)
                .tensor(
                        "token_embd.weight",
                        DType.F32,
                        List.of(3L, 2L),
                        sink -> sink.values(new float[] {1, 2, 3, 4, 5, 6}, 0, 6))
                .tensor("parts.weight", DType.F32, List.of(2L, 2L), sink -> sink.values(new float[] {9, 8, 7, 6}, 0, 4))
                .tensor("blk.3.shift", DType.F32, List.of(2L), sink -> sink.values(new float[] {11, 21}, 0, 2))
                .write(file);
        return file;
    }

    @Test
    void aGgufFileIsReadByTheRulesOfItsFamily() throws IOException {
        try (LoadedLanguageModel model = LanguageModels.load(gguf("look", "plain"), LIBRARY)) {
            assertEquals(77, model.contextLength());
            assertEquals(List.of(4), model.endTokens());
            assertEquals(1e-6, model.config().path("epsilon").doubleValue());
            assertEquals(List.of(), model.warnings());
            assertEquals(List.of(3.0 * (3 + 18 + 10), 3.0 * (4 + 16 + 20)), logits(model, 1));
        }
    }

    @Test
    void anUnknownGgufArchitectureIsRefusedWithTheKnownOnes() throws IOException {
        Path file = gguf("looks", "plain");
        assertEquals(
                file + ": general.architecture is 'looks', expected one of look; did you mean 'look'?", refusal(file));
    }

    @Test
    void aFamilyWhoseConditionFailsDoesNotReadTheFile() throws IOException {
        Path file = gguf("look", "fancy");
        assertEquals(
                file + ": general.architecture is 'look', which is read by look, but not with these metadata",
                refusal(file));
    }

    private static String refusal(Path path) {
        return assertThrows(InvalidInputException.class, () -> LanguageModels.load(path, LIBRARY))
                .getMessage();
    }

    private static List<Double> logits(LoadedLanguageModel model, double... ids) {
        String value = model.graph().outputs().get("logits");
        Tensor64 input = new Tensor64(new int[] {1, ids.length}, ids);
        Tensor64 found = Interpreter.run(model.graph(), Map.of("ids", input), List.of(value))
                .get(value);
        return Arrays.stream(found.data()).boxed().toList();
    }

    static List<String> builtInFiles() {
        return FamilyLibrary.builtIn().names();
    }

    @ParameterizedTest
    @MethodSource("builtInFiles")
    void everyFamilyFileParsesAndUsesFilesThatExist(String name) {
        FamilyLibrary library = FamilyLibrary.builtIn();
        FamilyFile file = library.file(name);
        for (String used : file.uses()) {
            assertTrue(library.names().contains(used), name + " uses " + used);
        }
        assertTrue(file.modelTypes().isEmpty() || !file.source().isEmpty(), name + " names no source");
        for (String modelType : file.modelTypes()) {
            assertEquals(name, library.byModelType(modelType).name(), "two files read " + modelType);
        }
    }
}
