package tilewright.model.family.language;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ParameterData;
import tilewright.model.tensor.DType;

/** Rearranged weights hold the elements that their definition says, encoded and decoded. */
class WeightShapesTest {
    private final InMemoryTensors tensors = new InMemoryTensors();

    private Value.Weight counting(Long... shape) {
        tensors.counting("w", 0, shape);
        return new Value.Weight("w", List.of(shape), ParameterData.stored(tensors, "w"));
    }

    @Test
    void takingFromGroupsOfRowsKeepsThemInOrder() {
        // Two heads of three rows: keep the last two of each.
        Value.Weight taken = WeightShapes.take(counting(6L, 2L), 2, 1, 2, 0);
        assertEquals(List.of(4L, 2L), taken.shape());
        check(new float[] {2, 3, 4, 5, 8, 9, 10, 11}, taken, true);
    }

    @Test
    void interleavedRowsOfStackedExpertsAreTakenApart() {
        Value.Weight taken = WeightShapes.take(counting(2L, 4L, 3L), 2, 1, 1, 1);
        assertEquals(List.of(2L, 2L, 3L), taken.shape());
        check(new float[] {3, 4, 5, 9, 10, 11, 15, 16, 17, 21, 22, 23}, taken, true);
    }

    @Test
    void columnsAreTakenToo() {
        check(new float[] {1, 3, 5, 7}, WeightShapes.take(counting(2L, 4L), 2, 1, 1, 1), false);
        check(new float[] {0, 3}, WeightShapes.take(counting(6L), 2, 0, 1, 0), false);
    }

    @Test
    void manyRunsAreCopiedIntoOnePart() {
        Value.Weight odd = WeightShapes.take(counting(400L, 3L), 200, 1, 1, 0);
        assertEquals(1, odd.data().encoded().size());
        float[] expected = new float[600];
        for (int i = 0; i < 600; i++) {
            expected[i] = (i / 3 * 2 + 1) * 3 + i % 3;
        }
        check(expected, odd, true);
    }

    @Test
    void gatheringFollowsTheIndices() {
        check(new float[] {4, 5, 0, 1, 4, 5}, WeightShapes.gather(counting(3L, 2L), List.of(2, 0, 2), 0, "g"), true);
    }

    @Test
    void transposingSwapsTheLastTwoAxesOfEveryMatrix() {
        Value.Weight transposed = WeightShapes.transposed(counting(2L, 2L, 3L));
        assertEquals(List.of(2L, 3L, 2L), transposed.shape());
        check(new float[] {0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11}, transposed, true);
    }

