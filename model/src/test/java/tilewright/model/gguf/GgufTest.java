package tilewright.model.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ParameterData;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.TensorDecoder;

/** Files of the format's own writer; see the README beside them. */
class GgufTest {
    @TempDir
    Path folder;

    static Path resource(String name) {
        return Path.of("src/test/resources/gguf", name).toAbsolutePath();
    }

    @Test
    void everyTypeOfMetadataIsRead() {
        try (Gguf model = Gguf.open(resource("every-value.gguf"))) {
            GgufMetadata metadata = model.metadata();
            assertEquals("llama", metadata.string(GgufMetadata.ARCHITECTURE));
            assertEquals(255, metadata.integer("u8"));
            assertEquals(-128, metadata.integer("i8"));
            assertEquals(65_535, metadata.integer("u16"));
            assertEquals(-32_768, metadata.integer("i16"));
            assertEquals(4_294_967_295L, metadata.integer("u32"));
            assertEquals(Integer.MIN_VALUE, metadata.integer("i32"));
            assertEquals(Long.MAX_VALUE, metadata.integer("u64"));
            assertEquals(Long.MIN_VALUE, metadata.integer("i64"));
            assertEquals(0.1f, metadata.number("f32"));
            assertEquals(0.1, metadata.number("f64"));
            assertEquals(255, metadata.number("u8"));
            assertTrue(metadata.flag("yes"));
            assertFalse(metadata.flag("no"));
            assertEquals("grüß Gott \ud83d\ude00", metadata.string("text"));
            assertEquals(List.of("a", "", "\u2581b"), metadata.strings("strings"));
            assertArrayEquals(new long[] {1, -2, 3}, metadata.integers("numbers"));
            assertArrayEquals(new float[] {1, -2, 3}, metadata.floats("numbers"));
            assertArrayEquals(new float[] {0.5f, -1.5f}, metadata.floats("floats"));
            assertArrayEquals(new boolean[] {true, false, true}, metadata.flags("flags"));
            assertEquals("array of 3 x string", metadata.type("strings"));
            assertEquals(3, metadata.length("strings"));
            assertTrue(metadata.isArray("strings"));
            assertFalse(metadata.isArray("text"));
        }
    }

    @Test
    void missingKeysHaveTheValueThatTheCallerGives() {
        try (Gguf model = Gguf.open(resource("every-value.gguf"))) {
            GgufMetadata metadata = model.metadata();
            assertEquals("otherwise", metadata.string("none", "otherwise"));
            assertEquals(7, metadata.integer("none", 7));
            assertEquals(7, metadata.count("none", 7));
            assertEquals(0.5, metadata.number("none", 0.5));
            assertTrue(metadata.flag("none", true));
            assertEquals(255, metadata.count("u8", 7));
            assertFalse(metadata.has("none"));
            assertEquals(19, metadata.keys().size());
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
                "IQ4_NL", "IQ4_XS", "MXFP4"
            })
    void tensorsOfEveryTypeAreFoundAndShapesAreRowMajor(DType type) {
        try (Gguf model = Gguf.open(resource("every-type.gguf"))) {
            String name = "blk.0." + type;
            long width = type.isBlockFormat() ? type.blockElements() : 3;
            assertEquals(type, model.info(name).dtype());
            assertEquals(List.of(2L, width), model.info(name).shape());
            assertEquals(type.bytesFor(2 * width), model.bytes(name).byteSize());
            EncodedMatrix matrix = EncodedMatrix.of(model, name);
            assertEquals(2, matrix.rows());
            assertEquals(width, matrix.width());
            float[] second = new float[(int) width];
            matrix.slice(1, 1).decode(0, 1, second, 0);
            float[] all = model.floats(name);
            for (int i = 0; i < width; i++) {
                assertEquals(all[(int) width + i], second[i]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"I8", "I16", "I32", "I64", "F64"})
    void plainNumbersKeepTheirValues(String name) {
        try (Gguf model = Gguf.open(resource("every-type.gguf"))) {
            assertEquals(List.of(1L, 2L, 3L), model.info(name).shape());
            assertArrayEquals(new float[] {-3, -2, -1, 0, 1, 2}, model.floats(name));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"aligned-64.gguf", "version-2.gguf"})
    void theAlignmentOfTheFileAndBothVersionsAreRead(String file) {
        try (Gguf model = Gguf.open(resource(file))) {
            assertArrayEquals(new float[] {1, 2, 3}, model.floats("a"));
            assertArrayEquals(new float[] {4, 5}, model.floats("b"));
            assertEquals(0, model.info("b").offset() % 64);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void anyPartOfASplitModelOpensAllOfIt(int part) {
        try (Gguf model = Gguf.open(resource("split-0000" + part + "-of-00003.gguf"))) {
            assertEquals(2, model.metadata().integer("llama.block_count"));
            assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, model.floats("blk.0.weight"));
            assertArrayEquals(new float[] {0, 2, 4, 6, 8, 10}, model.floats("blk.1.weight"));
        }
    }

    @Test
    void parametersStayAsTheyAreStored() {
        try (Gguf model = Gguf.open(resource("every-type.gguf"))) {
            ParameterData whole = ParameterData.stored(model, "blk.0.Q4_0");
            ParameterData stacked = ParameterData.stored(List.of(
                    EncodedMatrix.of(model, "blk.0.Q4_0").slice(1, 1), EncodedMatrix.of(model, "blk.0.IQ4_NL")));
            float[] first = model.floats("blk.0.Q4_0");
            float[] second = model.floats("blk.0.IQ4_NL");
            float[] both = new float[96];
            System.arraycopy(first, 32, both, 0, 32);
            System.arraycopy(second, 0, both, 32, 64);

            assertArrayEquals(first, whole.load());
            assertEquals(DType.Q4_0, whole.encoded().getFirst().format());
            assertArrayEquals(both, stacked.load());
            assertEquals(2, stacked.encoded().size());
        }
    }

    @Test
    void elementsAreDecodedFromAnyOffset() throws IOException {
        byte[] file = GgufBytes.header(2, 0)
                .tensor("a", 0, 0, 2)
                .tensor("s", 0, 32)
                .pad(32)
                .floats(2)
                .pad(32)
                .floats(1)
                .bytes();
        Path path = Files.write(folder.resolve("m.gguf"), file);
        try (Gguf model = Gguf.open(path)) {
            assertArrayEquals(new float[] {0, 1}, model.floats("a"));
            assertEquals(List.of(), model.info("s").shape());
            assertArrayEquals(new float[] {0}, model.floats("s"));
            assertEquals(1, EncodedMatrix.of(model, "s").rows());
            float[] one = new float[3];
            TensorDecoder.decode(DType.F32, model.bytes("a"), 4, one, 1, 1);
            assertArrayEquals(new float[] {0, 1, 0}, one);
        }
    }

    @Test
    void afterClosingNothingIsRead() {
        Gguf model = Gguf.open(resource("every-value.gguf"));
        model.close();
        model.close();

        assertThrows(IllegalStateException.class, () -> model.metadata().string("text"));
    }
}
