package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.model.data.Npy;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorSource;
import tilewright.tests.Tilewright.Result;

/** Commands with a model that has an encoder (Switch Transformers), against what transformers computed. */
class EncoderDecoderCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int VOCABULARY = 256;

    @TempDir
    Path folder;

    private Path zoo;

    @BeforeEach
    void find() {
        zoo = Tilewright.shared().resolve("arch-zoo/switch_transformers");
        assumeTrue(Files.isDirectory(zoo), "shared/golden is not beside this checkout");
    }

    private int[] golden(String name) {
        try (TensorSource golden = Safetensors.open(zoo.resolve("golden.safetensors"))) {
            float[] values = golden.floats(name);
            return IntStream.range(0, values.length).map(i -> (int) values[i]).toArray();
        }
    }

    private static String commas(int[] ids) {
        return IntStream.of(ids).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }

    /** The character that stands for an id. */
    private static String letter(int id) {
        return Character.toString(0x4E00 + id);
    }

    /** The model with a vocabulary of one character for each id. */
    private Path withTokenizer() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        try (Stream<Path> files = Files.list(zoo)) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        ObjectNode tokenizer = JSON.createObjectNode();
        tokenizer.put("version", "1.0");
        tokenizer.putArray("added_tokens");
        ObjectNode bpe = tokenizer.putObject("model");
        bpe.put("type", "BPE");
        ObjectNode vocabulary = bpe.putObject("vocab");
        for (int id = 0; id < VOCABULARY; id++) {
            vocabulary.put(letter(id), id);
        }
        bpe.putArray("merges");
        JSON.writeValue(model.resolve("tokenizer.json").toFile(), tokenizer);
        return model;
    }

    @Test
    void logitsOfTheDecoderAreTheReferences() throws IOException {
        int[] ids = golden("decoder_input_ids");
        Path file = folder.resolve("logits.npy");

        Result result = Tilewright.run(
                "logits",
                zoo,
                "--ids",
                commas(ids),
                "--encoder-ids",
                commas(golden("input_ids")),
                "--cache",
                "f32",
                "-o",
                file);

        assertEquals(0, result.status(), result.err());
        float[] expected;
        try (TensorSource source = Safetensors.open(zoo.resolve("golden.safetensors"))) {
            expected = source.floats("logits");
        }
        float[] found = Npy.read(file).floats();
        assertEquals(expected.length, found.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], 1e-4f, "logit " + i);
        }
    }

    @Test
    void logitsAskForTheEncodersIds() {
        Result result = Tilewright.run("logits", zoo, "--ids", "0", "-o", folder.resolve("logits.npy"));

        assertEquals(2, result.status());
        assertEquals(
                "tilewright: " + zoo + ": has an encoder; give its ids with --encoder-ids",
                result.err().strip());
    }

    @Test
    void runAnswersATextAsTheReferenceGenerates() throws IOException {
        int[] generated = golden("generated");
        String prompt = IntStream.of(golden("input_ids"))
                .mapToObj(EncoderDecoderCommandsTest::letter)
                .collect(Collectors.joining());

        Result result = Tilewright.run(
                "run", withTokenizer(), "--prompt", prompt, "-n", generated.length, "--cache", "f32", "--json");

        assertEquals(0, result.status(), result.err());
        JsonNode answer = JSON.readTree(result.out());
        int[] ids = new int[answer.get("ids").size()];
        Arrays.setAll(ids, i -> answer.get("ids").get(i).asInt());
        assertEquals(commas(generated), commas(ids));
    }

    @Test
    void aConversationIsRefused() throws IOException {
        Path model = withTokenizer();

        Result result = Tilewright.run("run", model, "--chat");

        assertEquals(2, result.status());
        assertEquals(
                "tilewright: " + model + ": has an encoder, which reads one text; give it with --prompt",
                result.err().strip());
    }
}
