package tilewright.model.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static tilewright.model.gguf.GgufBytes.header;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.InvalidInputException;

/** Damaged single files: what is in them, and the exact message behind the file's name. */
class GgufDamageTest {
    private static final String AGAIN = "; the file is damaged, fetch it again";
    private static final String TYPES =
            "F64, F32, F16, BF16, I64, I32, I16, I8, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K,"
                    + " Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, MXFP4; use a file quantised to one of these";

    @TempDir
    Path folder;

    private static Arguments damage(String what, GgufBytes bytes, String message) {
        return Arguments.of(what, bytes.bytes(), message);
    }

    private static GgufBytes start() {
        return new GgufBytes();
    }

    static Stream<Arguments> damagedStarts() {
        return Stream.of(
                damage(
                        "empty",
                        start(),
                        ": begins with '', expected 'GGUF'; it is not a GGUF file or was cut short, fetch it again"),
                damage(
                        "a zip",
                        start().text("PK\3\4 and so on"),
                        ": begins with 'PK\\u0003\\u0004', expected 'GGUF';"
                                + " it is not a GGUF file or was cut short, fetch it again"),
                damage(
                        "a format before GGUF",
                        start().text("tjgg").u32(3),
                        ": this is a GGML file from before GGUF; convert the checkpoint to GGUF again"),
                damage(
                        "a Git LFS pointer",
                        start().text("version https://git-lfs.github.com/spec/v1\n"),
                        ": this is a Git LFS pointer, not the model itself; run 'git lfs pull'"),
                damage(
                        "cut in the version",
                        start().text("GGUF").u16(3),
                        ": at byte 4: expected 4 bytes of version, but only 2 follow" + AGAIN),
                damage(
                        "version 1",
                        start().text("GGUF").u32(1),
                        ": GGUF version 1, expected 2 or 3; convert the checkpoint to GGUF again"),
                damage(
                        "version 4294967295",
                        start().text("GGUF").u32(-1),
                        ": GGUF version 4294967295, expected 2 or 3; convert the checkpoint to GGUF again"),
                damage(
                        "big-endian",
                        start().text("GGUF").u32(3 << 24),
                        ": this is a big-endian GGUF file (version 3), expected a little-endian one;"
                                + " convert it with gguf_convert_endian.py"),
                damage(
                        "cut in the counts",
                        start().text("GGUF").u32(3).u64(0).u32(0),
                        ": at byte 16: expected 8 bytes of the number of metadata entries, but only 4 follow" + AGAIN),
                damage(
                        "a tensor count beyond the file",
                        header(1L << 40, 0),
                        ": at byte 8: says 1099511627776 tensors, but only 8 bytes follow" + AGAIN),
                damage(
                        "a tensor count beyond 63 bits",
                        header(-1, 0),
                        ": at byte 8: says 18446744073709551615 tensors, but only 8 bytes follow" + AGAIN),
                damage(
                        "an entry count beyond the file",
                        header(0, 3).text("0123456789012345678901234567890123456789"),
                        ": at byte 16: says 3 metadata entries, but only 40 bytes follow" + AGAIN));
    }

