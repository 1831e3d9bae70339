package tilewright.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tilewright.model.InvalidInputException;

/** The table of pre-tokenizers against what Oniguruma, through the reference implementation, makes of its expressions. */
class PreTokenizationTest {
    @Test
    void everyNameSplitsAsTheReferenceDoes() {
        for (Map.Entry<String, JsonNode> entry :
                TestFiles.json("pre-tokenizers.json").properties()) {
            PreTokenization pre = PreTokenization.named(entry.getKey(), "file");
            for (JsonNode pieces : entry.getValue()) {
                List<String> expected = new ArrayList<>();
                pieces.forEach(piece -> expected.add(piece.asText()));
                assertEquals(expected, split(pre, String.join("", expected)), entry.getKey());
            }
        }
    }

    @Test
    void aMillionCharactersOfAnyOneKindAreSplitWithoutOverflow() {
        for (Map.Entry<String, JsonNode> entry :
                TestFiles.json("pre-tokenizers.json").properties()) {
            PreTokenization pre = PreTokenization.named(entry.getKey(), "file");
            for (String unit : List.of("a", "A", " ", "\n", "!", "中", "\u0301", "😀", "aB", "'s", "\r\n ")) {
                String text = unit.repeat(200_000 / unit.length());
                int[] ends = pre.split(text);
                assertEquals(text.length(), ends[ends.length - 1], entry.getKey());
            }
        }
    }

    @Test
    void digitsAreGroupedFromTheRight() {
        for (String name : List.of("superbpe", "afmoe", "tiny_aya")) {
            PreTokenization pre = PreTokenization.named(name, "file");
            assertEquals(List.of("12", "345", "678"), split(pre, "12345678"), name);
        }
    }

    @Test
    void anUnknownNameIsRefusedWithTheNearestOne() {
        InvalidInputException refused =
                assertThrows(InvalidInputException.class, () -> PreTokenization.named("qwen3", "m.gguf"));
        assertTrue(
                refused.getMessage().startsWith("m.gguf: metadata 'tokenizer.ggml.pre' is 'qwen3', expected one of"));
        assertTrue(refused.getMessage().endsWith("did you mean 'qwen2'?"));
    }

    private static List<String> split(PreTokenization pre, String text) {
        List<String> pieces = new ArrayList<>();
        int from = 0;
        for (int end : pre.split(text)) {
            pieces.add(text.substring(from, end));
            from = end;
        }
        return pieces;
    }
}
