package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Expands the scales of a panel, so that the kernels of codes need not know how they are stored.
 *
 * <p>With s and o such that an element is {@code s * (code - centre) + o}, this writes {@code scales = factor * s} and
 * {@code offsets = o + shift * s}, one vector for each group, or for each half group where 16 elements share a scale. A
 * binary16 is read as a float of 2^-112 of its value.
 */
final class PanelScales {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final int WORD = PanelLayout.WORD_BYTES;
    private static final int HALF = 0x8FFFE000;
    private static final float HALF_FACTOR = 0x1p112f;

    private PanelScales() {}

    /**
     * Expands the scales of some blocks of a panel.
     *
     * @param at the header of the first block, plus the place of the first lane
     * @param offsets not written where {@code shift} is 0 and there are no minima
     */
    static void expand(
            PanelLayout layout,
            MemorySegment panels,
            long at,
            int groups,
            float factor,
            float shift,
            float[] scales,
            float[] offsets) {
        int blocks = groups >> layout.groupShift();
        switch (layout) {
            case Q8_0, Q4_0, Q5_0, IQ4_NL -> halves(layout, panels, at, blocks, factor, shift, scales, offsets);
            case Q4_1, Q5_1 -> halvesWithMinima(layout, panels, at, blocks, factor, shift, scales, offsets);
            case MXFP4 -> powers(layout, panels, at, blocks, factor, shift, scales, offsets);
            case Q4_K, Q5_K -> bytesWithMinima(layout, panels, at, blocks, factor, shift, scales, offsets);
            case Q2_K -> nibblesWithMinima(layout, panels, at, blocks, factor, shift, scales, offsets);
            case Q3_K, Q6_K, IQ4_XS -> signedBytes(layout, panels, at, blocks, factor, shift, scales, offsets);
            case F32, F16, BF16 -> throw new IllegalStateException(layout + " has no scales");
        }
    }

    /** Adds {@code sum of offsets * sums} to a vector of results. */
    static void addOffsets(
            PanelLayout layout, int groups, float[] offsets, float[] sums, int sumsAt, float[] out, int outAt) {
        FloatVector total = FloatVector.fromArray(FLOATS, out, outAt);
        if (layout.hasSmallSubBlocks()) {
            for (int s = 0; s < 2 * groups; s++) {
                total = FloatVector.fromArray(FLOATS, offsets, s * LANES)
                        .fma(FloatVector.broadcast(FLOATS, sums[sumsAt + s]), total);
            }
        } else {
            for (int g = 0; g < groups; g++) {
                float sum = sums[sumsAt + 2 * g] + sums[sumsAt + 2 * g + 1];
                total = FloatVector.fromArray(FLOATS, offsets, g * LANES)
                        .fma(FloatVector.broadcast(FLOATS, sum), total);
            }
        }
        total.intoArray(out, outAt);
    }

    /** A binary16 for each group. */
    private static void halves(
            PanelLayout layout,
            MemorySegment panels,
            long at,
            int blocks,
            float factor,
            float shift,
            float[] scales,
            float[] offsets) {
        int headerBytes = layout.headerWords() * WORD;
        for (int block = 0; block < blocks; block++) {
            IntVector d =
                    IntVector.fromMemorySegment(INTS, panels, at + (long) block * headerBytes, ByteOrder.LITTLE_ENDIAN);
            FloatVector low = d.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            FloatVector high = d.lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            int to = 2 * block * LANES;
            low.mul(factor).intoArray(scales, to);
            high.mul(factor).intoArray(scales, to + LANES);
            if (shift != 0) {
                low.mul(shift).intoArray(offsets, to);
                high.mul(shift).intoArray(offsets, to + LANES);
            }
        }
    }

    /** A bfloat16 for each group. */
    private static void powers(
            PanelLayout layout,
            MemorySegment panels,
            long at,
            int blocks,
            float factor,
            float shift,
            float[] scales,
            float[] offsets) {
        int headerBytes = layout.headerWords() * WORD;
        for (int block = 0; block < blocks; block++) {
            IntVector d =
                    IntVector.fromMemorySegment(INTS, panels, at + (long) block * headerBytes, ByteOrder.LITTLE_ENDIAN);
            FloatVector low = d.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector high = d.and(0xFFFF0000).reinterpretAsFloats();
            int to = 2 * block * LANES;
            low.mul(factor).intoArray(scales, to);
            high.mul(factor).intoArray(scales, to + LANES);
            if (shift != 0) {
                low.mul(shift).intoArray(offsets, to);
                high.mul(shift).intoArray(offsets, to + LANES);
            }
        }
    }