    static Stream<Arguments> damagedMetadata() {
        return Stream.of(
                damage(
                        "a key beyond the file",
                        header(0, 1).u64(100).text("short enough"),
                        ": at byte 24: key 0 has a length of 100, but only 12 bytes follow" + AGAIN),
                damage(
                        "a key length beyond 63 bits",
                        header(0, 1).u64(-2).text("short enough"),
                        ": at byte 24: key 0 has a length of 18446744073709551614, but only 12 bytes follow" + AGAIN),
                damage(
                        "an empty key",
                        header(0, 1).key("", GgufBytes.U32).u32(1),
                        ": at byte 24: key 0 has 0 bytes, expected 1 to 65535" + AGAIN),
                damage(
                        "a key that is too long",
                        header(0, 1).key("k".repeat(65_536), GgufBytes.U32).u32(1),
                        ": at byte 24: key 0 has 65536 bytes, expected 1 to 65535" + AGAIN),
                damage(
                        "a key that is not UTF-8",
                        header(0, 1).key("\u00ff\u00fe", GgufBytes.U32).u32(1),
                        ": at byte 24: key 0 is not UTF-8" + AGAIN),
                damage(
                        "a key twice",
                        header(0, 2)
                                .key("k", GgufBytes.U32)
                                .u32(1)
                                .key("k", GgufBytes.U8)
                                .u8(1),
                        ": at byte 41: key 'k' occurs twice" + AGAIN),
                damage(
                        "an unknown type",
                        header(0, 1).key("k", 13).u64(1),
                        ": at byte 33: the type of 'k' is 13, expected 0 to 12" + AGAIN),
                damage(
                        "a value beyond the file",
                        header(0, 1).key("k", GgufBytes.U64).u32(1),
                        ": at byte 37: expected 8 bytes of the value of 'k', but only 4 follow" + AGAIN),
                damage(
                        "a string beyond the file",
                        header(0, 1).key("k", GgufBytes.STRING).u64(5).text("1234"),
                        ": at byte 37: a string of 'k' has a length of 5, but only 4 bytes follow" + AGAIN),
                damage(
                        "an array longer than the file",
                        header(0, 1)
                                .key("k", GgufBytes.ARRAY)
                                .u32(GgufBytes.U16)
                                .u64(3)
                                .u32(0),
                        ": at byte 41: says 3 elements of 'k', but only 4 bytes follow" + AGAIN),
                damage(
                        "an array whose size overflows",
                        header(0, 1)
                                .key("k", GgufBytes.ARRAY)
                                .u32(GgufBytes.U64)
                                .u64(1L << 61)
                                .u64(0),
                        ": at byte 41: says 2305843009213693952 elements of 'k', but only 8 bytes follow" + AGAIN),
                damage(
                        "an array of an unknown type",
                        header(0, 1).key("k", GgufBytes.ARRAY).u32(77).u64(1).u64(0),
                        ": at byte 37: the element type of 'k' is 77, expected 0 to 12" + AGAIN),
                damage(
                        "strings of an array beyond the file",
                        header(0, 1)
                                .key("k", GgufBytes.ARRAY)
                                .u32(GgufBytes.STRING)
                                .u64(2)
                                .string("ab")
                                .u64(9),
                        ": at byte 59: a string of 'k' has a length of 9, but only 0 bytes follow" + AGAIN),
                damage(
                        "arrays nested too deep",
                        nested(5),
                        ": at byte 85: arrays of 'k' are nested more than 4 deep" + AGAIN),
                damage(
                        "an alignment that is no power of two",
                        header(0, 1).key("general.alignment", GgufBytes.U32).u32(48),
                        ": general.alignment is 48, expected a power of two up to 1073741824" + AGAIN),
                damage(
                        "an alignment of 0",
                        header(0, 1).key("general.alignment", GgufBytes.U32).u32(0),
                        ": general.alignment is 0, expected a power of two up to 1073741824" + AGAIN),
                damage(
                        "an alignment that is no integer",
                        header(0, 1).key("general.alignment", GgufBytes.F32).f32(32),
                        ": metadata 'general.alignment' is f32, expected an integer;"
                                + " convert the checkpoint to GGUF again"));
    }

    private static GgufBytes nested(int depth) {
        GgufBytes file = header(0, 1).key("k", GgufBytes.ARRAY);
        for (int i = 1; i < depth; i++) {
            file.u32(GgufBytes.ARRAY).u64(1);
        }
        return file.u32(GgufBytes.U8).u64(1).u8(0);
    }

