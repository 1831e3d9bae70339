package tilewright.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.gguf.GgufWriter;

/** Vocabularies in GGUF files that were made for these tests. */
class GgufTokenizersTest {
    @TempDir
    Path folder;

    /** Trained with SentencePiece 0.2 on sentences of our own; the expected ids are what it gives. */
    @ParameterizedTest
    @ValueSource(strings = {"sentencepiece-uni", "sentencepiece-bpe"})
    void sentencePieceVocabulariesGiveItsIds(String name) {
        Tokenizer tokenizer = Tokenizers.load(TestFiles.path(name + ".gguf"));
        for (JsonNode expected : TestFiles.json(name + ".json")) {
            String text = expected.get("text").asText();
            if (!text.isEmpty()) {
                assertArrayEquals(TestFiles.ids(expected.get("plain")), tokenizer.encode(text, false, false), text);
            }
        }
    }

    @Test
    void rwkvTakesTheLongestTokenAndItsTokensAreBytes() throws IOException {
        Tokenizer tokenizer = load(new GgufWriter()
                .put("general.architecture", "rwkv")
                .put("tokenizer.ggml.model", "rwkv")
                .put(
                        "tokenizer.ggml.tokens",
                        List.of("<s>", "a", "ab", "abc", "\\n", "\\xe2\\x82", "\\xac", "\\\\", "b")));
        int[] ids = tokenizer.encode("abcab\nbb€\\", false);
        assertArrayEquals(new int[] {3, 2, 4, 8, 8, 5, 6, 7}, ids);
        assertEquals("abcab\nbb€\\", tokenizer.decode(ids));
        TokenStream stream = tokenizer.stream(false);
        assertEquals("", stream.append(5));
        assertEquals("€", stream.append(6));
    }

    @Test
    void withoutMergesTheTokenOfTheLowestIdIsMadeFirst() throws IOException {
        Tokenizer tokenizer = load(bpe("kimi-k2", List.of("a", "b", "c", "bc", "ab", "abc"), List.of()));
        assertArrayEquals(new int[] {5}, tokenizer.encode("abc", false));
        assertArrayEquals(new int[] {4, 4}, tokenizer.encode("abab", false));
    }

    @Test
    void mergesGoThroughTextsThatAreNoTokens() throws IOException {
        Tokenizer tokenizer = load(bpe("gpt-2", List.of("a", "b", "c", "abc"), List.of("a b", "ab c")));
        assertArrayEquals(new int[] {3}, tokenizer.encode("abc", false));
        assertArrayEquals(new int[] {0, 1}, tokenizer.encode("ab", false));
        assertArrayEquals(new int[] {0}, tokenizer.encode("ax", false));
    }

    @Test
    void longerSpecialTokensGoFirstWhereverTheyAre() throws IOException {
        Tokenizer tokenizer = load(bpe("gpt-2", List.of("a", "<", ">", "<a", "a>a>", "x"), List.of())
                .put("tokenizer.ggml.token_type", new int[] {1, 1, 1, 3, 3, 4}));
        assertArrayEquals(new int[] {1, 4}, tokenizer.encode("<a>a>", false, true));
        assertArrayEquals(new int[] {1, 0, 2, 0, 2, 5}, tokenizer.encode("<a>a>x", false, false));
        assertEquals("<x", tokenizer.decode(new int[] {1, 4, 5}));
        assertEquals("<a>a>x", tokenizer.decode(new int[] {1, 4, 5}, true));
    }

    @Test
    void theEndsOfATextAreMarkedAsTheFileSays() throws IOException {
        GgufWriter writer = bpe("llama-bpe", List.of("a", "<s>", "</s>", "<|eot_id|>"), List.of())
                .put("tokenizer.ggml.token_type", new int[] {1, 3, 3, 3})
                .put("tokenizer.ggml.bos_token_id", 1)
                .put("tokenizer.ggml.eos_token_id", 2);
        Tokenizer tokenizer = load(writer);
        assertArrayEquals(new int[] {1, 0}, tokenizer.encode("a", true));
        assertEquals(OptionalInt.of(3), tokenizer.eot());
        assertArrayEquals(new int[] {2, 3}, tokenizer.endIds());
        Tokenizer other =
                load(writer.put("tokenizer.ggml.add_bos_token", false).put("tokenizer.ggml.add_eos_token", true));
        assertArrayEquals(new int[] {0, 2}, other.encode("a", true));
    }

    @Test
    void anIdOutsideTheVocabularyNamesNoToken() throws IOException {
        Tokenizer tokenizer = load(bpe("gpt-2", List.of("a"), List.of()).put("tokenizer.ggml.bos_token_id", 7));
        assertEquals(OptionalInt.empty(), tokenizer.bos());
    }

    @Test
    void bytesOfACharacterAreHeldBackUntilItIsWhole() throws IOException {
        List<String> letters = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            letters.add(Character.toString(ByteLetters.letter(value)));
        }
        Tokenizer tokenizer = load(bpe("gpt-2", letters, List.of()));
        String text = "é€🦙x";
        TokenStream stream = tokenizer.stream(false);
        List<String> pieces = new ArrayList<>();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            pieces.add(stream.append(value & 0xFF));
        }
        assertEquals(List.of("", "é", "", "", "€", "", "", "", "🦙", "x"), pieces);
        assertEquals("", stream.append(0xF0));
        assertEquals("\uFFFD", stream.finish());
    }

    @Test
    void bytesThatNeverBecomeACharacterAreNotHeldBackForEver() throws IOException {
        List<String> letters = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            letters.add(Character.toString(ByteLetters.letter(value)));
        }
        Tokenizer tokenizer = load(bpe("gpt-2", letters, List.of()));
        int[] bad = new int[40];
        Arrays.fill(bad, 0x80);
        TokenStream stream = tokenizer.stream(false);
        StringBuilder text = new StringBuilder();
        for (int id : bad) {
            text.append(stream.append(id));
        }
        assertEquals("\uFFFD".repeat(40), text.append(stream.finish()).toString());
    }

    private static GgufWriter bpe(String pre, List<String> tokens, List<String> merges) {
        return new GgufWriter()
                .put("general.architecture", "llama")
                .put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.pre", pre)
                .put("tokenizer.ggml.tokens", tokens)
                .put("tokenizer.ggml.merges", merges);
    }

    private Tokenizer load(GgufWriter writer) throws IOException {
        Path file = folder.resolve("vocabulary.gguf");
        writer.write(file);
        return Tokenizers.load(file);
    }
}
