package tilewright.compiler.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tilewright.compiler.Progress;
import tilewright.compiler.codes.ScaleSearch;
import tilewright.edge.language.Chunk;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.Logits;
import tilewright.edge.language.Sequence;
import tilewright.edge.store.ExpertStore;
import tilewright.edge.store.ResidentRecords;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.store.StoreManifest;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.SafetensorsWriter;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

class PackingTest {
    private static final Path TRAINED = Path.of("..", "examples", "moe-lm");
    private static final Path ZOO = Path.of("..", "tests", "arch-zoo");

    @TempDir
    private Path temporary;

    private static PackOptions options(PackWidths widths, int threads, boolean replace) {
        return new PackOptions(widths, ScaleSearch.fast(), _ -> null, null, "", _ -> List.of(), threads, replace);
    }

    private static StorePacking.Result pack(Path model, Path folder, PackOptions options) {
        return StorePacking.pack(model, folder, options, Progress.NONE, () -> false);
    }

    /** Logits of some ids; of a store with all of its experts in memory. */
    private static float[] logits(Path path) {
        try (LoadedLanguageModel model = LanguageModels.load(path);
                ExpertStore store = StoreManifest.is(path) ? ExpertStore.open(path) : null) {
            EngineOptions options = EngineOptions.defaults();
            if (store != null) {
                options = options.withExperts(new ResidentRecords(store, path.toString()));
            }
            try (LanguageEngine engine = LanguageEngine.load(model, options);
                    Sequence sequence =
                            engine.encoderDecoder() ? engine.newSequence(new int[] {5, 6, 7}) : engine.newSequence()) {
                int[] ids = new Random(3).ints(12, 0, model.vocabularySize()).toArray();
                Logits found = engine.step(Chunk.all(sequence, ids));
                float[] copy = new float[found.rows() * engine.vocabularySize()];
                System.arraycopy(found.data(), 0, copy, 0, copy.length);
                return copy;
            }
        }
    }

