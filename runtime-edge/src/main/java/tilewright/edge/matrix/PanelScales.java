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
     * @param offsets not written where {@code shift} is 0: minima are then left to {@link #addMinima}
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

    /** Adds the products of the minima with the sums of one row of activations to a vector of results. */
    static void addMinima(
            PanelLayout layout,
            MemorySegment panels,
            long at,
            int groups,
            float[] sums,
            int sumsAt,
            float[] out,
            int outAt) {
        int blocks = groups >> layout.groupShift();
        switch (layout) {
            case Q4_1, Q5_1 -> addHalves(panels, at, blocks, sums, sumsAt, out, outAt);
            case Q4_K, Q5_K -> addBytes(panels, at, blocks, sums, sumsAt, out, outAt);
            case Q2_K -> addNibbles(panels, at, blocks, sums, sumsAt, out, outAt);
            default -> throw new IllegalStateException(layout + " has no minima");
        }
    }

    private static void addHalves(
            MemorySegment panels, long at, int blocks, float[] sums, int sumsAt, float[] out, int outAt) {
        FloatVector total = FloatVector.fromArray(FLOATS, out, outAt);
        for (int block = 0; block < blocks; block++) {
            IntVector m = IntVector.fromMemorySegment(
                    INTS, panels, at + (long) (2 * block + 1) * WORD, ByteOrder.LITTLE_ENDIAN);
            int s = sumsAt + 4 * block;
            FloatVector low = m.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            FloatVector high = m.lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            total = low.fma(FloatVector.broadcast(FLOATS, sums[s] + sums[s + 1]), total);
            total = high.fma(FloatVector.broadcast(FLOATS, sums[s + 2] + sums[s + 3]), total);
        }
        total.intoArray(out, outAt);
    }

    private static void addBytes(
            MemorySegment panels, long at, int blocks, float[] sums, int sumsAt, float[] out, int outAt) {
        IntVector byteMask = IntVector.broadcast(INTS, 0xFF);
        FloatVector total = FloatVector.fromArray(FLOATS, out, outAt);
        for (int v = 0; v < 2 * blocks; v++) {
            long header = at + (long) (v >> 1) * 5 * WORD;
            IntVector dm = IntVector.fromMemorySegment(INTS, panels, header, ByteOrder.LITTLE_ENDIAN);
            IntVector t =
                    IntVector.fromMemorySegment(INTS, panels, header + (3 + (v & 1)) * WORD, ByteOrder.LITTLE_ENDIAN);
            int s = sumsAt + 8 * v;
            FloatVector minimum0 = (FloatVector) t.and(byteMask).convert(VectorOperators.I2F, 0);
            FloatVector sum = minimum0.mul(FloatVector.broadcast(FLOATS, sums[s] + sums[s + 1]));
            FloatVector minimum1 = (FloatVector)
                    t.lanewise(VectorOperators.LSHR, 8).and(byteMask).convert(VectorOperators.I2F, 0);
            sum = minimum1.fma(FloatVector.broadcast(FLOATS, sums[s + 2] + sums[s + 3]), sum);
            FloatVector minimum2 = (FloatVector)
                    t.lanewise(VectorOperators.LSHR, 16).and(byteMask).convert(VectorOperators.I2F, 0);
            sum = minimum2.fma(FloatVector.broadcast(FLOATS, sums[s + 4] + sums[s + 5]), sum);
            FloatVector minimum3 =
                    (FloatVector) t.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0);
            sum = minimum3.fma(FloatVector.broadcast(FLOATS, sums[s + 6] + sums[s + 7]), sum);
            total = dm.lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(-HALF_FACTOR)
                    .fma(sum, total);
        }
        total.intoArray(out, outAt);
    }

    private static void addNibbles(
            MemorySegment panels, long at, int blocks, float[] sums, int sumsAt, float[] out, int outAt) {
        IntVector nibbleMask = IntVector.broadcast(INTS, 0xF);
        FloatVector total = FloatVector.fromArray(FLOATS, out, outAt);
        for (int v = 0; v < 4 * blocks; v++) {
            long header = at + (long) (v >> 2) * 5 * WORD;
            IntVector dm = IntVector.fromMemorySegment(INTS, panels, header, ByteOrder.LITTLE_ENDIAN);
            IntVector t =
                    IntVector.fromMemorySegment(INTS, panels, header + (1 + (v & 3)) * WORD, ByteOrder.LITTLE_ENDIAN);
            int s = sumsAt + 4 * v;
            FloatVector minimum0 = (FloatVector)
                    t.lanewise(VectorOperators.LSHR, 4).and(nibbleMask).convert(VectorOperators.I2F, 0);
            FloatVector sum = minimum0.mul(FloatVector.broadcast(FLOATS, sums[s]));
            FloatVector minimum1 = (FloatVector)
                    t.lanewise(VectorOperators.LSHR, 12).and(nibbleMask).convert(VectorOperators.I2F, 0);
            sum = minimum1.fma(FloatVector.broadcast(FLOATS, sums[s + 1]), sum);
            FloatVector minimum2 = (FloatVector)
                    t.lanewise(VectorOperators.LSHR, 20).and(nibbleMask).convert(VectorOperators.I2F, 0);
            sum = minimum2.fma(FloatVector.broadcast(FLOATS, sums[s + 2]), sum);
            FloatVector minimum3 =
                    (FloatVector) t.lanewise(VectorOperators.LSHR, 28).convert(VectorOperators.I2F, 0);
            sum = minimum3.fma(FloatVector.broadcast(FLOATS, sums[s + 3]), sum);
            total = dm.lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(-HALF_FACTOR)
                    .fma(sum, total);
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
                IntVector m = IntVector.fromMemorySegment(INTS, panels, header + WORD, ByteOrder.LITTLE_ENDIAN);
                FloatVector lowMinimum = m.lanewise(VectorOperators.LSHL, 16)
                        .lanewise(VectorOperators.ASHR, 3)
                        .and(HALF)
                        .reinterpretAsFloats()
                        .mul(HALF_FACTOR);
                FloatVector highMinimum = m.lanewise(VectorOperators.ASHR, 3)
                        .and(HALF)
                        .reinterpretAsFloats()
                        .mul(HALF_FACTOR);
                low.mul(shift).add(lowMinimum).intoArray(offsets, to);
                high.mul(shift).add(highMinimum).intoArray(offsets, to + LANES);
            }
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
        float ratio = shift / factor;
        IntVector byteMask = IntVector.broadcast(INTS, 0xFF);
        for (int v = 0; v < 2 * blocks; v++) {
            long header = at + (long) (v >> 1) * headerBytes;
            IntVector dm = IntVector.fromMemorySegment(INTS, panels, header, ByteOrder.LITTLE_ENDIAN);
            FloatVector d = dm.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR * factor);
            FloatVector m = dm.lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            IntVector s =
                    IntVector.fromMemorySegment(INTS, panels, header + (1 + (v & 1)) * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector t =
                    IntVector.fromMemorySegment(INTS, panels, header + (3 + (v & 1)) * WORD, ByteOrder.LITTLE_ENDIAN);
            int to = 4 * v * LANES;
            FloatVector scale0 = ((FloatVector) s.and(byteMask).convert(VectorOperators.I2F, 0)).mul(d);
            scale0.intoArray(scales, to);
            FloatVector scale1 = ((FloatVector)
                            s.lanewise(VectorOperators.LSHR, 8).and(byteMask).convert(VectorOperators.I2F, 0))
                    .mul(d);
            scale1.intoArray(scales, to + LANES);
            FloatVector scale2 = ((FloatVector)
                            s.lanewise(VectorOperators.LSHR, 16).and(byteMask).convert(VectorOperators.I2F, 0))
                    .mul(d);
            scale2.intoArray(scales, to + 2 * LANES);
            FloatVector scale3 =
                    ((FloatVector) s.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0)).mul(d);
            scale3.intoArray(scales, to + 3 * LANES);
            if (shift != 0) {
                FloatVector minimum0 = ((FloatVector) t.and(byteMask).convert(VectorOperators.I2F, 0)).mul(m);
                scale0.mul(ratio).sub(minimum0).intoArray(offsets, to);
                FloatVector minimum1 = ((FloatVector) t.lanewise(VectorOperators.LSHR, 8)
                                .and(byteMask)
                                .convert(VectorOperators.I2F, 0))
                        .mul(m);
                scale1.mul(ratio).sub(minimum1).intoArray(offsets, to + LANES);
                FloatVector minimum2 = ((FloatVector) t.lanewise(VectorOperators.LSHR, 16)
                                .and(byteMask)
                                .convert(VectorOperators.I2F, 0))
                        .mul(m);
                scale2.mul(ratio).sub(minimum2).intoArray(offsets, to + 2 * LANES);
                FloatVector minimum3 =
                        ((FloatVector) t.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0)).mul(m);
                scale3.mul(ratio).sub(minimum3).intoArray(offsets, to + 3 * LANES);
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
        float ratio = shift / factor;
        IntVector nibbleMask = IntVector.broadcast(INTS, 0xF);
        for (int v = 0; v < 4 * blocks; v++) {
            long header = at + (long) (v >> 2) * headerBytes;
            IntVector dm = IntVector.fromMemorySegment(INTS, panels, header, ByteOrder.LITTLE_ENDIAN);
            FloatVector d = dm.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR * factor);
            FloatVector m = dm.lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR);
            IntVector s =
                    IntVector.fromMemorySegment(INTS, panels, header + (1 + (v & 3)) * WORD, ByteOrder.LITTLE_ENDIAN);
            int to = 4 * v * LANES;
            FloatVector scale0 = ((FloatVector) s.and(nibbleMask).convert(VectorOperators.I2F, 0)).mul(d);
            scale0.intoArray(scales, to);
            FloatVector scale1 = ((FloatVector)
                            s.lanewise(VectorOperators.LSHR, 8).and(nibbleMask).convert(VectorOperators.I2F, 0))
                    .mul(d);
            scale1.intoArray(scales, to + LANES);
            FloatVector scale2 = ((FloatVector)
                            s.lanewise(VectorOperators.LSHR, 16).and(nibbleMask).convert(VectorOperators.I2F, 0))
                    .mul(d);
            scale2.intoArray(scales, to + 2 * LANES);
            FloatVector scale3 = ((FloatVector)
                            s.lanewise(VectorOperators.LSHR, 24).and(nibbleMask).convert(VectorOperators.I2F, 0))
                    .mul(d);
            scale3.intoArray(scales, to + 3 * LANES);
            if (shift != 0) {
                FloatVector minimum0 = ((FloatVector) s.lanewise(VectorOperators.LSHR, 4)
                                .and(nibbleMask)
                                .convert(VectorOperators.I2F, 0))
                        .mul(m);
                scale0.mul(ratio).sub(minimum0).intoArray(offsets, to);
                FloatVector minimum1 = ((FloatVector) s.lanewise(VectorOperators.LSHR, 12)
                                .and(nibbleMask)
                                .convert(VectorOperators.I2F, 0))
                        .mul(m);
                scale1.mul(ratio).sub(minimum1).intoArray(offsets, to + LANES);
                FloatVector minimum2 = ((FloatVector) s.lanewise(VectorOperators.LSHR, 20)
                                .and(nibbleMask)
                                .convert(VectorOperators.I2F, 0))
                        .mul(m);
                scale2.mul(ratio).sub(minimum2).intoArray(offsets, to + 2 * LANES);
                FloatVector minimum3 =
                        ((FloatVector) s.lanewise(VectorOperators.LSHR, 28).convert(VectorOperators.I2F, 0)).mul(m);
                scale3.mul(ratio).sub(minimum3).intoArray(offsets, to + 3 * LANES);
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
        int wordShift = words == 4 ? 2 : 1;
        float ratio = shift / factor;
        for (int v = 0; v < words * blocks; v++) {
            long header = at + (long) (v >> wordShift) * headerBytes;
            IntVector h = IntVector.fromMemorySegment(INTS, panels, header, ByteOrder.LITTLE_ENDIAN);
            FloatVector d = h.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_FACTOR * factor);
            IntVector s = IntVector.fromMemorySegment(
                    INTS, panels, header + (1 + (v & words - 1)) * WORD, ByteOrder.LITTLE_ENDIAN);
            int to = 4 * v * LANES;
            FloatVector scale0 = ((FloatVector) s.lanewise(VectorOperators.LSHL, 24)
                            .lanewise(VectorOperators.ASHR, 24)
                            .convert(VectorOperators.I2F, 0))
                    .mul(d);
            scale0.intoArray(scales, to);
            FloatVector scale1 = ((FloatVector) s.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 24)
                            .convert(VectorOperators.I2F, 0))
                    .mul(d);
            scale1.intoArray(scales, to + LANES);
            FloatVector scale2 = ((FloatVector) s.lanewise(VectorOperators.LSHL, 8)
                            .lanewise(VectorOperators.ASHR, 24)
                            .convert(VectorOperators.I2F, 0))
                    .mul(d);
            scale2.intoArray(scales, to + 2 * LANES);
            FloatVector scale3 =
                    ((FloatVector) s.lanewise(VectorOperators.ASHR, 24).convert(VectorOperators.I2F, 0)).mul(d);
            scale3.intoArray(scales, to + 3 * LANES);
            if (shift != 0) {
                scale0.mul(ratio).intoArray(offsets, to);
                scale1.mul(ratio).intoArray(offsets, to + LANES);
                scale2.mul(ratio).intoArray(offsets, to + 2 * LANES);
                scale3.mul(ratio).intoArray(offsets, to + 3 * LANES);
            }
        }
    }
}
