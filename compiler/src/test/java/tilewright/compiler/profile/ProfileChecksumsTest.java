package tilewright.compiler.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.compiler.store.MatrixPlace;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.SafetensorsWriter;
import tilewright.model.tensor.TensorSource;

/** A profile of one layer of two experts, with sums, of which a bit of each byte is changed. */
class ProfileChecksumsTest {
    private static final String HEADER =
            "{'format':'tilewright profile','version':2,'model':'ab','text':'cd','tokens':4,"
                    + "'window':2,'row_tokens':2,'quantiser':'round','sensitivity':'matrix','layers':[{'experts':2,'top_k':1,"
                    + "'width':3,'hidden':2,'outputs':3,'gated':true,'input_block':2,'hidden_block':2,'token_width':3}],"
                    + "'trials':[]}";

    @TempDir
    private Path folder;

    private static SafetensorsWriter.Tensor bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        float[] values = new float[bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes[i];
        }
        return new SafetensorsWriter.Tensor(DType.U8, List.of((long) values.length), () -> values);
    }

    private static void put(
            Map<String, SafetensorsWriter.Tensor> tensors, String name, DType type, int parts, long... shape) {
        int elements = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        tensors.put(
                "layer0." + name,
                new SafetensorsWriter.Tensor(type, Arrays.stream(shape).boxed().toList(), parts, part -> {
                    float[] values = new float[elements / parts];
                    Arrays.fill(values, 0.5f + part);
                    return values;
                }));
    }

    private Path write(boolean sums) throws IOException {
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("profile", bytes(HEADER.replace('\'', '"')));
        for (String name : List.of("tokens", "weight", "squared_weight", "energy")) {
            put(tensors, name, DType.F32, 1, 2);
        }
        put(tensors, "coactivation", DType.F32, 1, 2, 0);
        put(tensors, "error", DType.F32, 1, 2, 3, 6);
        put(tensors, "sensitivity", DType.F32, 1, 2, 3);
        put(tensors, "input_moments", DType.F32, 2, 2, 5);
        put(tensors, "hidden_moments", DType.F32, 2, 2, 4);
        put(tensors, "rows", DType.F16, 2, 2, 3);
        put(tensors, "row_experts", DType.F32, 1, 2, 1);
        put(tensors, "row_weights", DType.F32, 1, 2, 1);
        put(tensors, "squared_shares", DType.F32, 1, 10);
        Path file = folder.resolve("p");
        if (sums) {
            Map<String, Integer> sliced = Map.of("layer0.input_moments", 2, "layer0.hidden_moments", 2);
            SafetensorsWriter.Written written = ProfileChecksums.add(tensors, sliced, (_, _, _) -> {});
            SafetensorsWriter.write(file, tensors, Map.of(), written);
        } else {
            SafetensorsWriter.write(file, tensors);
        }
        return file;
    }

    /** Everything that is read of a profile, as text. */
    private static String contents(Path file) {
        StringBuilder all = new StringBuilder();
        try (ProfileFile profile = ProfileFile.open(file)) {
            all.append(profile.header());
            for (String name : List.of("tokens", "weight", "squared_weight", "energy")) {
                all.append(Arrays.toString(profile.floats(0, name, 2)));
            }
            all.append(Arrays.toString(profile.floats(0, "error", 2, 3, 6)));
            all.append(Arrays.toString(profile.floats(0, "sensitivity", 2, 3)));
            for (int expert = 0; expert < 2; expert++) {
                all.append(profile.moments(new MatrixPlace(0, expert, ExpertMatrix.GATE), 1)
                        .value(2, 2));
                all.append(profile.moments(new MatrixPlace(0, expert, ExpertMatrix.DOWN), 1)
                        .value(1, 1));
            }
            TokenRows rows = profile.rows(0);
            float[] row = new float[3];
            for (int token = 0; token < 2; token++) {
                rows.rows().read(token, 0, 3, row, 0);
                all.append(Arrays.toString(row));
            }
            all.append(Arrays.toString(rows.experts())).append(Arrays.toString(rows.weights()));
            profile.verify();
        }
        return all.toString();
    }

    @Test
    void aChangedBitOfAnyByteIsNoticedWhenItIsRead() throws IOException {
        Path file = write(true);
        byte[] sound = Files.readAllBytes(file);
        String expected = contents(file);
        int header =
                (int) (8 + ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).getLong());
        assertTrue(sound.length > header + 500, "there is data");
        for (int at = 0; at < sound.length; at++) {
            byte[] changed = sound.clone();
            changed[at] ^= (byte) (1 << at % Byte.SIZE);
            Files.write(file, changed);
            String where = "a bit of byte " + at;
            if (at >= header) {
                assertThrows(InvalidInputException.class, () -> contents(file), where);
            } else {
                // What says where tensors lie: refused, or of no consequence.
                try {
                    assertEquals(expected, contents(file), where);
                } catch (InvalidInputException noticed) {
                    assertTrue(noticed.getMessage().startsWith(file + ": "), where + ": " + noticed);
                }
            }
        }
    }

    @Test
    void aDifferenceIsNamedWithTensorAndExpert() throws IOException {
        Path file = write(true);
        long at;
        try (TensorSource source = Safetensors.open(file)) {
            at = source.info("layer0.hidden_moments").offset() + 5 * Float.BYTES;
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) at] ^= 1;
        Files.write(file, bytes);

        try (ProfileFile profile = ProfileFile.open(file)) {
            profile.moments(new MatrixPlace(0, 0, ExpertMatrix.DOWN), 1);
            assertEquals(
                    file
                            + ": tensor 'layer0.hidden_moments', expert 1: its bytes are not those that were written (CRC32C);"
                            + " make the profile again",
                    assertThrows(
                                    InvalidInputException.class,
                                    () -> profile.moments(new MatrixPlace(0, 1, ExpertMatrix.DOWN), 1))
                            .getMessage());
        }
    }

    @Test
    void profilesWithoutSumsAreRead() throws IOException {
        assertEquals(contents(write(false)), contents(write(true)));
    }

    @Test
    void sumsAreTheStandardsCheckValue() throws IOException {
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("digits", bytes("123456789"));
        Path file = folder.resolve("digits");
        SafetensorsWriter.Written written = ProfileChecksums.add(tensors, Map.of(), (_, _, _) -> {});
        SafetensorsWriter.write(file, tensors, Map.of(), written);

        try (TensorSource source = Safetensors.open(file)) {
            // RFC 3720's CRC32C of these nine bytes is E3069283.
            assertArrayEquals(new float[] {0x83, 0x92, 0x06, 0xE3}, source.floats("digits.crc32c"));
        }
    }
}
