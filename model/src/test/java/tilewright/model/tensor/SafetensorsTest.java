package tilewright.model.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static tilewright.model.tensor.SafetensorsBytes.file;
import static tilewright.model.tensor.SafetensorsBytes.tensor;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ParameterData;

class SafetensorsTest {
    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void nameTheFile() {
        model = folder.resolve("model.safetensors");
    }

    private TensorSource open(String json, byte[] data) throws IOException {
        return Safetensors.open(Files.write(model, file(json, data)));
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void everyTypeIsDecodedFromLittleEndianBytesAtUnalignedOffsets() throws IOException {
        ByteBuffer data = little(1 + 1 + 1 + 4 + 8 + 16 + 4 + 4 + 8 + 16);
        data.put((byte) 200).put((byte) -3).put((byte) 7);
        data.putShort((short) -300).putShort((short) 300);
        data.putInt(-70_000).putInt(70_000);
        data.putLong(-5_000_000_000L).putLong(1);
        data.putShort((short) 0x3c00).putShort((short) 0xc000);
        data.putShort((short) 0x3f80).putShort((short) 0xc000);
        data.putFloat(0.1f).putFloat(-1e30f);
        data.putDouble(0.1).putDouble(1e300);
        String json = "{" + tensor("u8", "U8", "[]", 0, 1) + "," + tensor("i8", "I8", "[1]", 1, 2) + ","
                + tensor("bool", "BOOL", "[1]", 2, 3) + "," + tensor("i16", "I16", "[2]", 3, 7) + ","
                + tensor("i32", "I32", "[2]", 7, 15) + "," + tensor("i64", "I64", "[2]", 15, 31) + ","
                + tensor("f16", "F16", "[2]", 31, 35) + "," + tensor("bf16", "BF16", "[2]", 35, 39) + ","
                + tensor("f32", "F32", "[1,2]", 39, 47) + "," + tensor("f64", "F64", "[2,1]", 47, 63) + "}";
        try (TensorSource source = open(json, data.array())) {
            assertArrayEquals(new float[] {200}, source.floats("u8"));
            assertArrayEquals(new float[] {-3}, source.floats("i8"));
            assertArrayEquals(new float[] {1}, source.floats("bool"));
            assertArrayEquals(new float[] {-300, 300}, source.floats("i16"));
            assertArrayEquals(new float[] {-70_000, 70_000}, source.floats("i32"));
            assertArrayEquals(new float[] {-5e9f, 1}, source.floats("i64"));
            assertArrayEquals(new float[] {1, -2}, source.floats("f16"));
            assertArrayEquals(new float[] {1, -2}, source.floats("bf16"));
            assertArrayEquals(new float[] {0.1f, -1e30f}, source.floats("f32"));
            assertArrayEquals(new float[] {0.1f, Float.POSITIVE_INFINITY}, source.floats("f64"));
        }
    }

    @Test
    void unsignedIntegersAndSmallFloatsAreDecoded() throws IOException {
        ByteBuffer data = little(4 + 8 + 16 + 3);
        data.putShort((short) -1).putShort((short) 1);
        data.putInt(-256).putInt(1);
        data.putLong(-1L << 40).putLong(0x8000008000000001L);
        data.put((byte) 0x7e).put((byte) 0x7b).put((byte) 130);
        String json = "{" + tensor("u16", "U16", "[2]", 0, 4) + "," + tensor("u32", "U32", "[2]", 4, 12) + ","
                + tensor("u64", "U64", "[2]", 12, 28) + "," + tensor("e4m3", "F8_E4M3", "[1]", 28, 29) + ","
                + tensor("e5m2", "F8_E5M2", "[1]", 29, 30) + "," + tensor("e8m0", "F8_E8M0", "[1]", 30, 31) + "}";
        try (TensorSource source = open(json, data.array())) {
            assertArrayEquals(new float[] {65_535, 1}, source.floats("u16"));
            assertArrayEquals(new float[] {4_294_967_040f, 1}, source.floats("u32"));
            // The second is just above the middle of two floats, so that a lost lowest bit would round it down.
            assertArrayEquals(new float[] {0x1.fffffep63f, 0x1.000002p63f}, source.floats("u64"));
            assertArrayEquals(new float[] {448}, source.floats("e4m3"));
            assertArrayEquals(new float[] {57_344}, source.floats("e5m2"));
            assertArrayEquals(new float[] {8}, source.floats("e8m0"));
        }
    }

    @Test
    void matricesStayAsTheyAreStored() throws IOException {
        ByteBuffer data =
                little(12).putShort((short) 0x3f80).putShort((short) 0x4000).putShort((short) 0x4040);
        data.putShort((short) 0x4080).putShort((short) 0x40a0).putShort((short) 0x40c0);
        try (TensorSource source = open("{" + tensor("w", "BF16", "[3,1,2]", 0, 12) + "}", data.array())) {
            EncodedMatrix matrix = EncodedMatrix.of(source, "w");
            ParameterData parameter = ParameterData.stored(source, "w");
            float[] last = new float[2];
            matrix.decode(2, 1, last, 0);

            assertEquals(DType.BF16, matrix.format());
            assertEquals(3, matrix.rows());
            assertEquals(2, matrix.width());
            assertEquals(4, matrix.rowBytes());
            assertArrayEquals(new float[] {5, 6}, last);
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, parameter.load());
            assertEquals(12, parameter.encoded().getFirst().bytes().byteSize());
            assertThrows(IndexOutOfBoundsException.class, () -> matrix.slice(2, 2));
            assertThrows(IllegalArgumentException.class, () -> new EncodedMatrix(DType.Q4_0, 1, 33, matrix.bytes()));
            assertThrows(IllegalArgumentException.class, () -> new EncodedMatrix(DType.F32, 2, 2, matrix.bytes()));
        }
    }

