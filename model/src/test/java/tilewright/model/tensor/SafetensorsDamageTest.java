package tilewright.model.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static tilewright.model.tensor.SafetensorsBytes.file;
import static tilewright.model.tensor.SafetensorsBytes.tensor;
import static tilewright.model.tensor.SafetensorsBytes.withLength;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.InvalidInputException;

/** Damaged single files: what is in them, and the exact message behind the file's name. */
class SafetensorsDamageTest {
    private static final String AGAIN = "; the file is damaged, fetch it again";

    @TempDir
    Path folder;

    private static Arguments damage(String what, byte[] bytes, String message) {
        return Arguments.of(what, bytes, message);
    }

    private static Arguments header(String what, String json, int dataBytes, String message) {
        return damage(what, file(json, dataBytes), message);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static Stream<Arguments> damagedFiles() {
        return Stream.of(
                damage(
                        "empty",
                        new byte[0],
                        ": 0 bytes are too few for a safetensors file; it was cut short, fetch it again"),
                damage(
                        "cut in the length",
                        new byte[7],
                        ": 7 bytes are too few for a safetensors file; it was cut short, fetch it again"),
                damage(
                        "cut in the header",
                        withLength(100, ascii("{}"), new byte[0]),
                        ": header length 100 exceeds the file's 10 bytes;"
                                + " it is not a safetensors file or was cut short, fetch it again"),
                damage(
                        "header length beyond 63 bits",
                        withLength(-1, ascii("{}"), new byte[0]),
                        ": header length 18446744073709551615 exceeds the file's 10 bytes;"
                                + " it is not a safetensors file or was cut short, fetch it again"),
                damage(
                        "header above the limit",
                        withLength((32 << 20) + 1, new byte[(32 << 20) + 1], new byte[0]),
                        ": header of 33554433 bytes exceeds the limit of 33554432; split the model into shards"),
                damage(
                        "header of length 0",
                        withLength(0, new byte[0], new byte[0]),
                        ": header has nothing as the header, expected an object" + AGAIN),
                damage(
                        "a zip (PyTorch)",
                        ascii("PK\3\4\0\0\10\10\0\0rest of it"),
                        ": this is a PyTorch pickle, expected safetensors; " + OtherFormats.CONVERT),
                damage(
                        "an old pickle",
                        ascii("\u0080\2\u008a\nl\u00fc\u009cF\u00f9 j\u00a8"),
                        ": this is a PyTorch pickle, expected safetensors; " + OtherFormats.CONVERT),
                damage(
                        "GGUF",
                        ascii("GGUF\3\0\0\0\5\0\0\0\0\0\0\0"),
                        ": this is a GGUF file, expected safetensors; use the checkpoint that it was converted from"),
                damage(
                        "a Git LFS pointer",
                        ascii("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
                        ": this is a Git LFS pointer, not the model itself; run 'git lfs pull'"),
                damage(
                        "invalid UTF-8",
                        withLength(4, ascii("{\"\u00ff}"), new byte[0]),
                        ": header is not valid UTF-8" + AGAIN),
                header("an array", "[]", 0, ": header has [ as the header, expected an object" + AGAIN),
                header("text behind", "{} {}", 0, ": header has text behind the closing brace" + AGAIN),
                header(
                        "cut JSON",
                        "{\"a\":{",
                        0,
                        ": header is not valid JSON at character 6 (Unexpected end-of-input: expected close marker for"
                                + " Object)" + AGAIN),
                header(
                        "deep nesting",
                        "{\"a\":{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}}",
                        0,
                        ": header is not valid JSON (Document nesting depth (17) exceeds the maximum allowed (16))"
                                + AGAIN),
                header(
                        "a huge number",
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + "9".repeat(1000) + "],\"data_offsets\":[0,1]}}",
                        1,
                        ": header is not valid JSON (Number value length (1000) exceeds the maximum allowed (32))"
                                + AGAIN),
                header(
                        "a huge name",
                        "{\"" + "n".repeat(5000) + "\":{}}",
                        0,
                        ": header is not valid JSON (Name length (5000) exceeds the maximum allowed (4096))" + AGAIN),
                header(
                        "a name twice",
                        "{" + tensor("a", "U8", "[1]", 0, 1) + "," + tensor("a", "U8", "[1]", 1, 2) + "}",
                        2,
                        ": header has 'a' twice in the header" + AGAIN),
                header(
                        "a member twice",
                        "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}",
                        0,
                        ": header has 'dtype' twice in tensor 'a'" + AGAIN),
                header(
                        "metadata that are no text",
                        "{\"__metadata__\":{\"n\":1}}",
                        0,
                        ": header has 1 as the metadata 'n', expected a string" + AGAIN),
                header(
                        "a tensor that is a number",
                        "{\"a\":1}",
                        0,
                        ": header has 1 as tensor 'a', expected an object" + AGAIN),
                header(
                        "no dtype",
                        "{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}",
                        1,
                        ": header has no dtype for tensor 'a'" + AGAIN),
                header(
                        "no shape",
                        "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}",
                        1,
                        ": header has no shape for tensor 'a'" + AGAIN),
                header(
                        "no offsets",
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}",
                        1,
                        ": header has no data_offsets for tensor 'a'" + AGAIN),
                header(
                        "an unknown type",
                        "{" + tensor("a", "F8_E4M3FNUZ", "[1]", 0, 1) + "}",
                        1,
                        ": tensor 'a' has dtype 'F8_E4M3FNUZ', expected one of F64, F32, F16, BF16, I64, I32, I16,"
                                + " I8, U8, BOOL, U16, U32, U64, F8_E4M3, F8_E5M2, F8_E8M0; convert the checkpoint, for example to BF16"),
                header(
                        "a negative extent",
                        "{" + tensor("a", "U8", "[-1]", 0, 1) + "}",
                        1,
                        ": header has -1 in shape of tensor 'a', expected 0 to 9223372036854775807" + AGAIN),
                header(
                        "an extent beyond 64 bits",
                        "{" + tensor("a", "U8", "[9223372036854775808]", 0, 1) + "}",
                        1,
                        ": header has 9223372036854775808 in shape of tensor 'a', expected 0 to 9223372036854775807"
                                + AGAIN),
                header(
                        "a fractional extent",
                        "{" + tensor("a", "U8", "[1.0]", 0, 1) + "}",
                        1,
                        ": header has 1.0 as shape of tensor 'a', expected integers only" + AGAIN),
                header(
                        "a shape that is text",
                        "{" + tensor("a", "U8", "\"1\"", 0, 1) + "}",
                        1,
                        ": header has 1 as shape of tensor 'a', expected an array of integers" + AGAIN),
                header(
                        "a product that wraps to the right size",
                        "{" + tensor("a", "F32", "[4294967296,4294967296,1]", 0, 0) + "}",
                        0,
                        ": tensor 'a' has shape [4294967296, 4294967296, 1], whose size exceeds 64 bits" + AGAIN),
                header(
                        "too many axes",
                        "{" + tensor("a", "U8", "[1" + ",1".repeat(64) + "]", 0, 1) + "}",
                        1,
                        ": header has more than 64 entries in shape of tensor 'a'" + AGAIN),
                header(
                        "one offset",
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}",
                        1,
                        ": tensor 'a' has data_offsets [0], expected [begin, end]" + AGAIN),
                header(
                        "three offsets",
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}",
                        1,
                        ": header has more than 2 entries in data_offsets of tensor 'a'" + AGAIN),
                header(
                        "an end before the beginning",
                        "{" + tensor("a", "U8", "[1]", 1, 0) + "}",
                        1,
                        ": tensor 'a' has data_offsets [1, 0], which end before they begin" + AGAIN),
                header(
                        "an end behind the file",
                        "{" + tensor("a", "U8", "[4]", 0, 4) + "}",
                        3,
                        ": tensor 'a' has data_offsets [0, 4], but only 3 bytes follow the header;"
                                + " the file was cut short, fetch it again"),
                header(
                        "offsets that disagree with the shape",
                        "{" + tensor("a", "F32", "[2,2]", 0, 8) + "}",
                        8,
                        ": tensor 'a' has data_offsets [0, 8] (8 bytes), but shape [2, 2] of F32 takes 16 bytes"
                                + AGAIN),
                header(
                        "overlap",
                        "{" + tensor("a", "U8", "[4]", 0, 4) + "," + tensor("b", "U8", "[4]", 2, 6) + "}",
                        6,
                        ": tensor 'b' at data offset 2 overlaps tensor 'a', which ends at 4" + AGAIN),
                header(
                        "two tensors at one place",
                        "{" + tensor("a", "U8", "[2]", 0, 2) + "," + tensor("b", "U8", "[2]", 0, 2) + "}",
                        2,
                        ": tensor 'b' at data offset 0 overlaps tensor 'a', which ends at 2" + AGAIN),
                header(
                        "an empty tensor inside another",
                        "{" + tensor("a", "U8", "[4]", 0, 4) + "," + tensor("b", "U8", "[0]", 2, 2) + "}",
                        4,
                        ": tensor 'b' at data offset 2 overlaps tensor 'a', which ends at 4" + AGAIN),
                header(
                        "a gap",
                        "{" + tensor("a", "U8", "[1]", 0, 1) + "," + tensor("b", "U8", "[1]", 3, 4) + "}",
                        4,
                        ": tensor 'b' at data offset 3 leaves a gap of 2 bytes before it" + AGAIN),
                header(
                        "bytes behind the last tensor",
                        "{" + tensor("a", "U8", "[1]", 0, 1) + "}",
                        9,
                        ": 8 bytes behind the last tensor belong to none" + AGAIN),
                header(
                        "a name with a line break",
                        "{" + tensor("a\\nb", "X", "[1]", 0, 1) + "}",
                        1,
                        ": tensor 'a\\u000ab' has dtype 'X', expected one of F64, F32, F16, BF16, I64, I32, I16, I8,"
                                + " U8, BOOL, U16, U32, U64, F8_E4M3, F8_E5M2, F8_E8M0; convert the checkpoint, for example to BF16"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damagedFiles")
    void aDamagedFileIsRefusedInOneLine(String what, byte[] bytes, String message) throws IOException {
        Path file = Files.write(folder.resolve("model.safetensors"), bytes);
        for (Path path : new Path[] {file, folder}) {
            var error = assertThrows(
                    InvalidInputException.class, () -> Safetensors.open(path).close());
            assertEquals(file + message, error.getMessage());
        }
    }
}
