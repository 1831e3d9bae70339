package tilewright.boards;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever the bytes, reading gives a board or one line that says why not. */
class BoardFuzzTest {
    private static final List<String> SPICES = List.of(
            "*a",
            "&a ",
            "!!int ",
            "? ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            ": ",
            "#",
            "|\n",
            ">-\n",
            "'",
            "\"",
            "\"\\U00110000\"",
            "%YAML 99999999999.1\n",
            "%TAG ! x\n",
            "---\n",
            "...\n",
            "\t",
            "\r",
            "\u2028",
            "\u0085",
            "\uFEFF",
            "<<",
            "~",
            "-0",
            "1e999",
            "1e-999",
            ".inf",
            "0x1F",
            "9".repeat(500),
            "null",
            "true",
            "\0",
            "kind: cpu\n",
            "\uD83D\uDE00");

    @Property(tries = 500)
    void anyBytesAreABoardOrOneLine(@ForAll byte[] bytes) {
        check(bytes);
    }

    @Property(tries = 500)
    void anyTextOfYamlsOwnSignsIsABoardOrOneLine(@ForAll("yamlish") String text) {
        check(text.getBytes(StandardCharsets.UTF_8));
    }

    @Property(tries = 2_000)
    void anyMutationOfABundledBoardIsABoardOrOneLine(@ForAll("boards") String name, @ForAll long seed) {
        check(mutated(bundled(name), new Random(seed)));
    }

    /** Aliases and deep nesting are cut off where they start, not expanded. */
    @Property(tries = 20)
    void bombsAreRefusedAtOnce(@ForAll("openings") String opening) {
        check(opening.repeat(100_000).getBytes(StandardCharsets.UTF_8));
    }

    @Provide
    Arbitrary<String> yamlish() {
        return Arbitraries.strings()
                .withChars("ab1-:?,[]{}#&*!|>'\"%@`~ \t\r\n\\\u0085\u2028")
                .ofMaxLength(200);
    }

    @Provide
    Arbitrary<String> boards() {
        return Arbitraries.of(List.copyOf(Boards.names()));
    }

    @Provide
    Arbitrary<String> openings() {
        return Arbitraries.of(
                "[", "{", "- ", "? ", "a: ", "[{a: ", "&a [*a,", "'", "\"", "|\n", "- - ", "a:\n ", "[]", "#");
    }

    private static byte[] mutated(byte[] valid, Random random) {
        String text = new String(valid, StandardCharsets.UTF_8);
        for (int changes = 1 + random.nextInt(4); changes > 0 && !text.isEmpty(); changes--) {
            int from = random.nextInt(text.length());
            int to = Math.min(text.length(), from + random.nextInt(20));
            String piece = switch (random.nextInt(4)) {
                case 0 -> "";
                case 1 -> SPICES.get(random.nextInt(SPICES.size())) + text.substring(from, to);
                case 2 -> text.substring(from, to) + text.substring(from, to);
                default -> String.valueOf((char) random.nextInt(0x180));
            };
            text = text.substring(0, from) + piece + text.substring(to);
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0 && random.nextInt(4) == 0) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private static byte[] bundled(String name) {
        try (InputStream file = BundledBoards.open(name)) {
            return file.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void check(byte[] bytes) {
        try {
            Board board = Boards.parse("fuzz.yaml", bytes);
            assertTrue(board.clockHz() > 0);
            assertTrue(board.memoryBytes() >= 0);
            assertTrue(board.macsPerCycle(8) >= 0);
            assertTrue(Double.isFinite(board.memoryBytesPerCycle()));
        } catch (InvalidBoardException e) {
            assertTrue(e.getMessage().startsWith("fuzz.yaml"), e.getMessage());
            assertFalse(e.getMessage().chars().anyMatch(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029));
            assertTrue(e.getMessage().length() < 1_000, e.getMessage());
        }
    }
}
