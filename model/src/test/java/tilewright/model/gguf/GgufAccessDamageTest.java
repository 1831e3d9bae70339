package tilewright.model.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.InvalidInputException;

/** Metadata that is not what the caller asks for, and parts that don't belong together; exact messages. */
class GgufAccessDamageTest {
    private static final String CONVERT = "; convert the checkpoint to GGUF again";
    private static final String AGAIN = "; the file is damaged, fetch it again";

    @TempDir
    Path folder;

    private static Arguments access(String what, Consumer<GgufMetadata> access, String message) {
        return Arguments.of(what, access, message);
    }

    static Stream<Arguments> accesses() {
        return Stream.of(
                access("a missing key", m -> m.string("zzz"), "there is no metadata key 'zzz' among 19" + CONVERT),
                access(
                        "a mistyped key",
                        m -> m.integer("u64.larg"),
                        "there is no metadata key 'u64.larg' among 19; did you mean 'u64.large'?"),
                access("a number as a string", m -> m.string("u8"), "metadata 'u8' is u8, expected a string" + CONVERT),
                access(
                        "a string as a number",
                        m -> m.number("text"),
                        "metadata 'text' is string, expected a number" + CONVERT),
                access(
                        "a float as an integer",
                        m -> m.integer("f32"),
                        "metadata 'f32' is f32, expected an integer" + CONVERT),
                access("a number as a bool", m -> m.flag("u8"), "metadata 'u8' is u8, expected a bool" + CONVERT),
                access(
                        "an array as a number",
                        m -> m.number("numbers"),
                        "metadata 'numbers' is array of 3 x i32, expected a number" + CONVERT),
                access(
                        "a number as an array",
                        m -> m.integers("u8"),
                        "metadata 'u8' is u8, expected an array of integers" + CONVERT),
                access(
                        "floats as integers",
                        m -> m.integers("floats"),
                        "metadata 'floats' is array of 2 x f32, expected an array of integers" + CONVERT),
                access(
                        "numbers as strings",
                        m -> m.strings("numbers"),
                        "metadata 'numbers' is array of 3 x i32, expected an array of strings" + CONVERT),
                access(
                        "strings as numbers",
                        m -> m.floats("strings"),
                        "metadata 'strings' is array of 3 x string, expected an array of numbers" + CONVERT),
                access(
                        "strings as bools",
                        m -> m.flags("strings"),
                        "metadata 'strings' is array of 3 x string, expected an array of bools" + CONVERT),
                access(
                        "the length of a string",
                        m -> m.length("text"),
                        "metadata 'text' is string, expected an array" + CONVERT),
                access(
                        "an integer beyond 63 bits",
                        m -> m.integer("u64.large"),
                        "metadata 'u64.large' is 18446744073709551615, expected at most 9223372036854775807" + AGAIN),
                access(
                        "a negative count",
                        m -> m.count("i8"),
                        "metadata 'i8' is -128, expected 0 to 2147483647" + AGAIN),
                access(
                        "a count beyond 31 bits",
                        m -> m.count("u32"),
                        "metadata 'u32' is 4294967295, expected 0 to 2147483647" + AGAIN));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("accesses")
    void metadataOfAnotherTypeIsRefusedByName(String what, Consumer<GgufMetadata> access, String message) {
        Path file = GgufTest.resource("every-value.gguf");
        try (Gguf model = Gguf.open(file)) {
            Exception e = assertThrows(InvalidInputException.class, () -> access.accept(model.metadata()));

            assertEquals(file + ": " + message, e.getMessage());
        }
    }

    @Test
    void truthValuesAreZeroOrOne() throws IOException {
        Path file = Files.write(
                folder.resolve("m.gguf"),
                GgufBytes.header(0, 1).key("k", GgufBytes.BOOL).u8(200).bytes());
        try (Gguf model = Gguf.open(file)) {
            Exception e = assertThrows(
                    InvalidInputException.class, () -> model.metadata().flag("k"));

            assertEquals(file + ": metadata 'k' is 200 as a bool, expected 0 or 1" + AGAIN, e.getMessage());
        }
    }

    /** A part with these numbers and one tensor. */
    private static byte[] part(int number, int count, int tensorsInAll, String tensor) {
        return GgufBytes.header(1, 3)
                .key("split.no", GgufBytes.U16)
                .u16(number)
                .key("split.count", GgufBytes.U16)
                .u16(count)
                .key("split.tensors.count", GgufBytes.I32)
                .u32(tensorsInAll)
                .tensor(tensor, 0, 0, 1)
                .pad(32)
                .floats(1)
                .bytes();
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static void assertRefused(Path opened, String message) {
        assertEquals(
                message,
                assertThrows(InvalidInputException.class, () -> Gguf.open(opened))
                        .getMessage());
    }

    @Test
    void aMissingPartIsNamed() throws IOException {
        Path first = write("m-00001-of-00002.gguf", part(0, 2, 2, "a"));

        assertRefused(
                first, first + ": part 2 of 2 is missing (" + folder.resolve("m-00002-of-00002.gguf") + "); fetch it");
    }

    @Test
    void aPartThatWasRenamedIsRefused() throws IOException {
        Path file = write("model.gguf", part(1, 2, 2, "a"));

        assertRefused(
                file,
                file + ": is one of 2 parts, expected a name that ends with -00002-of-00002.gguf;"
                        + " give the files their published names");
    }

    @Test
    void partsThatWereSwappedAreRefused() throws IOException {
        Path first = write("m-00001-of-00002.gguf", part(1, 2, 2, "a"));
        write("m-00002-of-00002.gguf", part(0, 2, 2, "b"));

        assertRefused(first, first + ": says that it is part 2 of 2, expected part 1 of 2; fetch parts of one version");
    }

    @Test
    void aTensorInTwoPartsIsRefused() throws IOException {
        Path first = write("m-00001-of-00002.gguf", part(0, 2, 2, "a"));
        Path second = write("m-00002-of-00002.gguf", part(1, 2, 2, "a"));

        assertRefused(second, second + ": tensor 'a' is also in " + first + "; fetch parts of one version");
    }

    @Test
    void partsWithFewerTensorsThanTheySayAreRefused() throws IOException {
        Path first = write("m-00001-of-00002.gguf", part(0, 2, 3, "a"));
        write("m-00002-of-00002.gguf", part(1, 2, 3, "b"));

        assertRefused(
                first,
                first + ": split.tensors.count is 3, but the 2 parts hold 2 tensors; fetch parts of one version");
    }
}