    @Test
    void descriptionsGiveTypeShapeAndPosition() throws IOException {
        String json = "{" + tensor("a", "F32", "[2,3]", 0, 24) + "," + tensor("empty", "F32", "[0,3]", 24, 24) + "}  ";
        try (TensorSource source = open(json, new byte[24])) {
            assertEquals(List.of("a", "empty"), List.copyOf(source.names()));
            assertEquals(
                    new TensorInfo("a", DType.F32, List.of(2L, 3L), model, 8 + json.length(), 24), source.info("a"));
            assertEquals(6, source.info("a").elements());
            assertEquals(0, source.floats("empty").length);
        }
    }

    @Test
    void metadataAndUnknownMembersAreAccepted() throws IOException {
        String json = "{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"note\":[{}],\"shape\":[1],\"dtype\":\"U8\","
                + "\"data_offsets\":[0,1]}}";
        try (TensorSource source = open(json, new byte[] {9})) {
            assertArrayEquals(new float[] {9}, source.floats("a"));
        }
    }

    @Test
    void entriesMayStandInAnyOrder() throws IOException {
        String json = "{" + tensor("late", "U8", "[1]", 1, 2) + "," + tensor("early", "U8", "[1]", 0, 1) + "}";
        try (TensorSource source = open(json, new byte[] {4, 5})) {
            assertArrayEquals(new float[] {5}, source.floats("late"));
        }
    }

    @Test
    void aFileWhoseHeaderLengthLooksLikeAPickleIsRead() throws IOException {
        String json = "{" + tensor("a", "U8", "[1]", 0, 1) + "}";
        String padded = json + " ".repeat(0x280 - json.length());
        try (TensorSource source = open(padded, new byte[] {1})) {
            assertEquals(1, source.names().size());
        }
    }

    @Test
    void aFileWithoutTensorsIsRead() throws IOException {
        try (TensorSource source = open("{}", new byte[0])) {
            assertTrue(source.names().isEmpty());
        }
    }

