package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.data.Npy;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorSource;
import tilewright.model.tokenizer.Tokenizers;
import tilewright.tests.Tilewright.Result;

/** The commands for language models, on the trained example and on small random models. */
class LanguageCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private static Path example() {
        return Tilewright.checkout().resolve("examples/moe-lm");
    }

    private static TensorSource golden() {
        return Safetensors.open(example().resolve("golden.safetensors"));
    }

    private static List<JsonNode> json(Result result) throws Exception {
        assertEquals(0, result.status(), result.err());
        List<JsonNode> objects = new ArrayList<>();
        for (String line : result.out().lines().toList()) {
            objects.add(JSON.readTree(line));
        }
        return objects;
    }

    private static int[] ids(TensorSource source, String name) {
        float[] values = source.floats(name);
        return IntStream.range(0, values.length).map(i -> (int) values[i]).toArray();
    }

    private static String commas(int[] ids) {
        return IntStream.of(ids).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }

    private Path tiny(String name, String... more) {
        Path model = folder.resolve(name);
        List<Object> arguments = new ArrayList<>(List.of("random-model", "tiny-lm", "-o", model));
        arguments.addAll(List.of(more));
        Result result = Tilewright.run(arguments.toArray());
        assertEquals(0, result.status(), result.err());
        return model;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void runContinuesAPromptAsTheReferenceDoes(int prompt) throws Exception {
        try (TensorSource golden = golden()) {
            String text = Tokenizers.load(example()).decode(ids(golden, "prompt" + prompt + ".ids"));

            JsonNode answer = json(Tilewright.run("run", example(), "--prompt", text, "-n", 64, "--json"))
                    .getFirst();

            assertEquals(
                    "[" + commas(ids(golden, "prompt" + prompt + ".greedy64")) + "]",
                    answer.get("ids").toString());
            assertEquals("length", answer.get("end").textValue());
            assertEquals(64, answer.get("tokens").intValue());
        }
    }

    @Test
    void runStreamsTheTextAndNothingElseToStandardOutput() throws Exception {
        JsonNode answer = json(Tilewright.run("run", example(), "--prompt", "First Citizen:", "-n", 12, "--json"))
                .getFirst();

        Result streamed = Tilewright.run("run", example(), "--prompt", "First Citizen:", "-n", 12);

        assertEquals(answer.get("text").textValue(), streamed.out().replaceFirst(System.lineSeparator() + "$", ""));
        assertTrue(streamed.err().contains("12 written at "), streamed.err());
    }

    @Test
    void aSeedDecidesWhatIsDrawnAndAStopStringEndsIt() throws Exception {
        Object[] draw = {"run", example(), "--prompt", "The", "-n", "30", "--temperature", "1", "--seed", "5", "--json"
        };
        String text = json(Tilewright.run(draw)).getFirst().get("text").textValue();

        assertEquals(text, json(Tilewright.run(draw)).getFirst().get("text").textValue());

        String stop = text.substring(text.length() / 2, text.length() / 2 + 3);
        Object[] stopped =
                Stream.concat(Stream.of(draw), Stream.of("--stop", stop)).toArray();
        JsonNode answer = json(Tilewright.run(stopped)).getFirst();
        assertEquals(text.substring(0, text.indexOf(stop)), answer.get("text").textValue());
        assertEquals("stop", answer.get("end").textValue());
    }

    @Test
    void chatAnswersEachLineOfATextThatGoesOn() throws Exception {
        List<JsonNode> answers =
                json(Tilewright.runTyping("To be\n\nWho is\n", "run", example(), "--chat", "-n", 8, "--json"));

        assertEquals(2, answers.size(), "an empty line is no turn");
        String past = "To be" + answers.get(0).get("text").textValue() + "\nWho is";
        JsonNode alone = json(Tilewright.run("run", example(), "--prompt", past, "-n", 8, "--json"))
                .getFirst();
        assertEquals(alone.get("ids"), answers.get(1).get("ids"));
        assertEquals(
                answers.get(1).get("prompt_tokens").intValue()
                        - answers.get(0).get("prompt_tokens").intValue()
                        - 8
                        + 1,
                answers.get(1).get("prompt_tokens_read").intValue(),
                "what the cache holds is not read again");
    }

    @Test
    void aChatTemplateMakesThePromptAMessageUnlessItIsRaw() throws Exception {
        Path model = tiny("model");
        Files.writeString(
                model.resolve("tokenizer_config.json"),
                JSON.writeValueAsString(JSON.createObjectNode()
                        .put(
                                "chat_template",
                                "{% for m in messages %}({{ m.role }}) {{ m.content }} {% endfor %}"
                                        + "{% if add_generation_prompt %}(assistant){% endif %}")));

        Result message = Tilewright.run("run", model, "--prompt", "hello", "--system", "be brief", "-n", 4, "--json");
        JsonNode raw = json(Tilewright.run(
                        "run",
                        model,
                        "--raw",
                        "--prompt",
                        "(system) be brief (user) hello (assistant)",
                        "-n",
                        4,
                        "--json"))
                .getFirst();

        assertEquals(raw.get("ids"), json(message).getFirst().get("ids"));
        assertTrue(message.err().contains("--raw continues it as it is"), message.err());
    }

    @Test
    void logitsAreTheReferencesForAllTokensAndForTheLast() throws Exception {
        try (TensorSource golden = golden()) {
            int[] ids = ids(golden, "prompt0.ids");
            float[] expected = golden.floats("prompt0.logits");
            Path all = folder.resolve("all.npy");
            Path last = folder.resolve("last.npy");
            Object[] command = {"logits", example(), "--ids", commas(ids), "--cache", "f32", "-o", all};

            assertEquals(0, Tilewright.run(command).status());
            command[7] = last;
            Object[] lastCommand = Stream.concat(Stream.of(command), Stream.of("--last", "--json"))
                    .toArray();
            JsonNode answer = json(Tilewright.run(lastCommand)).getFirst();

            assertEquals(List.of((long) ids.length, 4096L), Npy.read(all).shape());
            assertEquals(List.of(1L, 4096L), Npy.read(last).shape());
            assertEquals("[1,4096]", answer.get("shape").toString());
            float[] found = Npy.read(all).floats();
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], found[i], 1e-4f, "logit " + i);
            }
            float[] foundLast = Npy.read(last).floats();
            for (int i = 0; i < foundLast.length; i++) {
                assertEquals(expected[expected.length - foundLast.length + i], foundLast[i], 1e-4f, "logit " + i);
            }
        }
    }

    @Test
    void perplexityOfTheTrainedModelIsTheReferences() throws Exception {
        Path ids = Tilewright.shared().resolve("moe-lm/eval_ids_32769.npy");
        assumeTrue(Files.exists(ids), "shared/golden is not beside this checkout");

        Result result = Tilewright.run("perplexity", example(), "--ids", ids, "--json");

        JsonNode answer = json(result).getFirst();
        assertEquals(68.757, answer.get("perplexity").doubleValue(), 0.01);
        assertEquals(32_768, answer.get("tokens").longValue());
        assertTrue(result.err().contains("perplexity: 256 of 256"), result.err());
    }

    @Test
    void perplexityOfATextIsThatOfItsIds() throws Exception {
        String words = "It was the best of times, it was the worst of times. ".repeat(12);
        Path text = Files.writeString(folder.resolve("text.txt"), words);
        JsonNode tokens = json(Tilewright.run("tokenize", example(), "--file", text, "--json"))
                .getFirst();
        Path ids =
                Files.writeString(folder.resolve("ids.txt"), tokens.get("ids").toString());

        JsonNode ofText = json(Tilewright.run("perplexity", example(), "--text", text, "--window", 32, "--json"))
                .getFirst();
        JsonNode ofIds = json(Tilewright.run("perplexity", example(), "--ids", ids, "--window", 32, "--json"))
                .getFirst();

        assertEquals(tokens.get("count").intValue(), tokens.get("ids").size());
        assertEquals(ofIds, ofText);
    }

    @Test
    void tokenizeGivesTheIdsThatAVocabularyExpects() throws Exception {
        Path vocabularies = Tilewright.shared().resolve("tokenizers");
        assumeTrue(Files.isDirectory(vocabularies), "shared/golden is not beside this checkout");
        Path vocabulary = vocabularies.resolve("ggml-vocab-gpt-2.gguf");
        String[] cases = Files.readString(Path.of(vocabulary + ".inp")).split("\n__ggml_vocab_test__\n", -1);
        List<String> expected = Files.readAllLines(Path.of(vocabulary + ".out"));

        for (int i = 1; i < expected.size(); i += 5) {
            JsonNode answer = json(Tilewright.run(
                            "tokenize", vocabulary, "--no-special", "--json", "--text=" + cases[i]))
                    .getFirst();
            assertEquals(
                    "[" + expected.get(i).strip().replace(" ", ",") + "]",
                    answer.get("ids").toString());
        }
    }

    @Test
    void inspectCountsWhatTheCheckpointHolds() throws Exception {
        long elements = 0;
        try (TensorSource stored = Safetensors.open(example())) {
            for (String name : stored.names()) {
                elements += stored.info(name).elements();
            }
        }

        JsonNode answer = json(Tilewright.run("inspect", example(), "--json")).getFirst();

        assertEquals(elements, answer.get("parameters").longValue());
        assertEquals(2 * elements, answer.get("weight_bytes").longValue(), "bfloat16");
        // 6 blocks of 16 experts, each of 3 matrices of 128 x 128, of which a token reads 2.
        long expert = 3 * 128 * 128;
        assertEquals(elements - 6 * 14 * expert, answer.get("active_parameters").longValue());
        assertEquals(
                "[{\"experts\":16,\"top_k\":2,\"blocks\":6}]",
                answer.get("experts").toString());
        // Keys and values of 2 heads of 32 in 6 blocks, 2 bytes each.
        assertEquals(
                6 * 2 * 64 * 2, answer.get("cache_bytes_per_token").get("f16").longValue());
        assertEquals(512, answer.get("context").intValue());
        // q, k, v and o of 4 heads and 2 key-value heads of 32.
        assertEquals(
                6 * 128 * (128 + 64 + 64 + 128),
                answer.get("parts").get("attention").get("parameters").longValue());
        assertEquals(
                6 * 16 * expert,
                answer.get("parts").get("experts").get("parameters").longValue());
    }

    @Test
    void benchSaysWhatShareOfTheMemorysBandwidthDecodingReaches() throws Exception {
        JsonNode answer = json(Tilewright.run(
                        "bench", tiny("m.gguf"), "-p", 16, "-n", 4, "-r", 2, "--threads", 1, "--json"))
                .getFirst();

        JsonNode decode = answer.get("decode");
        assertEquals(2, decode.get("tokens_per_second").size());
        double best = Math.max(
                decode.get("tokens_per_second").get(0).doubleValue(),
                decode.get("tokens_per_second").get(1).doubleValue());
        assertEquals(best, decode.get("best_tokens_per_second").doubleValue());
        assertEquals(
                best
                        * decode.get("weight_bytes_per_token").doubleValue()
                        / answer.get("memory_bytes_per_second").doubleValue(),
                decode.get("bandwidth_fraction").doubleValue(),
                1e-9);
        assertEquals(16, answer.get("prefill").get("tokens").intValue());
        assertEquals(1, answer.get("threads").intValue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "f32", "f16", "bf16", "q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_k", "q3_k", "q4_k", "q5_k", "q6_k",
                "iq4_nl", "iq4_xs", "mxfp4", "q4_k_m"
            })
    void aRandomModelRunsInEveryFormat(String format) throws Exception {
        Path model = tiny("m.gguf", "--format", format);

        JsonNode answer = json(Tilewright.run("run", model, "--prompt", "hello", "-n", 3, "--json"))
                .getFirst();

        // "he", "l", "l", "o": the vocabulary's 255 pairs of letters end within "j".
        assertEquals(4, answer.get("prompt_tokens").intValue());
        assertEquals(3, answer.get("tokens").intValue());
    }

    @Test
    void aSeedDecidesTheBytesOfARandomLanguageModel() throws Exception {
        Path a = tiny("a.gguf");
        Path b = tiny("b.gguf");
        Path c = tiny("c.gguf", "--seed", "2");

        assertEquals(-1, Files.mismatch(a, b));
        assertTrue(Files.mismatch(a, c) >= 0);
    }
}
