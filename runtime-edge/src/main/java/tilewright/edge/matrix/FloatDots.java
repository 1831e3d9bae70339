package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of one float32 row with the codes of a panel.
 *
 * <p>A code becomes a float without a conversion: its b bits, shifted below the exponent of 1.0, read 1 + code / 2^b. A group's
 * sum a of x * (1 + code / 2^b) and its sum S of x then give {@code sum of x * (code - centre) = 2^b * (a - (1 + centre / 2^b) * S)};
 * the factor 2^b is applied by {@link PanelScales}.
 *
 * <p>Every loop body is four neighbouring elements, written out: the compiler stops inlining methods of ours (not those of the
 * Vector API) in a large method, one that these kernels are inlined into included, and a vector that crosses a call lives on the
 * heap.
 */
final class FloatDots {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final int WORD = PanelLayout.WORD_BYTES;
    private static final int ONE = 0x3F800000;

    private FloatDots() {}

    /** Adds the products of groups {@code first .. last - 1} of codes of 8 bits to {@code out}. */
    static void dots8(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int first,
            int last,
            Activations x,
            int row,
            float[] scales,
            float[] out,
            int outAt) {
        float[] values = x.values();
        float[] sums = x.sums();
        int from = row * x.stride();
        int sumsFrom = row * x.sumStride();
        float unit = 1 + layout.centre() / (float) (1 << layout.codeBits());
        IntVector mask = IntVector.broadcast(INTS, 0x7f8000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        FloatVector total = FloatVector.fromArray(FLOATS, out, outAt);
        for (int g = first; g < last; g++) {
            long group = codes + (long) (g - first) * 8 * WORD;
            FloatVector a = FloatVector.zero(FLOATS);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            for (int v = 0; v < 8; v++) {
                IntVector w = IntVector.fromMemorySegment(INTS, panels, group + v * WORD, ByteOrder.LITTLE_ENDIAN);
                IntVector w0 = w.lanewise(VectorOperators.LSHL, 15).and(mask).or(one);
                IntVector w1 = w.lanewise(VectorOperators.LSHL, 7).and(mask).or(one);
                IntVector w2 = w.lanewise(VectorOperators.LSHR, 1).and(mask).or(one);
                IntVector w3 = w.lanewise(VectorOperators.LSHR, 9).and(mask).or(one);
                int k = from + 32 * g + 4 * v;
                a = w0.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k]), a);
                b = w1.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 1]), b);
                c = w2.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 2]), c);
                d = w3.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 3]), d);
            }
            float sum = sums[sumsFrom + 2 * g] + sums[sumsFrom + 2 * g + 1];
            total = a.add(b)
                    .add(c.add(d))
                    .sub(FloatVector.broadcast(FLOATS, unit * sum))
                    .fma(FloatVector.fromArray(FLOATS, scales, g * LANES), total);
        }
        total.intoArray(out, outAt);
    }

    /** Adds the products of groups {@code first .. last - 1} of codes of 4 bits to {@code out}. */
    static void dots4(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int first,
            int last,
            Activations x,
            int row,
            float[] scales,
            float[] out,
            int outAt) {
        float[] values = x.values();
        float[] sums = x.sums();
        int from = row * x.stride();
        int sumsFrom = row * x.sumStride();
        float unit = 1 + layout.centre() / (float) (1 << layout.codeBits());
        IntVector mask = IntVector.broadcast(INTS, 0x780000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        FloatVector total = FloatVector.fromArray(FLOATS, out, outAt);
        for (int g = first; g < last; g++) {
            long group = codes + (long) (g - first) * 4 * WORD;
            FloatVector a = FloatVector.zero(FLOATS);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            for (int v = 0; v < 8; v++) {
                IntVector w = IntVector.fromMemorySegment(
                                INTS, panels, group + (v >> 1) * WORD, ByteOrder.LITTLE_ENDIAN)
                        .lanewise(VectorOperators.LSHR, 4 * (v & 1));
                IntVector w0 = w.lanewise(VectorOperators.LSHL, 19).and(mask).or(one);
                IntVector w1 = w.lanewise(VectorOperators.LSHL, 11).and(mask).or(one);
                IntVector w2 = w.lanewise(VectorOperators.LSHL, 3).and(mask).or(one);
                IntVector w3 = w.lanewise(VectorOperators.LSHR, 5).and(mask).or(one);
                int k = from + 32 * g + 4 * v;
                a = w0.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k]), a);
                b = w1.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 1]), b);
                c = w2.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 2]), c);
                d = w3.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 3]), d);
            }
            float sum = sums[sumsFrom + 2 * g] + sums[sumsFrom + 2 * g + 1];
            total = a.add(b)
                    .add(c.add(d))
                    .sub(FloatVector.broadcast(FLOATS, unit * sum))
                    .fma(FloatVector.fromArray(FLOATS, scales, g * LANES), total);
        }
        total.intoArray(out, outAt);
    }

    /** Codes of 5 bits. */
    static void dots5(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            Activations x,
            int row,
            float[] scales,
            float[] out,
            int outAt) {
        float[] values = x.values();
        float[] sums = x.sums();
        int from = row * x.stride();
        int sumsFrom = row * x.sumStride();
        float unit = 1 + layout.centre() / (float) (1 << layout.codeBits());
        IntVector mask = IntVector.broadcast(INTS, 0x7c0000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        IntVector nibbles = IntVector.broadcast(INTS, 0x0F0F0F0F);
        IntVector fifths = IntVector.broadcast(INTS, 0x10101010);
        FloatVector total = FloatVector.zero(FLOATS);
        for (int g = 0; g < groups; g++) {
            long group = codes + (long) g * 5 * WORD;
            FloatVector a = FloatVector.zero(FLOATS);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
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
                int k = from + 32 * g + 4 * v;
                a = w0.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k]), a);
                b = w1.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 1]), b);
                c = w2.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 2]), c);
                d = w3.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 3]), d);
                high = high.lanewise(VectorOperators.LSHR, 1);
            }
            float sum = sums[sumsFrom + 2 * g] + sums[sumsFrom + 2 * g + 1];
            total = a.add(b)
                    .add(c.add(d))
                    .sub(FloatVector.broadcast(FLOATS, unit * sum))
                    .fma(FloatVector.fromArray(FLOATS, scales, g * LANES), total);
        }
        total.intoArray(out, outAt);
    }

    /** Codes of 6 bits with a scale for every 16. */
    static void dots6(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            Activations x,
            int row,
            float[] scales,
            float[] out,
            int outAt) {
        float[] values = x.values();
        float[] sums = x.sums();
        int from = row * x.stride();
        int sumsFrom = row * x.sumStride();
        float unit = 1 + layout.centre() / (float) (1 << layout.codeBits());
        IntVector mask = IntVector.broadcast(INTS, 0x7e0000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        IntVector nibbles = IntVector.broadcast(INTS, 0x0F0F0F0F);
        IntVector uppers = IntVector.broadcast(INTS, 0x30303030);
        FloatVector total = FloatVector.zero(FLOATS);
        for (int s = 0; s < 2 * groups; s++) {
            int g = s >> 1;
            long group = codes + (long) g * 6 * WORD;
            FloatVector a = FloatVector.zero(FLOATS);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
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
                int k = from + 16 * s + 4 * v;
                a = w0.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k]), a);
                b = w1.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 1]), b);
                c = w2.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 2]), c);
                d = w3.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 3]), d);
                high = high.lanewise(VectorOperators.LSHR, 2);
            }
            total = a.add(b)
                    .add(c.add(d))
                    .sub(FloatVector.broadcast(FLOATS, unit * sums[sumsFrom + s]))
                    .fma(FloatVector.fromArray(FLOATS, scales, s * LANES), total);
        }
        total.intoArray(out, outAt);
    }

    /** Codes of 3 bits with a scale for every 16. */
    static void dots3(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            Activations x,
            int row,
            float[] scales,
            float[] out,
            int outAt) {
        float[] values = x.values();
        float[] sums = x.sums();
        int from = row * x.stride();
        int sumsFrom = row * x.sumStride();
        float unit = 1 + layout.centre() / (float) (1 << layout.codeBits());
        IntVector mask = IntVector.broadcast(INTS, 0x700000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        IntVector lowers = IntVector.broadcast(INTS, 0x03030303);
        IntVector thirds = IntVector.broadcast(INTS, 0x04040404);
        FloatVector total = FloatVector.zero(FLOATS);
        for (int s = 0; s < 2 * groups; s++) {
            int g = s >> 1;
            long group = codes + (long) g * 3 * WORD;
            FloatVector a = FloatVector.zero(FLOATS);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
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
                int k = from + 16 * s + 4 * v;
                a = w0.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k]), a);
                b = w1.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 1]), b);
                c = w2.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 2]), c);
                d = w3.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 3]), d);
            }
            total = a.add(b)
                    .add(c.add(d))
                    .sub(FloatVector.broadcast(FLOATS, unit * sums[sumsFrom + s]))
                    .fma(FloatVector.fromArray(FLOATS, scales, s * LANES), total);
        }
        total.intoArray(out, outAt);
    }

    /** Codes of 2 bits with a scale for every 16. */
    static void dots2(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            Activations x,
            int row,
            float[] scales,
            float[] out,
            int outAt) {
        float[] values = x.values();
        float[] sums = x.sums();
        int from = row * x.stride();
        int sumsFrom = row * x.sumStride();
        float unit = 1 + layout.centre() / (float) (1 << layout.codeBits());
        IntVector mask = IntVector.broadcast(INTS, 0x600000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        FloatVector total = FloatVector.zero(FLOATS);
        for (int s = 0; s < 2 * groups; s++) {
            int g = s >> 1;
            long group = codes + (long) g * 2 * WORD;
            FloatVector a = FloatVector.zero(FLOATS);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            IntVector w = IntVector.fromMemorySegment(INTS, panels, group + (s & 1) * WORD, ByteOrder.LITTLE_ENDIAN);
            for (int v = 0; v < 4; v++) {
                IntVector w0 = w.lanewise(VectorOperators.LSHL, 21).and(mask).or(one);
                IntVector w1 = w.lanewise(VectorOperators.LSHL, 13).and(mask).or(one);
                IntVector w2 = w.lanewise(VectorOperators.LSHL, 5).and(mask).or(one);
                IntVector w3 = w.lanewise(VectorOperators.LSHR, 3).and(mask).or(one);
                int k = from + 16 * s + 4 * v;
                a = w0.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k]), a);
                b = w1.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 1]), b);
                c = w2.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 2]), c);
                d = w3.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 3]), d);
                w = w.lanewise(VectorOperators.LSHR, 2);
            }
            total = a.add(b)
                    .add(c.add(d))
                    .sub(FloatVector.broadcast(FLOATS, unit * sums[sumsFrom + s]))
                    .fma(FloatVector.fromArray(FLOATS, scales, s * LANES), total);
        }
        total.intoArray(out, outAt);
    }

    /** Codes of 4 bits that stand for values of a table, here the value + 128 as a code of 8 bits. */
    static void dotsOfTable(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            Activations x,
            int row,
            float[] scales,
            float[] out,
            int outAt) {
        float[] values = x.values();
        float[] sums = x.sums();
        int from = row * x.stride();
        int sumsFrom = row * x.sumStride();
        float unit = 1.5f;
        IntVector mask = IntVector.broadcast(INTS, 0x7f8000);
        IntVector one = IntVector.broadcast(INTS, ONE);
        ByteVector table = ByteVector.fromArray(BYTES, layout.vectorTable(), 0);
        IntVector nibbles = IntVector.broadcast(INTS, 0x0F0F0F0F);
        FloatVector total = FloatVector.zero(FLOATS);
        for (int g = 0; g < groups; g++) {
            long group = codes + (long) g * 4 * WORD;
            FloatVector a = FloatVector.zero(FLOATS);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
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
                int k = from + 32 * g + 4 * v;
                a = w0.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k]), a);
                b = w1.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 1]), b);
                c = w2.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 2]), c);
                d = w3.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 3]), d);
            }
            float sum = sums[sumsFrom + 2 * g] + sums[sumsFrom + 2 * g + 1];
            total = a.add(b)
                    .add(c.add(d))
                    .sub(FloatVector.broadcast(FLOATS, unit * sum))
                    .fma(FloatVector.fromArray(FLOATS, scales, g * LANES), total);
        }
        total.intoArray(out, outAt);
    }
}
