package tilewright.edge.matrix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/** Nested panels against the values that grouped codes define. */
class GroupedPanelsTest {
    /** Codes with scales of like size, a zero point anywhere. */
    static GroupedCodes random(Random random, int bits, int rows, int width) {
        int groups = GroupedCodes.groups(width);
        byte[] scales = new byte[rows * groups];
        byte[] zeros = new byte[rows * groups];
        random.nextBytes(zeros);
        for (int i = 0; i < scales.length; i++) {
            scales[i] = (byte) (random.nextInt(50) == 0 ? random.nextInt(256) : 0x50 + random.nextInt(0x20));
        }
        byte[] codes = new byte[rows * width];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) random.nextInt(1 << bits);
        }
        return new GroupedCodes(bits, rows, width, 3.1e-5f, scales, zeros, codes);
    }

    /** The codes' panels as a matrix, with or without the residual. */
    static MatrixWeights packed(GroupedCodes codes, boolean whole) {
        int bits = codes.bits();
        MemorySegment base = filled(GroupedPanels.baseBytes(bits, codes.rows(), codes.width()));
        MemorySegment residual = filled(GroupedPanels.residualBytes(bits, codes.rows(), codes.width()));
        GroupedPanels.write(codes, base, residual);
        return MatrixWeights.packed(
                "w", bits, codes.rows(), codes.width(), codes.unit(), base, whole ? residual : null);
    }

    private static MemorySegment filled(long bytes) {
        return Arena.ofAuto().allocate(bytes, 64).fill((byte) 0xA5);
    }

    /** The values that the codes define, row after row. */
    static float[] decoded(GroupedCodes codes, boolean whole) {
        float[] values = new float[codes.rows() * codes.width()];
        int kept = whole ? codes.bits() : GroupedCodes.baseBits(codes.bits());
        for (int row = 0; row < codes.rows(); row++) {
            codes.decode(row, kept, values, row * codes.width());
        }
        return values;
    }

    private static float[] read(MatrixWeights weights) {
        float[] values = new float[weights.rows() * weights.width()];
        for (int row = 0; row < weights.rows(); row++) {
            weights.row(row, values, row * weights.width());
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 8})
    void panelsOfAnyShapeHoldTheValuesOfTheCodes(int bits) {
        for (long seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            GroupedCodes codes = random(random, bits, 1 + random.nextInt(50), 1 + random.nextInt(400));
            String message = "seed " + seed + ", " + codes.rows() + " x " + codes.width();
            assertArrayEquals(decoded(codes, true), read(packed(codes, true)), message);
            assertArrayEquals(decoded(codes, false), read(packed(codes, false)), message + ", base only");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 8})
    void everyCodeMeetsEveryScaleAndEveryZeroPoint(int bits) {
        byte[] scales = new byte[256];
        byte[] zeros = new byte[256];
        byte[] codes = new byte[64 * 256];
        for (int row = 0; row < 64; row++) {
            for (int group = 0; group < 4; group++) {
                scales[row * 4 + group] = (byte) (row * 4 + group);
                zeros[row * 4 + group] = (byte) (167 * (row * 4 + group));
            }
            for (int i = 0; i < 256; i++) {
                codes[row * 256 + i] = (byte) (i & (1 << bits) - 1);
            }
        }
        GroupedCodes all = new GroupedCodes(bits, 64, 256, 0x1p-9f, scales, zeros, codes);
        assertArrayEquals(decoded(all, true), read(packed(all, true)));
        assertArrayEquals(decoded(all, false), read(packed(all, false)));
    }

    @Test
    void aWeightCostsItsBitsAndAQuarter() {
        for (int bits : new int[] {2, 3, 4, 5, 6, 8}) {
            long bytes = GroupedPanels.baseBytes(bits, 1024, 2048) + GroupedPanels.residualBytes(bits, 1024, 2048);
            assertEquals((bits + 0.25) / 8 * 1024 * 2048, bytes, bits + " bits");
        }
    }

    @Test
    void storedFormatsArePackedIntoGivenMemory() {
        Random random = new Random(2);
        for (DType format : List.of(DType.Q4_0, DType.Q6_K, DType.BF16)) {
            List<EncodedMatrix> parts =
                    List.of(Stored.random(random, format, 21, 512), Stored.random(random, format, 30, 512));
            MemorySegment panels = filled(StoredPanels.bytes(format, 51, 512));
            StoredPanels.pack("w", parts, panels);
            MatrixWeights weights = MatrixWeights.packed("w", format, 51, 512, panels);
            assertEquals(panels.byteSize(), weights.packedBytes());
            assertArrayEquals(Stored.decoded(parts), read(weights), format.label());
        }
    }

    @Test
    void memoryThatDoesNotFitIsRefused() {
        MemorySegment memory = filled(4096);
        record Wrong(Runnable call, String message) {}
        List<Wrong> all = List.of(
                new Wrong(
                        () -> MatrixWeights.packed("w", 7, 16, 64, 1, memory, memory),
                        "codes of 7 bits, expected 2, 3, 4, 5, 6 or 8"),
                new Wrong(
                        () -> MatrixWeights.packed("w", 4, 0, 64, 1, memory, memory),
                        "0 x 64 codes, expected at least 1 x 1"),
                new Wrong(
                        () -> MatrixWeights.packed("w", 4, 16, 64, Float.NaN, memory, memory),
                        "matrix 'w' has the unit NaN, expected a positive, finite number"),
                new Wrong(
                        () -> MatrixWeights.packed("w", 4, 16, 64, 1, memory.asSlice(1), memory),
                        "matrix 'w' cannot have its base range in 4095 bytes, expected 320 bytes off the heap at a multiple of 64"),
                new Wrong(
                        () -> MatrixWeights.packed("w", 4, 16, 64, 1, memory, memory.asSlice(0, 128)),
                        "matrix 'w' cannot have its residual range in 128 bytes, expected 256 bytes off the heap at a multiple of 64"),
                new Wrong(
                        () -> MatrixWeights.packed("w", DType.Q4_0, 16, 64, MemorySegment.ofArray(new byte[4096])),
                        "matrix 'w' cannot have its panel range in 4096 bytes on the heap, expected 576 bytes off the heap at a multiple of 64"),
                new Wrong(
                        () -> GroupedPanels.write(random(new Random(1), 4, 16, 64), memory, null),
                        "panels of 16 x 64 codes of 4 bits take 320 and 256 bytes, there is room for 4096 and 0"));
        for (Wrong wrong : all) {
            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class, () -> wrong.call().run());
            assertEquals(wrong.message(), refused.getMessage());
        }
    }
}
