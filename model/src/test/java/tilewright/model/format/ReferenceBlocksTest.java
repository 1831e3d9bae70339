package tilewright.model.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tilewright.model.tensor.DType;

/** Blocks and values against GGUF's reference, bit for bit. */
class ReferenceBlocksTest {
    @ParameterizedTest
    @EnumSource(
            names = {
                "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL",
                "IQ4_XS", "MXFP4"
            })
    void anyBytesDecodeAsInTheReference(DType format) throws IOException {
        byte[] blocks = ReferenceBlocks.bytes(format + ".random.blocks");
        float[] expected = ReferenceBlocks.floats(format + ".random.f32");
        float[] decoded = new float[expected.length];

        format.codec().decode(MemorySegment.ofArray(blocks), 0, decoded, 0, decoded.length);

        assertEquals(format.bytesFor(expected.length), blocks.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(Float.floatToIntBits(expected[i]), Float.floatToIntBits(decoded[i]), "element " + i);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "MXFP4"})
    void valuesEncodeToTheBytesOfTheReferenceWhereItDefinesTheRounding(DType format) throws IOException {
        float[] values = ReferenceBlocks.floats("values.f32");
        byte[] expected = ReferenceBlocks.bytes(format + ".values.blocks");
        byte[] encoded = new byte[expected.length];

        format.codec().encode(values, 0, values.length, MemorySegment.ofArray(encoded), 0);

        assertArrayEquals(expected, encoded);
    }

    /** Values and not bytes are compared: where a scale rounds to 0, the reference leaves codes that stand for nothing. */
    @ParameterizedTest
    @EnumSource(names = {"Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS"})
    void searchedScalesAndCodesGiveTheValuesOfTheReferenceImplementation(DType format) throws IOException {
        float[] values = ReferenceBlocks.floats("rows.f32");
        byte[] reference = ReferenceBlocks.bytes(format + ".rows.blocks");
        byte[] encoded = new byte[reference.length];
        float[] expected = new float[values.length];
        float[] actual = new float[values.length];

        format.codec().encode(values, 0, values.length, MemorySegment.ofArray(encoded), 0);
        format.codec().decode(MemorySegment.ofArray(reference), 0, expected, 0, values.length);
        format.codec().decode(MemorySegment.ofArray(encoded), 0, actual, 0, values.length);

        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i] + 0f, actual[i] + 0f, "row " + i / 256 + ", element " + i % 256);
        }
    }
}