    private static Map<String, byte[]> contents(Path folder) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return contents;
    }

    private static void assertSame(Path expected, Path found) throws IOException {
        Map<String, byte[]> there = contents(found);
        Map<String, byte[]> wanted = contents(expected);
        assertEquals(wanted.keySet(), there.keySet());
        wanted.forEach((name, bytes) -> assertArrayEquals(bytes, there.get(name), name));
    }

    @TestFactory
    List<DynamicTest> everyArchitecturePackedAsStoredComputesTheSameBits() throws IOException {
        List<Path> models = new ArrayList<>(List.of(TRAINED));
        for (Path folder : List.of(ZOO, ZOO.resolve("gguf"))) {
            try (Stream<Path> entries = Files.list(folder)) {
                entries.filter(path -> Files.exists(path.resolve("config.json"))
                                || path.toString().endsWith(".gguf"))
                        .sorted()
                        .forEach(models::add);
            }
        }
        return models.stream()
                .filter(PackingTest::hasExperts)
                .map(model -> DynamicTest.dynamicTest(model.getFileName().toString(), () -> {
                    Path folder = temporary.resolve("store-" + model.getFileName());
                    StorePacking.Result result = pack(model, folder, options(PackWidths.asStored(), 2, false));
                    assertTrue(result.complete() && result.packed() == result.experts());
                    assertArrayEquals(logits(model), logits(folder));
                }))
                .toList();
    }

    private static boolean hasExperts(Path path) {
        try (LoadedLanguageModel model = LanguageModels.load(path)) {
            return !ExpertLayer.of(model.graph()).isEmpty();
        }
    }

    /** A copy of the trained model whose experts have the values that their codes stand for, in float32. */
    private Path decoded(PackWidths widths) throws IOException {
        Path folder = Files.createDirectories(temporary.resolve("decoded"));
        try (TensorSource source = Safetensors.open(TRAINED)) {
            Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
            for (String name : source.names()) {
                TensorInfo info = source.info(name);
                boolean expert = name.contains(".experts.");
                tensors.put(
                        name,
                        new SafetensorsWriter.Tensor(
                                expert ? DType.F32 : info.dtype(),
                                info.shape(),
                                () -> expert ? decoded(source, info, widths) : source.floats(name)));
            }
            SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors);
        }
        Files.copy(TRAINED.resolve("config.json"), folder.resolve("config.json"));
        return folder;
    }

    private static float[] decoded(TensorSource source, TensorInfo info, PackWidths widths) {
        int rows = Math.toIntExact(info.shape().getFirst());
        int width = Math.toIntExact(info.shape().getLast());
        int bits = widths.allocation().bits(null);
        GroupedCodes codes = ScaleSearch.fast().quantise(source.floats(info.name()), rows, width, bits, null);
        float[] values = new float[rows * width];
        for (int row = 0; row < rows; row++) {
            codes.decode(row, values, row * width);
        }
        return values;
    }

    @Test
    void logitsOfAStoreAreThoseOfTheModelWithTheDecodedValues() throws IOException {
        for (int bits : new int[] {2, 3, 5, 8}) {
            PackWidths widths = PackWidths.uniform(bits);
            Path folder = temporary.resolve("bits" + bits);
            pack(TRAINED, folder, options(widths, 1, false));
            Path decoded = decoded(widths);
            float[] expected = logits(decoded);
            float[] found = logits(folder);
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], found[i], 2e-4 * Math.max(1, Math.abs(expected[i])), "logit " + i);
            }
            for (String file : List.of("model.safetensors", "config.json")) {
                Files.delete(decoded.resolve(file));
            }
        }
    }

    @Test
    void bitsPerWeightCountEverythingOnDisk() throws IOException {
        Path folder = temporary.resolve("s");
        StorePacking.Result result = pack(TRAINED, folder, options(PackWidths.uniform(4), 2, false));
        long bytes =
                Files.size(folder.resolve(StoreManifest.RECORDS)) + Files.size(folder.resolve(StoreManifest.INDEX));
        assertEquals(bytes, result.bytes());
        assertEquals(8.0 * bytes / result.weights(), result.bitsPerWeight());
        var config = new ObjectMapper().readTree(TRAINED.resolve("config.json").toFile());
        assertTrue(result.bitsPerWeight() > 4.25, config.toString());
    }

    @Test
    void packingThatIsStoppedGoesOnAndGivesTheSameBytes() throws IOException {
        Path whole = temporary.resolve("whole");
        pack(TRAINED, whole, options(PackWidths.uniform(3), 1, false));
        Path folder = temporary.resolve("stopped");
        PackOptions options = options(PackWidths.uniform(3), 2, false);
        int packed = 0;
        for (int after = 3; ; after += 7) {
            int[] asked = {0};
            int limit = after;
            StorePacking.Result result =
                    StorePacking.pack(TRAINED, folder, options, Progress.NONE, () -> ++asked[0] > limit);
            packed += result.packed();
            if (result.complete()) {
                assertEquals(result.experts(), packed);
                break;
            }
            assertFalse(Files.exists(folder));
        }
        assertSame(whole, folder);
        assertEquals(0, pack(TRAINED, folder, options).packed());
    }

    @Test
    void otherOptionsAreRefusedUntilForced() throws IOException {
        Path folder = temporary.resolve("s");
        pack(TRAINED, folder, options(PackWidths.uniform(4), 2, false));
        assertEquals(
                "DIR/s: holds a store of another model or other options; --force replaces it, -o names another place",
                refusal(() -> pack(TRAINED, folder, options(PackWidths.uniform(2), 2, false))));
        pack(TRAINED, folder, options(PackWidths.uniform(2), 2, true));
        assertEquals("2", StoreManifest.read(folder).options().get("bits"));
        Path again = temporary.resolve("again");
        pack(TRAINED, again, options(PackWidths.uniform(2), 1, false));
        assertSame(again, folder);
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(
                    List.of("again", "s"),
                    left.map(path -> path.getFileName().toString()).sorted().toList());
        }
        assertEquals(
                "DIR/s: is a store already; give the folder or the .gguf file of the model that was packed",
                refusal(() -> pack(folder, temporary.resolve("t"), options(PackWidths.uniform(2), 2, false))));
        Files.createDirectories(temporary.resolve("full"));
        Files.writeString(temporary.resolve("full").resolve("letter.txt"), "dear");
        assertEquals(
                "DIR/full: is there and holds no store; name a new folder with -o",
                refusal(() -> pack(TRAINED, temporary.resolve("full"), options(PackWidths.uniform(2), 2, true))));
    }

    @Test
    void expertsOfAStoreHaveShapesButNoElements() {
        Path folder = temporary.resolve("s");
        pack(TRAINED, folder, options(PackWidths.uniform(4), 2, false));
        try (LoadedLanguageModel source = LanguageModels.load(TRAINED);
                LoadedLanguageModel model = LanguageModels.load(folder)) {
            assertEquals(source.graph().types(), model.graph().types());
            assertTrue(model.warnings().isEmpty(), model.warnings().toString());
            String name = model.tensors().names().stream()
                    .filter(each -> each.contains(".experts."))
                    .findFirst()
                    .orElseThrow();
            assertEquals(
                    source.tensors().info(name).shape(),
                    model.tensors().info(name).shape());
            assertEquals(
                    "DIR/s: tensor '" + name
                            + "' belongs to experts, which are packed in experts.bin; its stored elements are"
                            + " only in the model that was packed, 'moe-lm'",
                    refusal(() -> model.tensors().floats(name)));
            for (String dense : model.tensors().names()) {
                if (!dense.contains(".experts.")) {
                    assertEquals(
                            -1,
                            source.tensors()
                                    .bytes(dense)
                                    .mismatch(model.tensors().bytes(dense)),
                            dense);
                }
            }
        }
    }

    private String refusal(Runnable work) {
        return assertThrows(InvalidInputException.class, work::run).getMessage().replace(temporary.toString(), "DIR");
    }
}
