package tilewright.model.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsWriterTest {
    @TempDir
    Path folder;

    private static SafetensorsWriter.Tensor tensor(DType dtype, List<Long> shape, float... values) {
        return new SafetensorsWriter.Tensor(dtype, shape, () -> values);
    }

    @Test
    void theFileHasTheBytesThatTheFormatDescribes() throws IOException {
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("b", tensor(DType.F32, List.of(2L), 1, -2));
        tensors.put("a", tensor(DType.I8, List.of(), -1));
        Path file = folder.resolve("m.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of("seed", "1"));
        String json =
                "{\"__metadata__\":{\"seed\":\"1\"},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                        + "\"a\":{\"dtype\":\"I8\",\"shape\":[],\"data_offsets\":[8,9]}}";
        String padded = json + " ".repeat(Math.floorMod(-json.length(), 8));
        byte[] data = ByteBuffer.allocate(9)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(1)
                .putFloat(-2)
                .put((byte) -1)
                .array();
        assertArrayEquals(SafetensorsBytes.file(padded, data), Files.readAllBytes(file));
    }

    @ParameterizedTest
    @CsvSource({
        "F64, -2.5",
        "F32, 0.1",
        "F16, 0.5",
        "BF16, -3.0",
        "I64, 4611686018427387904",
        "I32, -2147483648",
        "I16, 32767",
        "I8, -128",
        "U8, 255",
        "BOOL, 1",
        "U16, 65535",
        "U32, 4294967040",
        "U64, 18446742974197923840",
        "F8_E4M3, -448",
        "F8_E5M2, 57344",
        "F8_E8M0, 0.125"
    })
    void valuesThatATypeCanHoldComeBack(DType dtype, float value) throws IOException {
        Path file = folder.resolve("m.safetensors");
        SafetensorsWriter.write(file, Map.of("t", tensor(dtype, List.of(1L), value)));
        try (TensorSource source = Safetensors.open(file)) {
            assertArrayEquals(new float[] {value}, source.floats("t"));
        }
    }

    @Test
    void tensorsLargerThanOneChunkAreWrittenWhole() throws IOException {
        float[] values = new float[200_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 0.5f;
        }
        Path file = folder.resolve("m.safetensors");
        SafetensorsWriter.write(file, Map.of("t", tensor(DType.F32, List.of(200_001L), values)));
        try (TensorSource source = Safetensors.open(file)) {
            assertArrayEquals(values, source.finiteFloats("t"));
        }
    }

    @Test
    void aTensorInPartsHasTheBytesOfTheWholeAndIsHeardOfAfterEachPart() throws IOException {
        Path whole = folder.resolve("whole.safetensors");
        Path parts = folder.resolve("parts.safetensors");
        SafetensorsWriter.write(whole, Map.of("t", tensor(DType.F16, List.of(3L, 2L), 1, 2, 3, 4, 5, 6)));
        List<Long> heard = new ArrayList<>();
        SafetensorsWriter.Tensor inParts = new SafetensorsWriter.Tensor(
                DType.F16, List.of(3L, 2L), 3, part -> new float[] {2 * part + 1, 2 * part + 2});
        SafetensorsWriter.write(parts, Map.of("t", inParts), Map.of(), (temporary, channel, bytes) -> {
            assertEquals(bytes, Files.size(temporary));
            assertEquals(false, Files.exists(parts));
            heard.add(bytes);
        });
        assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(parts));
        long all = Files.size(whole);
        assertEquals(List.of(all - 8, all - 4, all), heard);
    }

    @Test
    void aFailureInTheMiddleLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = Files.writeString(folder.resolve("m.safetensors"), "old");
        Supplier<float[]> failing = () -> {
            throw new IllegalStateException("no more");
        };
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("good", tensor(DType.F32, List.of(1L), 1));
        tensors.put("bad", new SafetensorsWriter.Tensor(DType.F32, List.of(1L), failing));
        assertThrows(IllegalStateException.class, () -> SafetensorsWriter.write(file, tensors));
        assertEquals("old", Files.readString(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "I8   | 128  | tensor 't' was given 128.0, expected an integer from -128 to below 128",
                "U8   | -1   | tensor 't' was given -1.0, expected an integer from 0 to below 256",
                "I32  | 0.5  | tensor 't' was given 0.5, expected an integer from -2147483648 to below 2147483648",
                "U16  | 65536 | tensor 't' was given 65536.0, expected an integer from 0 to below 65536",
                "U64  | -1   | tensor 't' was given -1.0, expected an integer from 0 to below 18446744073709551616",
                "Q8_0 | 1    | tensor 't' cannot be Q8_0: the format has plain types only",
                "BOOL | 2    | tensor 't' was given 2.0, expected an integer from 0 to below 2",
                "I64  | NaN  | tensor 't' was given NaN, expected an integer from -9223372036854775808 to below 9223372036854775808",
            })
    void valuesThatATypeCannotHoldAreRefused(DType dtype, float value, String message) {
        Path file = folder.resolve("m.safetensors");
        var error = assertThrows(
                IllegalArgumentException.class,
                () -> SafetensorsWriter.write(file, Map.of("t", tensor(dtype, List.of(1L), value))));
        assertEquals(message, error.getMessage());
        assertEquals(false, Files.exists(file));
    }

    @Test
    void aCountThatDisagreesWithTheShapeIsRefused() {
        var error = assertThrows(
                IllegalArgumentException.class,
                () -> SafetensorsWriter.write(
                        folder.resolve("m"), Map.of("t", tensor(DType.F32, List.of(2L, 2L), 1, 2, 3))));
        assertEquals("tensor 't' of shape [2, 2] was given 3 values", error.getMessage());
    }
}