    @Test
    void reshapingAndConcatenatingKeepElementsInOrder() {
        Value.Weight weight = counting(2L, 6L);
        Value.Weight reshaped = WeightShapes.reshaped(weight, List.of(2, -1, 3));
        assertEquals(List.of(2L, 2L, 3L), reshaped.shape());
        check(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, reshaped, true);
        Value.Weight both = WeightShapes.concatenated(List.of(weight, WeightShapes.take(weight, 1, 1, 1, 0)));
        assertEquals(List.of(3L, 6L), both.shape());
        check(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 6, 7, 8, 9, 10, 11}, both, true);
    }

    @Test
    void arithmeticOnWeightsIsElementByElement() {
        Value.Weight weight = counting(2L, 2L);
        check(new float[] {1, 2, 3, 4}, WeightMath.apply("+", Value.of(1L), weight), false);
        check(new float[] {0, 1, 4, 9}, WeightMath.apply("*", weight, weight), false);
        Value.Weight row = WeightShapes.reshaped(WeightShapes.take(weight, 1, 1, 1, 0), List.of(2));
        check(new float[] {-2, -2, 0, 0}, WeightMath.apply("-", weight, row), false);
    }

    @Test
    void microscaledPairsDecodeAsTheStandardSays() {
        // OCP MX 1.0: e2m1 codes 0..7 are these values, bit 3 is the sign; scales are 2^(e - 127).
        float[] codes = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
        SplittableRandom random = new SplittableRandom(7);
        byte[] blocks = new byte[2 * 3 * 2 * 16];
        random.nextBytes(blocks);
        byte[] scales = new byte[2 * 3 * 2];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = (byte) random.nextInt(120, 135);
        }
        tensors.bytes("e_blocks", blocks, 2L, 3L, 2L, 16L).bytes("e_scales", scales, 2L, 3L, 2L);
        Value.Weight weight = MicroscaledPair.weight(checkpoint(128), "e");
        assertEquals(List.of(2L, 3L, 64L), weight.shape());
        float[] expected = new float[2 * 3 * 64];
        for (int i = 0; i < expected.length; i++) {
            int code = blocks[i / 2] >> (i % 2 == 0 ? 0 : 4) & 15;
            // GGUF's format has no negative zero.
            expected[i] =
                    0f + (code > 7 ? -1 : 1) * codes[code & 7] * (float) Math.pow(2, (scales[i / 32] & 255) - 127);
        }
        check(expected, weight, true);
        assertEquals(DType.MXFP4, weight.data().encoded().getFirst().format());
        assertEquals(2, weight.data().encoded().size());
    }

    private Checkpoint checkpoint(int tile) {
        return new Checkpoint(tensors, List.of(), null, new ScaledFloat8.Quantisation(null, tile, tile));
    }

    @Test
    void eightBitFloatsAreMultipliedByTheScalesOfTheirTiles() {
        // e4m3: 0x38 is 1, 0x40 is 2, 0x3c is 1.5, 0xc0 is -2.
        byte[] codes = {0x38, 0x40, 0x3c, (byte) 0xc0, 0x38, 0x38, 0x40, 0x40, 0x38};
        tensors.typed("f", DType.F8_E4M3, codes, 3L, 3L).counting("f_scale_inv", 1, 2L, 2L);
        Value.Weight weight = checkpoint(2).weight("f");
        check(new float[] {1, 2, 3, -2, 1, 2, 6, 6, 4}, weight, true);
        tensors.typed("r", DType.F8_E4M3, codes, 3L, 3L).counting("r_scale", 1, 3L, 1L);
        check(new float[] {1, 2, 1.5f, -4, 2, 2, 6, 6, 3}, checkpoint(2).weight("r"), true);
        tensors.typed("p.0", DType.F8_E4M3, codes, 3L, 3L).counting("p.0_scale", 3, 1L);
        Value.Weight stacked = checkpoint(2).stacked("p.*", 1);
        assertEquals(List.of(1L, 3L, 3L), stacked.shape());
        check(new float[] {3, 6, 4.5f, -6, 3, 3, 6, 6, 3}, stacked, true);
    }

    @Test
    void sinusoidsAreSinesThenCosines() {
        Assembler assembler = new Assembler("f");
        Value.Fields config = new Value.Fields(new HashMap<>(), "");
        Function sinusoids = ModelFunctions.functions(checkpoint(2), assembler, config).stream()
                .filter(function -> function.name().equals("sinusoids"))
                .findFirst()
                .orElseThrow();
        List<Value> arguments = List.of(Value.of(2L), Value.of(4L), Value.of(1L), Value.of(1L), Value.of(100L));
        double[] table =
                ((Value.Weight) sinusoids.call(arguments, Map.of())).data().load64();
        double[] expected = {
            Math.sin(1),
            Math.sin(0.01),
            Math.cos(1),
            Math.cos(0.01),
            Math.sin(2),
            Math.sin(0.02),
            Math.cos(2),
            Math.cos(0.02)
        };
        assertArrayEquals(expected, table, 1e-15);
    }

    /** Holds every way to read a weight to the expected elements. */
    private static void check(float[] expected, Value.Weight weight, boolean encoded) {
        assertArrayEquals(expected, weight.data().load());
        double[] exact = weight.data().load64();
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], exact[i]);
        }
        List<Float> decoded = new ArrayList<>();
        for (EncodedMatrix part : weight.data().encoded()) {
            assertEquals(weight.shape().getLast(), part.width());
            float[] values = new float[(int) part.rows() * part.width()];
            part.decode(0, (int) part.rows(), values, 0);
            for (float value : values) {
                decoded.add(value);
            }
        }
        assertEquals(encoded ? expected.length : 0, decoded.size());
        for (int i = 0; i < decoded.size(); i++) {
            assertEquals(expected[i], decoded.get(i));
        }
    }
}
