package tilewright.model.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tilewright.model.tensor.DType;

/** What the writer writes, against bytes put together by hand and through the reader. */
class GgufWriterTest {
    @TempDir
    Path folder;

    @Test
    void filesHaveTheBytesThatTheFormatPrescribes() throws IOException {
        Path file = folder.resolve("m.gguf");
        new GgufWriter()
                .put("s", "text")
                .put("n", 7)
                .put("m", -7)
                .put("l", 1L << 40)
                .put("f", 0.5f)
                .put("b", true)
                .put("a", List.of("x", ""))
                .put("i", new int[] {1, -1})
                .tensor("w", DType.F32, List.of(2L, 3L), sink -> sink.values(new float[] {0, 1, 2, 3, 4, 5}, 0, 6))
                .tensor("v", DType.F32, List.of(1L), sink -> sink.values(new float[] {0}, 0, 1))
                .write(file);

        byte[] expected = GgufBytes.header(2, 8)
                .key("s", GgufBytes.STRING)
                .string("text")
                .key("n", GgufBytes.U32)
                .u32(7)
                .key("m", GgufBytes.I32)
                .u32(-7)
                .key("l", GgufBytes.U64)
                .u64(1L << 40)
                .key("f", GgufBytes.F32)
                .f32(0.5f)
                .key("b", GgufBytes.BOOL)
                .u8(1)
                .key("a", GgufBytes.ARRAY)
                .u32(GgufBytes.STRING)
                .u64(2)
                .string("x")
                .string("")
                .key("i", GgufBytes.ARRAY)
                .u32(GgufBytes.I32)
                .u64(2)
                .u32(1)
                .u32(-1)
                .tensor("w", 0, 0, 3, 2)
                .tensor("v", 0, 32, 1)
                .pad(32)
                .floats(6)
                .pad(32)
                .floats(1)
                .pad(32)
                .bytes();
        assertArrayEquals(expected, Files.readAllBytes(file));
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
                "IQ4_NL", "IQ4_XS", "MXFP4"
            })
    void tensorsComeBackWhetherWrittenAsValuesOrEncodedInPieces(DType type) throws IOException {
        float[] values = new float[4 * 256];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i);
        }
        byte[] encoded = new byte[(int) type.bytesFor(values.length)];
        type.codec().encode(values, 0, values.length, MemorySegment.ofArray(encoded), 0);
        Path file = folder.resolve("m.gguf");
        new GgufWriter()
                .tensor("values", type, List.of(4L, 256L), sink -> {
                    sink.values(values, 0, 256);
                    sink.values(values, 256, 768);
                })
                .tensor(
                        "encoded",
                        type,
                        List.of(2L, 2L, 256L),
                        sink -> sink.encoded(MemorySegment.ofArray(encoded).asReadOnly()))
                .write(file);

        float[] expected = new float[values.length];
        type.codec().decode(MemorySegment.ofArray(encoded), 0, expected, 0, values.length);
        try (Gguf model = Gguf.open(file)) {
            assertArrayEquals(expected, model.floats("values"));
            assertArrayEquals(expected, model.floats("encoded"));
            assertEquals(List.of(2L, 2L, 256L), model.info("encoded").shape());
        }
    }

    @Test
    void aContentThatWritesTooLittleOrTooMuchLeavesNothing() {
        Path file = folder.resolve("m.gguf");
        GgufWriter few = new GgufWriter().tensor("w", DType.F32, List.of(3L), sink -> sink.values(new float[2], 0, 2));
        GgufWriter many = new GgufWriter().tensor("w", DType.F32, List.of(3L), sink -> sink.values(new float[4], 0, 4));

        Exception lacking = assertThrows(IllegalStateException.class, () -> few.write(file));
        Exception over = assertThrows(IllegalStateException.class, () -> many.write(file));

        assertEquals("tensor 'w' lacks 4 of 12 bytes", lacking.getMessage());
        assertEquals("tensor 'w' of 12 bytes was given 4 too many", over.getMessage());
        assertFalse(Files.exists(file));
        assertTrue(folder.toFile().list().length == 0);
    }

    @Test
    void whatTheFormatCannotHoldIsRefused() {
        GgufWriter writer = new GgufWriter().put("k", 1).tensor("w", DType.F32, List.of(1L), sink -> {});

        assertThrows(IllegalArgumentException.class, () -> writer.put("k", 2));
        assertThrows(IllegalArgumentException.class, () -> writer.tensor("w", DType.F32, List.of(1L), sink -> {}));
        assertThrows(IllegalArgumentException.class, () -> writer.tensor("q", DType.Q4_0, List.of(33L), sink -> {}));
        assertThrows(IllegalArgumentException.class, () -> writer.tensor("u", DType.U32, List.of(1L), sink -> {}));
    }
}
