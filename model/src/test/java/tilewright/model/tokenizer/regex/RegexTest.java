package tilewright.model.tokenizer.regex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.InvalidInputException;

class RegexTest {
    /** Random patterns and texts, cut at the matches that Oniguruma itself finds. */
    @Test
    void randomPatternsMatchAsOnigurumaMatchesThem() throws IOException {
        JsonNode cases;
        try (InputStream in = RegexTest.class.getResourceAsStream("oniguruma.json")) {
            cases = new ObjectMapper().readTree(in);
        }
        for (JsonNode expected : cases) {
            List<String> pieces = new ArrayList<>();
            expected.get("pieces").forEach(piece -> pieces.add(piece.asText()));
            String pattern = expected.get("pattern").asText();
            assertEquals(pieces, cut(pattern, String.join("", pieces)), pattern);
        }
    }

    private static List<String> cut(String pattern, String text) {
        List<String> pieces = new ArrayList<>();
        RegexMatcher matcher = Regex.compile(pattern).matcher(text);
        int last = 0;
        while (matcher.find()) {
            pieces.add(text.substring(last, matcher.start()));
            pieces.add(text.substring(matcher.start(), matcher.end()));
            last = matcher.end();
        }
        pieces.add(text.substring(last));
        pieces.removeIf(String::isEmpty);
        return pieces;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '@', quoteCharacter = '`', textBlock = """
            [[:alpha:]]+              @ é1x        @ é,x
            \\p{Han}+                 @ a中文b     @ 中文
            \\p{^L}+                  @ a12b       @ 12
            \\P{L}+                   @ a12b       @ 12
            [\\p{L}&&[^a-c]]+         @ abcdeé     @ deé
            (?i:'s|k)                 @ 'S K k     @ 'S,K,k
            \\x{1F642}|\\u4e2d        @ 🙂中       @ 🙂,中
            [^[ab]c]+                 @ abcde      @ de
            \\h+                      @ xyzAf0     @ Af0
            a{,2}b                    @ aaab       @ aab
            a{x}                      @ a{x}       @ a{x}
            (?<!\\w)x                 @ axx x      @ x
            (?<=a|bc)d                @ ad bcd cd  @ d,d
            (?<name>a)(?#note)b       @ ab         @ ab
            (?x) a  b # end           @ ab         @ ab
            []a]+                     @ x]a        @ ]a
            [a-]+                     @ a-b        @ a-
            .\\z                      @ ab         @ b
            """)
    void theSyntaxIsOnigurumas(String pattern, String text, String matches) {
        List<String> found = new ArrayList<>();
        RegexMatcher matcher = Regex.compile(pattern).matcher(text);
        while (matcher.find()) {
            found.add(text.substring(matcher.start(), matcher.end()));
        }
        assertEquals(List.of(matches.split(",")), found);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '@', quoteCharacter = '`', textBlock = """
            (a            @ missing ')' at character 2
            a)            @ unmatched ')' at character 1
            [a            @ missing ']' at character 2
            *a            @ nothing to repeat at character 1
            a{3,1}        @ repetition {3,1} is out of range at character 1
            (a)\\1        @ back references are not supported at character 4
            \\p{Foo}      @ unknown property \\p{Foo} at character 7
            [[:foo:]]     @ unknown class [:foo:] at character 1
            [b-a]         @ range runs backwards at character 4
            (?<=a*)b      @ look-behind of no fixed length is not supported at character 6
            a\\           @ pattern ends with a backslash at character 2
            (?P<n>a)      @ group (?P is not supported at character 2
            \\X           @ escape \\X is not supported at character 2
            \\x{110000}   @ bad character number at character 9
            """)
    void aWrongPatternIsRefusedWithThePlace(String pattern, String message) {
        assertEquals(
                message,
                assertThrows(RegexSyntaxException.class, () -> Regex.compile(pattern))
                        .getMessage());
    }

    @Test
    void patternsOfAnyNestingAndSizeAreCompiledOrRefused() {
        assertThrows(RegexSyntaxException.class, () -> Regex.compile("(".repeat(1000) + "a" + ")".repeat(1000)));
        assertThrows(RegexSyntaxException.class, () -> Regex.compile("(?:(?:a{99}b){999}c){99}"));
        assertThrows(RegexSyntaxException.class, () -> Regex.compile("[".repeat(1000) + "a" + "]".repeat(1000)));
        assertThrows(RegexSyntaxException.class, () -> Regex.compile("a".repeat(30_000)));
        Regex.compile("(?:".repeat(60) + "a|b" + ")".repeat(60));
        Regex.compile("(?<=" + "(?:a|".repeat(50) + "b" + ")".repeat(50) + ")c");
    }

    @Test
    void megabytesInOneMatchDoNotOverflowTheStack() {
        String text = "ab".repeat(1_000_000);
        for (String pattern : List.of("(?:a|b)*", "(?:ab)+", "[ab]+", "(?:[a]|(?:b))++", "(?:a?b)*$", "(?s:.)*?b\\z")) {
            RegexMatcher matcher = Regex.compile(pattern).matcher(text);
            assertTrue(matcher.find(), pattern);
            assertEquals(text.length(), matcher.end(), pattern);
        }
    }

    @Test
    void backtrackingWithoutEndIsGivenUp() {
        RegexMatcher matcher = Regex.compile("(?:a*)*(?:a*)*b").matcher("a".repeat(30_000));
        InvalidInputException refused = assertThrows(InvalidInputException.class, matcher::find);
        assertEquals(
                "a pattern of the tokenizer backtracks too often on this text of 30000 characters; split the text, or"
                        + " simplify the pattern",
                refused.getMessage());
    }
}