    /** Scale and minimum in binary16 for each group. */
    private static void halvesWithMinima(
            PanelLayout layout,
            MemorySegment panels,
            long at,
            int blocks,
            float factor,
            float shift,
            float[] scales,
            float[] offsets) {
        int headerBytes = layout.headerWords() * WORD;
        for (int block = 0; block < blocks; block++) {
            long header = at + (long) block * headerBytes;
            IntVector d = IntVector.fromMemorySegment(INTS, panels, header, ByteOrder.LITTLE_ENDIAN);
            IntVector m = IntVector.fromMemorySegment(INTS, panels, header + WORD, ByteOrder.LITTLE_ENDIAN);
            int to = 2 * block * LANES;
            FloatVector low = d.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            low.mul(factor).intoArray(scales, to);
            low.mul(shift)
                    .add(m.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 3)
                            .and(HALF)
                            .reinterpretAsFloats()
                            .mul(HALF_FACTOR))
                    .intoArray(offsets, to);
            FloatVector high = d.lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            high.mul(factor).intoArray(scales, to + LANES);
            high.mul(shift)
                    .add(m.lanewise(VectorOperators.ASHR, 3)
                            .and(HALF)
                            .reinterpretAsFloats()
                            .mul(HALF_FACTOR))
                    .intoArray(offsets, to + LANES);
        }
    }

    /** Scale and minimum in binary16 for a block, times bytes for each group. */
    private static void bytesWithMinima(
            PanelLayout layout,
            MemorySegment panels,
            long at,
            int blocks,
            float factor,
            float shift,
            float[] scales,
            float[] offsets) {
        int headerBytes = layout.headerWords() * WORD;
        for (int v = 0; v < 2 * blocks; v++) {
            long header = at + (long) (v >> 1) * headerBytes;
            IntVector dm = IntVector.fromMemorySegment(INTS, panels, header, ByteOrder.LITTLE_ENDIAN);
            FloatVector d = dm.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            FloatVector m = dm.lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            IntVector s =
                    IntVector.fromMemorySegment(INTS, panels, header + (1 + (v & 1)) * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector t =
                    IntVector.fromMemorySegment(INTS, panels, header + (3 + (v & 1)) * WORD, ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < 4; i++) {
                int to = (4 * v + i) * LANES;
                FloatVector scale = ((FloatVector) s.and(0xFF).convert(VectorOperators.I2F, 0)).mul(d);
                FloatVector minimum = ((FloatVector) t.and(0xFF).convert(VectorOperators.I2F, 0)).mul(m);
                scale.mul(factor).intoArray(scales, to);
                scale.mul(shift).sub(minimum).intoArray(offsets, to);
                s = s.lanewise(VectorOperators.LSHR, 8);
                t = t.lanewise(VectorOperators.LSHR, 8);
            }
        }
    }

    /** Scale and minimum in binary16 for a block, times 4 bits each for each half group. */
    private static void nibblesWithMinima(
            PanelLayout layout,
            MemorySegment panels,
            long at,
            int blocks,
            float factor,
            float shift,
            float[] scales,
            float[] offsets) {
        int headerBytes = layout.headerWords() * WORD;
        for (int v = 0; v < 4 * blocks; v++) {
            long header = at + (long) (v >> 2) * headerBytes;
            IntVector dm = IntVector.fromMemorySegment(INTS, panels, header, ByteOrder.LITTLE_ENDIAN);
            FloatVector d = dm.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            FloatVector m = dm.lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            IntVector s =
                    IntVector.fromMemorySegment(INTS, panels, header + (1 + (v & 3)) * WORD, ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < 4; i++) {
                int to = (4 * v + i) * LANES;
                FloatVector scale = ((FloatVector) s.and(0xF).convert(VectorOperators.I2F, 0)).mul(d);
                s = s.lanewise(VectorOperators.LSHR, 4);
                FloatVector minimum = ((FloatVector) s.and(0xF).convert(VectorOperators.I2F, 0)).mul(m);
                s = s.lanewise(VectorOperators.LSHR, 4);
                scale.mul(factor).intoArray(scales, to);
                scale.mul(shift).sub(minimum).intoArray(offsets, to);
            }
        }
    }

    /** A binary16 for a block, times signed bytes for each group or half group. */
    private static void signedBytes(
            PanelLayout layout,
            MemorySegment panels,
            long at,
            int blocks,
            float factor,
            float shift,
            float[] scales,
            float[] offsets) {
        int headerBytes = layout.headerWords() * WORD;
        int words = layout.headerWords() - 1;
        for (int block = 0; block < blocks; block++) {
            long header = at + (long) block * headerBytes;
            IntVector h = IntVector.fromMemorySegment(INTS, panels, header, ByteOrder.LITTLE_ENDIAN);
            FloatVector d = h.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            for (int i = 0; i < 4 * words; i++) {
                IntVector s = IntVector.fromMemorySegment(
                                INTS, panels, header + (1 + (i >> 2)) * WORD, ByteOrder.LITTLE_ENDIAN)
                        .lanewise(VectorOperators.LSHL, 24 - 8 * (i & 3))
                        .lanewise(VectorOperators.ASHR, 24);
                int to = (4 * block * words + i) * LANES;
                FloatVector scale = ((FloatVector) s.convert(VectorOperators.I2F, 0)).mul(d);
                scale.mul(factor).intoArray(scales, to);
                if (shift != 0) {
                    scale.mul(shift).intoArray(offsets, to);
                }
            }
        }
    }
}
