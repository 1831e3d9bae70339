package tilewright.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small {@code tokenizer.json} files against what the reference implementation (tokenizers 0.23) makes of random texts.
 *
 * <p>The files were trained with it on sentences written for this project, with settings that cover every kind of
 * normalizer, pre-tokenizer, model, post-processor and decoder.
 */
class HfTokenizerTest {
    static Stream<String> names() {
        return Stream.of(TestFiles.TOKENIZERS);
    }

    @ParameterizedTest
    @MethodSource("names")
    void textsHaveTheReferencesIds(String name) {
        Tokenizer tokenizer = Tokenizers.load(TestFiles.path(name));
        for (JsonNode expected : TestFiles.json(name + "/cases.json")) {
            String text = expected.get("text").asText();
            assertArrayEquals(TestFiles.ids(expected.get("special")), tokenizer.encode(text, true), text);
            assertArrayEquals(TestFiles.ids(expected.get("plain")), tokenizer.encode(text, false, true), text);
            assertArrayEquals(TestFiles.ids(expected.get("unparsed")), tokenizer.encode(text, false, false), text);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void idsHaveTheReferencesText(String name) {
        Tokenizer tokenizer = Tokenizers.load(TestFiles.path(name));
        for (JsonNode expected : TestFiles.json(name + "/cases.json")) {
            int[] ids = TestFiles.ids(expected.get("special"));
            assertEquals(expected.get("decoded").asText(), tokenizer.decode(ids));
            assertEquals(expected.get("spelled").asText(), tokenizer.decode(ids, true));
            int[] random = TestFiles.ids(expected.get("random"));
            assertEquals(expected.get("randomDecoded").asText(), tokenizer.decode(random, true));
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void tokensAndIdsBelongTogether(String name) {
        Tokenizer tokenizer = Tokenizers.load(TestFiles.path(name));
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
            assertEquals(OptionalInt.of(id), tokenizer.idOf(tokenizer.tokenText(id)));
        }
        assertEquals(OptionalInt.empty(), tokenizer.idOf("no such token"));
    }

    @Test
    void anIdOutsideTheVocabularyIsRefused() {
        Tokenizer tokenizer = Tokenizers.load(TestFiles.path("word-level"));
        int size = tokenizer.vocabularySize();
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(new int[] {size}));
        assertEquals("token id " + size + " is not in the vocabulary of " + size, refused.getMessage());
    }

    @Test
    void aLoneSurrogateCountsAsReplacementCharacter() {
        Tokenizer tokenizer = Tokenizers.load(TestFiles.path("byte-level-split"));
        assertArrayEquals(tokenizer.encode("a\uFFFDb", false), tokenizer.encode("a\uD800b", false));
        assertEquals("a\uFFFDb", tokenizer.decode(tokenizer.encode("a\uD800b", false)));
    }
}