    static Stream<Arguments> damagedTensors() {
        return Stream.of(
                damage(
                        "a name beyond the file",
                        header(1, 0).u64(50).text("0123456789012345678901234567890123456789"),
                        ": at byte 24: the name of tensor 0 has a length of 50, but only 40 bytes follow" + AGAIN),
                damage(
                        "a name that is not UTF-8",
                        header(1, 0).tensor("\u00e9", 0, 0, 1).pad(32).floats(1),
                        ": at byte 24: the name of tensor 0 is not UTF-8" + AGAIN),
                damage(
                        "a name of 1025 bytes",
                        header(1, 0).tensor("n".repeat(1025), 0, 0, 1).pad(32).floats(1),
                        ": at byte 24: the name of tensor 0 has 1025 bytes, expected 1 to 1024" + AGAIN),
                damage(
                        "five dimensions",
                        header(1, 0).tensor("w", 0, 0, 1, 1, 1, 1, 1).pad(32).floats(1),
                        ": at byte 33: tensor 'w' has 5 dimensions, expected at most 4" + AGAIN),
                damage(
                        "a size beyond 64 bits",
                        header(1, 0)
                                .tensor("w", 0, 0, 1L << 31, 1L << 32)
                                .pad(32)
                                .floats(1),
                        ": at byte 33: tensor 'w' has shape [4294967296, 2147483648], whose size exceeds 64 bits"
                                + AGAIN),
                damage(
                        "a negative extent",
                        header(1, 0).tensor("w", 0, 0, 3, -1).pad(32).floats(1),
                        ": at byte 33: tensor 'w' has shape [18446744073709551615, 3], whose size exceeds 64 bits"
                                + AGAIN),
                damage(
                        "a type that we don't read",
                        header(1, 0).tensor("w", 19, 0, 256).pad(32).floats(20),
                        ": at byte 45: tensor 'w' has type IQ1_S (19), expected one of " + TYPES),
                damage(
                        "a type that there is not",
                        header(1, 0).tensor("w", 1000, 0, 256).pad(32).floats(20),
                        ": at byte 45: tensor 'w' has type 1000, expected one of " + TYPES),
                damage(
                        "rows that split a block",
                        header(1, 0).tensor("w", 2, 0, 33, 32).pad(32).floats(300),
                        ": at byte 33: tensor 'w' has rows of 33 elements, expected a multiple of 32 for Q4_0" + AGAIN),
                damage(
                        "an offset off the alignment",
                        header(1, 0).tensor("w", 0, 8, 1).pad(32).floats(20),
                        ": at byte 49: tensor 'w' has offset 8, expected a multiple of the alignment 32" + AGAIN),
                damage(
                        "an offset beyond 63 bits",
                        header(1, 0).tensor("w", 0, -32, 1).pad(32).floats(20),
                        ": at byte 49: tensor 'w' has offset 18446744073709551584,"
                                + " expected a multiple of the alignment 32" + AGAIN),
                damage(
                        "cut in a tensor's elements",
                        header(1, 0).tensor("w", 0, 0, 5).pad(32).floats(4),
                        ": tensor 'w' takes 20 bytes from byte 64 + 0 on, but the file ends at byte 80;"
                                + " it was cut short, fetch it again"),
                damage(
                        "an offset behind the end",
                        header(1, 0)
                                .tensor("w", 0, Long.MAX_VALUE - 31, 1)
                                .pad(32)
                                .floats(4),
                        ": tensor 'w' takes 4 bytes from byte 64 + 9223372036854775776 on, but the file ends at byte 80;"
                                + " it was cut short, fetch it again"),
                damage(
                        "an empty tensor behind the end",
                        header(1, 0).tensor("w", 0, 0, 0),
                        ": tensor 'w' takes 0 bytes from byte 64 + 0 on, but the file ends at byte 57;"
                                + " it was cut short, fetch it again"),
                damage(
                        "a name twice",
                        header(2, 0)
                                .tensor("w", 0, 0, 1)
                                .tensor("w", 0, 32, 1)
                                .pad(32)
                                .floats(9),
                        ": tensor 'w' occurs twice" + AGAIN),
                damage(
                        "tensors that overlap",
                        header(2, 0)
                                .tensor("v", 0, 32, 1)
                                .tensor("w", 0, 0, 9)
                                .pad(32)
                                .floats(9),
                        ": tensor 'v' begins at byte 128, but tensor 'w' ends at byte 132" + AGAIN),
                damage(
                        "cut in a description",
                        header(1, 0).string("weight").u32(2).u64(3).u16(0).u8(0),
                        ": at byte 50: expected 8 bytes of the shape of tensor 'weight', but only 3 follow" + AGAIN));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"damagedStarts", "damagedMetadata", "damagedTensors"})
    void damagedFilesAreRefusedWithTheReason(String what, byte[] bytes, String message) throws IOException {
        Path file = Files.write(folder.resolve("m.gguf"), bytes);

        Exception e = assertThrows(InvalidInputException.class, () -> Gguf.open(file));

        assertEquals(file + message, e.getMessage());
    }

    @Test
    void missingFilesAndFoldersAreRefused() {
        Path none = folder.resolve("none.gguf");

        assertEquals(
                none + ": there is no such file; give a .gguf file",
                assertThrows(InvalidInputException.class, () -> Gguf.open(none)).getMessage());
        assertEquals(
                folder + ": not a regular file; give a .gguf file",
                assertThrows(InvalidInputException.class, () -> Gguf.open(folder))
                        .getMessage());
    }
}
