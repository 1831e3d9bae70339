package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Decodes panels to float32, for steps of many rows: element k of the panel's rows becomes 16 neighbouring floats.
 *
 * <p>A code becomes a float as in {@link FloatDots}; scale and offset are then one multiply-add. As to the shape of the loops see
 * there.
 */
final class PanelDecoder {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final int WORD = PanelLayout.WORD_BYTES;
    private static final int ONE = 0x3F800000;

    private PanelDecoder() {}

    /** Codes of 8 bits. */
    static void decode8(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            float[] scales,
            float[] offsets,
            float[] out,
            int outAt,
            int outStride) {
        IntVector mask = IntVector.broadcast(INTS, 0x7f8000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        for (int g = 0; g < groups; g++) {
            long group = codes + (long) g * 8 * WORD;
            FloatVector scale = FloatVector.fromArray(FLOATS, scales, g * LANES);
            FloatVector offset = FloatVector.fromArray(FLOATS, offsets, g * LANES);
            for (int v = 0; v < 8; v++) {
                IntVector w = IntVector.fromMemorySegment(INTS, panels, group + v * WORD, ByteOrder.LITTLE_ENDIAN);
                IntVector w0 = w.lanewise(VectorOperators.LSHL, 15).and(mask).or(one);
                IntVector w1 = w.lanewise(VectorOperators.LSHL, 7).and(mask).or(one);
                IntVector w2 = w.lanewise(VectorOperators.LSHR, 1).and(mask).or(one);
                IntVector w3 = w.lanewise(VectorOperators.LSHR, 9).and(mask).or(one);
                int to = outAt + (32 * g + 4 * v) * outStride;
                w0.reinterpretAsFloats().fma(scale, offset).intoArray(out, to);
                w1.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + outStride);
                w2.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 2 * outStride);
                w3.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 3 * outStride);
            }
        }
    }

    /** Codes of 4 bits. */
    static void decode4(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            float[] scales,
            float[] offsets,
            float[] out,
            int outAt,
            int outStride) {
        IntVector mask = IntVector.broadcast(INTS, 0x780000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        for (int g = 0; g < groups; g++) {
            long group = codes + (long) g * 4 * WORD;
            FloatVector scale = FloatVector.fromArray(FLOATS, scales, g * LANES);
            FloatVector offset = FloatVector.fromArray(FLOATS, offsets, g * LANES);
            for (int v = 0; v < 8; v++) {
                IntVector w = IntVector.fromMemorySegment(
                                INTS, panels, group + (v >> 1) * WORD, ByteOrder.LITTLE_ENDIAN)
                        .lanewise(VectorOperators.LSHR, 4 * (v & 1));
                IntVector w0 = w.lanewise(VectorOperators.LSHL, 19).and(mask).or(one);
                IntVector w1 = w.lanewise(VectorOperators.LSHL, 11).and(mask).or(one);
                IntVector w2 = w.lanewise(VectorOperators.LSHL, 3).and(mask).or(one);
                IntVector w3 = w.lanewise(VectorOperators.LSHR, 5).and(mask).or(one);
                int to = outAt + (32 * g + 4 * v) * outStride;
                w0.reinterpretAsFloats().fma(scale, offset).intoArray(out, to);
                w1.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + outStride);
                w2.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 2 * outStride);
                w3.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 3 * outStride);
            }
        }
    }

    /** Codes of 5 bits. */
    static void decode5(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            float[] scales,
            float[] offsets,
            float[] out,
            int outAt,
            int outStride) {
        IntVector mask = IntVector.broadcast(INTS, 0x7c0000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        IntVector nibbles = IntVector.broadcast(INTS, 0x0F0F0F0F);
        IntVector fifths = IntVector.broadcast(INTS, 0x10101010);
        for (int g = 0; g < groups; g++) {
            long group = codes + (long) g * 5 * WORD;
            FloatVector scale = FloatVector.fromArray(FLOATS, scales, g * LANES);
            FloatVector offset = FloatVector.fromArray(FLOATS, offsets, g * LANES);
            IntVector high = IntVector.fromMemorySegment(INTS, panels, group + 4 * WORD, ByteOrder.LITTLE_ENDIAN);
            for (int v = 0; v < 8; v++) {
                IntVector w = IntVector.fromMemorySegment(
                                INTS, panels, group + (v >> 1) * WORD, ByteOrder.LITTLE_ENDIAN)
                        .lanewise(VectorOperators.LSHR, 4 * (v & 1))
                        .and(nibbles)
                        .or(high.lanewise(VectorOperators.LSHL, 4).and(fifths));
                IntVector w0 = w.lanewise(VectorOperators.LSHL, 18).and(mask).or(one);
                IntVector w1 = w.lanewise(VectorOperators.LSHL, 10).and(mask).or(one);
                IntVector w2 = w.lanewise(VectorOperators.LSHL, 2).and(mask).or(one);
                IntVector w3 = w.lanewise(VectorOperators.LSHR, 6).and(mask).or(one);
                int to = outAt + (32 * g + 4 * v) * outStride;
                w0.reinterpretAsFloats().fma(scale, offset).intoArray(out, to);
                w1.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + outStride);
                w2.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 2 * outStride);
                w3.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 3 * outStride);
                high = high.lanewise(VectorOperators.LSHR, 1);
            }
        }
    }

    /** Codes of 6 bits with a scale for every 16. */
    static void decode6(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            float[] scales,
            float[] offsets,
            float[] out,
            int outAt,
            int outStride) {
        IntVector mask = IntVector.broadcast(INTS, 0x7e0000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        IntVector nibbles = IntVector.broadcast(INTS, 0x0F0F0F0F);
        IntVector uppers = IntVector.broadcast(INTS, 0x30303030);
        for (int s = 0; s < 2 * groups; s++) {
            int g = s >> 1;
            long group = codes + (long) g * 6 * WORD;
            FloatVector scale = FloatVector.fromArray(FLOATS, scales, s * LANES);
            FloatVector offset = FloatVector.fromArray(FLOATS, offsets, s * LANES);
            int half = s & 1;
            IntVector high =
                    IntVector.fromMemorySegment(INTS, panels, group + (4 + half) * WORD, ByteOrder.LITTLE_ENDIAN);
            for (int v = 0; v < 4; v++) {
                IntVector w = IntVector.fromMemorySegment(
                                INTS, panels, group + (2 * half + (v >> 1)) * WORD, ByteOrder.LITTLE_ENDIAN)
                        .lanewise(VectorOperators.LSHR, 4 * (v & 1))
                        .and(nibbles)
                        .or(high.lanewise(VectorOperators.LSHL, 4).and(uppers));
                IntVector w0 = w.lanewise(VectorOperators.LSHL, 17).and(mask).or(one);
                IntVector w1 = w.lanewise(VectorOperators.LSHL, 9).and(mask).or(one);
                IntVector w2 = w.lanewise(VectorOperators.LSHL, 1).and(mask).or(one);
                IntVector w3 = w.lanewise(VectorOperators.LSHR, 7).and(mask).or(one);
                int to = outAt + (16 * s + 4 * v) * outStride;
                w0.reinterpretAsFloats().fma(scale, offset).intoArray(out, to);
                w1.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + outStride);
                w2.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 2 * outStride);
                w3.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 3 * outStride);
                high = high.lanewise(VectorOperators.LSHR, 2);
            }
        }
    }

    /** Codes of 3 bits with a scale for every 16. */
    static void decode3(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            float[] scales,
            float[] offsets,
            float[] out,
            int outAt,
            int outStride) {
        IntVector mask = IntVector.broadcast(INTS, 0x700000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        IntVector lowers = IntVector.broadcast(INTS, 0x03030303);
        IntVector thirds = IntVector.broadcast(INTS, 0x04040404);
        for (int s = 0; s < 2 * groups; s++) {
            int g = s >> 1;
            long group = codes + (long) g * 3 * WORD;
            FloatVector scale = FloatVector.fromArray(FLOATS, scales, s * LANES);
            FloatVector offset = FloatVector.fromArray(FLOATS, offsets, s * LANES);
            int half = s & 1;
            IntVector low = IntVector.fromMemorySegment(INTS, panels, group + half * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector high = IntVector.fromMemorySegment(INTS, panels, group + 2 * WORD, ByteOrder.LITTLE_ENDIAN)
                    .lanewise(VectorOperators.LSHR, 4 * half)
                    .lanewise(VectorOperators.LSHL, 2);
            for (int v = 0; v < 4; v++) {
                IntVector w = high.and(thirds).or(low.and(lowers));
                low = low.lanewise(VectorOperators.LSHR, 2);
                high = high.lanewise(VectorOperators.LSHR, 1);
                IntVector w0 = w.lanewise(VectorOperators.LSHL, 20).and(mask).or(one);
                IntVector w1 = w.lanewise(VectorOperators.LSHL, 12).and(mask).or(one);
                IntVector w2 = w.lanewise(VectorOperators.LSHL, 4).and(mask).or(one);
                IntVector w3 = w.lanewise(VectorOperators.LSHR, 4).and(mask).or(one);
                int to = outAt + (16 * s + 4 * v) * outStride;
                w0.reinterpretAsFloats().fma(scale, offset).intoArray(out, to);
                w1.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + outStride);
                w2.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 2 * outStride);
                w3.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 3 * outStride);
            }
        }
    }

    /** Codes of 2 bits with a scale for every 16. */
    static void decode2(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            float[] scales,
            float[] offsets,
            float[] out,
            int outAt,
            int outStride) {
        IntVector mask = IntVector.broadcast(INTS, 0x600000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        for (int s = 0; s < 2 * groups; s++) {
            int g = s >> 1;
            long group = codes + (long) g * 2 * WORD;
            FloatVector scale = FloatVector.fromArray(FLOATS, scales, s * LANES);
            FloatVector offset = FloatVector.fromArray(FLOATS, offsets, s * LANES);
            IntVector w = IntVector.fromMemorySegment(INTS, panels, group + (s & 1) * WORD, ByteOrder.LITTLE_ENDIAN);
            for (int v = 0; v < 4; v++) {
                IntVector w0 = w.lanewise(VectorOperators.LSHL, 21).and(mask).or(one);
                IntVector w1 = w.lanewise(VectorOperators.LSHL, 13).and(mask).or(one);
                IntVector w2 = w.lanewise(VectorOperators.LSHL, 5).and(mask).or(one);
                IntVector w3 = w.lanewise(VectorOperators.LSHR, 3).and(mask).or(one);
                int to = outAt + (16 * s + 4 * v) * outStride;
                w0.reinterpretAsFloats().fma(scale, offset).intoArray(out, to);
                w1.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + outStride);
                w2.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 2 * outStride);
                w3.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 3 * outStride);
                w = w.lanewise(VectorOperators.LSHR, 2);
            }
        }
    }

    /** Codes of 4 bits that stand for values of a table. */
    static void decodeTable(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            float[] scales,
            float[] offsets,
            float[] out,
            int outAt,
            int outStride) {
        IntVector mask = IntVector.broadcast(INTS, 0x7f8000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        ByteVector table = ByteVector.fromArray(BYTES, layout.vectorTable(), 0);
        IntVector nibbles = IntVector.broadcast(INTS, 0x0F0F0F0F);
        for (int g = 0; g < groups; g++) {
            long group = codes + (long) g * 4 * WORD;
            FloatVector scale = FloatVector.fromArray(FLOATS, scales, g * LANES);
            FloatVector offset = FloatVector.fromArray(FLOATS, offsets, g * LANES);
            for (int v = 0; v < 8; v++) {
                IntVector w = IntVector.fromMemorySegment(
                                INTS, panels, group + (v >> 1) * WORD, ByteOrder.LITTLE_ENDIAN)
                        .lanewise(VectorOperators.LSHR, 4 * (v & 1))
                        .and(nibbles)
                        .reinterpretAsBytes()
                        .selectFrom(table)
                        .reinterpretAsInts();
                IntVector w0 = w.lanewise(VectorOperators.LSHL, 15).and(mask).or(one);
                IntVector w1 = w.lanewise(VectorOperators.LSHL, 7).and(mask).or(one);
                IntVector w2 = w.lanewise(VectorOperators.LSHR, 1).and(mask).or(one);
                IntVector w3 = w.lanewise(VectorOperators.LSHR, 9).and(mask).or(one);
                int to = outAt + (32 * g + 4 * v) * outStride;
                w0.reinterpretAsFloats().fma(scale, offset).intoArray(out, to);
                w1.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + outStride);
                w2.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 2 * outStride);
                w3.reinterpretAsFloats().fma(scale, offset).intoArray(out, to + 3 * outStride);
            }
        }
    }

    /** Plain elements: {@code words} words of a panel. */
    static void decodePlain(
            PanelLayout layout, MemorySegment panels, long at, int words, float[] out, int outAt, int outStride) {
        switch (layout) {
            case F32 -> binary32(panels, at, words, out, outAt, outStride);
            case F16 -> binary16(panels, at, words, out, outAt, outStride);
            case BF16 -> brain(panels, at, words, out, outAt, outStride);
            default -> throw new IllegalStateException(layout + " has codes");
        }
    }

    private static void binary32(MemorySegment panels, long at, int words, float[] out, int outAt, int outStride) {
        for (int v = 0; v < words; v++) {
            IntVector.fromMemorySegment(INTS, panels, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN)
                    .reinterpretAsFloats()
                    .intoArray(out, outAt + v * outStride);
        }
    }

    private static void brain(MemorySegment panels, long at, int words, float[] out, int outAt, int outStride) {
        for (int v = 0; v < words; v++) {
            IntVector w = IntVector.fromMemorySegment(INTS, panels, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            int to = outAt + 2 * v * outStride;
            w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(out, to);
            w.and(0xFFFF0000).reinterpretAsFloats().intoArray(out, to + outStride);
        }
    }

    /** The bits of a binary16 below the sign read, 3 places lower in a binary32, 2^-112 of its value. */
    private static void binary16(MemorySegment panels, long at, int words, float[] out, int outAt, int outStride) {
        for (int v = 0; v < words; v++) {
            IntVector w = IntVector.fromMemorySegment(INTS, panels, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            int to = outAt + 2 * v * outStride;
            w.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8FFFE000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .intoArray(out, to);
            w.lanewise(VectorOperators.ASHR, 3)
                    .and(0x8FFFE000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .intoArray(out, to + outStride);
        }
    }
}