    @Test
    void bytesAreAReadOnlyViewThatEndsWithTheSource() throws IOException {
        TensorSource source = open("{" + tensor("a", "U8", "[2]", 0, 2) + "}", new byte[] {4, 5});
        MemorySegment bytes = source.bytes("a");
        assertTrue(bytes.isReadOnly());
        assertArrayEquals(new byte[] {4, 5}, bytes.toArray(ValueLayout.JAVA_BYTE));
        source.close();
        source.close();
        assertThrows(IllegalStateException.class, () -> bytes.get(ValueLayout.JAVA_BYTE, 0));
        assertThrows(IllegalStateException.class, () -> source.floats("a"));
    }

    @Test
    void shardsAreReadAsOneModelThroughFolderOrIndex() throws IOException {
        Files.write(folder.resolve("a.safetensors"), file("{" + tensor("x", "U8", "[1]", 0, 1) + "}", new byte[] {1}));
        Files.write(folder.resolve("b.safetensors"), file("{" + tensor("y", "U8", "[1]", 0, 1) + "}", new byte[] {2}));
        Path index = Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"metadata\":{\"total_size\":2},\"weight_map\":{\"x\":\"a.safetensors\",\"y\":\"b.safetensors\"}}");
        for (Path path : new Path[] {folder, index}) {
            try (TensorSource source = Safetensors.open(path)) {
                assertArrayEquals(new float[] {1}, source.floats("x"));
                assertArrayEquals(new float[] {2}, source.floats("y"));
                assertEquals(
                        "b.safetensors", source.info("y").file().getFileName().toString());
            }
        }
    }

    @Test
    void theSingleFileOfAFolderIsPreferredToItsIndex() throws IOException {
        Files.writeString(folder.resolve("model.safetensors.index.json"), "not read");
        Files.write(model, file("{" + tensor("x", "U8", "[1]", 0, 1) + "}", new byte[] {1}));
        try (TensorSource source = Safetensors.open(folder)) {
            assertEquals(model, source.info("x").file());
        }
    }

    @Test
    void aMistypedTensorNameIsAnsweredWithTheNearestOne() throws IOException {
        try (TensorSource source = open("{" + tensor("blocks.0.norm1.weight", "U8", "[1]", 0, 1) + "}", new byte[1])) {
            var error = assertThrows(InvalidInputException.class, () -> source.floats("blocks.0.norm1.weigth"));
            assertEquals(
                    model + ": there is no tensor 'blocks.0.norm1.weigth' among 1;"
                            + " did you mean 'blocks.0.norm1.weight'?",
                    error.getMessage());
            var far = assertThrows(InvalidInputException.class, () -> source.bytes("q"));
            assertEquals(
                    model
                            + ": there is no tensor 'q' among 1; is this the checkpoint that the configuration describes?",
                    far.getMessage());
        }
    }

    @Test
    void valuesThatAreNotFiniteAreFoundByNameAndIndex() throws IOException {
        byte[] data = little(24)
                .putFloat(1)
                .putFloat(2)
                .putFloat(3)
                .putFloat(4)
                .putFloat(Float.NaN)
                .putFloat(Float.NEGATIVE_INFINITY)
                .array();
        try (TensorSource source = open("{" + tensor("w", "F32", "[2,3]", 0, 24) + "}", data)) {
            assertEquals(6, source.floats("w").length);
            var error = assertThrows(InvalidInputException.class, () -> source.finiteFloats("w"));
            assertEquals(
                    model + ": tensor 'w' holds NaN at index [1, 1] (2 of 6 values are not finite);"
                            + " the checkpoint is damaged or training diverged, use another one",
                    error.getMessage());
        }
    }

    @Test
    void finiteValuesOfEveryMagnitudePass() throws IOException {
        byte[] data = little(16)
                .putFloat(Float.MAX_VALUE)
                .putFloat(-Float.MAX_VALUE)
                .putFloat(-0f)
                .putFloat(Float.MIN_VALUE)
                .array();
        try (TensorSource source = open("{" + tensor("w", "F32", "[4]", 0, 16) + "}", data)) {
            assertArrayEquals(
                    new float[] {Float.MAX_VALUE, -Float.MAX_VALUE, -0f, Float.MIN_VALUE}, source.finiteFloats("w"));
        }
    }
}
