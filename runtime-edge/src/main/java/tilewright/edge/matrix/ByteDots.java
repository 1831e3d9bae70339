package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of one row of 8-bit activations with the codes of a panel.
 *
 * <p>Codes and activations meet as 16-bit halves of a row's lane, and products are summed in 16 bits as long as the sum must
 * fit: codes of up to 4 bits (15 * 127 * 16 &lt; 2^15) for a whole group, codes of 5 and 6 bits once centred (the centre times
 * the sum of activations is subtracted at the end; 16 * 127 * 16 and 32 * 127 * 8 &lt; 2^15, and sums between may wrap), codes of
 * 8 bits for two products.
 *
 * <p>As to vectors and calls see {@link FloatDots}. One flat loop over the words of codes, with the end of a group as a branch,
 * was a quarter faster than a loop for each group, and a body of one word faster than one of more.
 */
final class ByteDots {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final int WORD = PanelLayout.WORD_BYTES;

    private ByteDots() {}

    /** Codes of 4 bits. */
    static void dots4(
            PanelLayout layout,
            MemorySegment panels,
            long codes,
            int groups,
            Activations x,
            int row,
            float[] scales,
            float[] out,
            int outAt) {
        int[] pairs = x.pairs();
        float[] steps = x.scales();
        int from = row * x.pairStride();
        int stepsFrom = row * x.scaleStride();
        float[] sums = x.sums();
        float centre = layout.centre();
        int sumsFrom = row * x.sumStride();
        IntVector nibbles = IntVector.broadcast(INTS, 0x000F000F);
        ShortVector zero = ShortVector.zero(SHORTS);
        ShortVector a = zero;
        ShortVector b = zero;
        ShortVector c = zero;
        ShortVector d = zero;
        FloatVector total = FloatVector.zero(FLOATS);
        for (int v = 0; v < 4 * groups; v++) {
            int k = from + 4 * v;
            IntVector w = IntVector.fromMemorySegment(INTS, panels, codes + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            a = a.add(w.and(nibbles)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs[k]).reinterpretAsShorts()));
            b = b.add(w.lanewise(VectorOperators.LSHR, 8)
                    .and(nibbles)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs[k + 1]).reinterpretAsShorts()));
            c = c.add(w.lanewise(VectorOperators.LSHR, 4)
                    .and(nibbles)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs[k + 2]).reinterpretAsShorts()));
            d = d.add(w.lanewise(VectorOperators.LSHR, 12)
                    .and(nibbles)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs[k + 3]).reinterpretAsShorts()));
            if ((v & 3) == 3) {
                int g = v >> 2;
                IntVector both = a.add(b).add(c.add(d)).reinterpretAsInts();
                float offset = -centre * (sums[sumsFrom + 2 * g] + sums[sumsFrom + 2 * g + 1]);
                IntVector sum = both.lanewise(VectorOperators.LSHL, 16)
                        .lanewise(VectorOperators.ASHR, 16)
                        .add(both.lanewise(VectorOperators.ASHR, 16));
                total = ((FloatVector) sum.convert(VectorOperators.I2F, 0))
                        .fma(FloatVector.broadcast(FLOATS, steps[stepsFrom + g]), FloatVector.broadcast(FLOATS, offset))
                        .fma(FloatVector.fromArray(FLOATS, scales, g * LANES), total);
                a = zero;
                b = zero;
                c = zero;
                d = zero;
            }
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
        int[] pairs = x.pairs();
        float[] steps = x.scales();
        int from = row * x.pairStride();
        int stepsFrom = row * x.scaleStride();
        int[] pairSums = x.pairSums();
        float[] sums = x.sums();
        float centre = layout.centre() - 16;
        int sumsFrom = row * x.sumStride();
        IntVector bytes = IntVector.broadcast(INTS, 0x00FF00FF);
        IntVector nibbles = IntVector.broadcast(INTS, 0x0F0F0F0F);
        IntVector fifths = IntVector.broadcast(INTS, 0x10101010);
        ShortVector zero = ShortVector.zero(SHORTS);
        ShortVector a = zero;
        ShortVector b = zero;
        ShortVector c = zero;
        ShortVector d = zero;
        FloatVector total = FloatVector.zero(FLOATS);
        for (int v = 0; v < 4 * groups; v++) {
            int k = from + 4 * v;
            long group = codes + (long) (v >> 2) * 5 * WORD;
            IntVector w = IntVector.fromMemorySegment(INTS, panels, group + (v & 3) * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector high = IntVector.fromMemorySegment(INTS, panels, group + 4 * WORD, ByteOrder.LITTLE_ENDIAN)
                    .lanewise(VectorOperators.LSHR, 2 * (v & 3));
            IntVector even = high.lanewise(VectorOperators.LSHL, 4).and(fifths).or(w.and(nibbles));
            IntVector odd = high.lanewise(VectorOperators.LSHL, 3)
                    .and(fifths)
                    .or(w.lanewise(VectorOperators.LSHR, 4).and(nibbles));
            a = a.add(even.and(bytes)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs[k]).reinterpretAsShorts()));
            b = b.add(even.lanewise(VectorOperators.LSHR, 8)
                    .and(bytes)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs[k + 1]).reinterpretAsShorts()));
            c = c.add(odd.and(bytes)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs[k + 2]).reinterpretAsShorts()));
            d = d.add(odd.lanewise(VectorOperators.LSHR, 8)
                    .and(bytes)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs[k + 3]).reinterpretAsShorts()));
            if ((v & 3) == 3) {
                int g = v >> 2;
                IntVector both = a.add(b)
                        .add(c.add(d))
                        .sub(IntVector.broadcast(INTS, pairSums[sumsFrom + 2 * g])
                                .reinterpretAsShorts()
                                .add(IntVector.broadcast(INTS, pairSums[sumsFrom + 2 * g + 1])
                                        .reinterpretAsShorts())
                                .mul((short) 16))
                        .reinterpretAsInts();
                float offset = -centre * (sums[sumsFrom + 2 * g] + sums[sumsFrom + 2 * g + 1]);
                IntVector sum = both.lanewise(VectorOperators.LSHL, 16)
                        .lanewise(VectorOperators.ASHR, 16)
                        .add(both.lanewise(VectorOperators.ASHR, 16));
                total = ((FloatVector) sum.convert(VectorOperators.I2F, 0))
                        .fma(FloatVector.broadcast(FLOATS, steps[stepsFrom + g]), FloatVector.broadcast(FLOATS, offset))
                        .fma(FloatVector.fromArray(FLOATS, scales, g * LANES), total);
                a = zero;
                b = zero;
                c = zero;
                d = zero;
            }
        }
        total.intoArray(out, outAt);
    }

    /** Codes of 6 bits, centred at 32, with a scale for every 16. */
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
        int[] pairs = x.pairs();
        float[] steps = x.scales();
        int from = row * x.pairStride();
        int stepsFrom = row * x.scaleStride();
        int[] pairSums = x.pairSums();
        int sumsFrom = row * x.sumStride();
        IntVector bytes = IntVector.broadcast(INTS, 0x00FF00FF);
        IntVector nibbles = IntVector.broadcast(INTS, 0x0F0F0F0F);
        IntVector uppers = IntVector.broadcast(INTS, 0x30303030);
        ShortVector zero = ShortVector.zero(SHORTS);
        ShortVector a = zero;
        ShortVector b = zero;
        ShortVector c = zero;
        ShortVector d = zero;
        FloatVector total = FloatVector.zero(FLOATS);
        for (int v = 0; v < 4 * groups; v++) {
            int k = from + 4 * v;
            long group = codes + (long) (v >> 2) * 6 * WORD;
            IntVector w = IntVector.fromMemorySegment(INTS, panels, group + (v & 3) * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector high = IntVector.fromMemorySegment(
                            INTS, panels, group + (4 + (v >> 1 & 1)) * WORD, ByteOrder.LITTLE_ENDIAN)
                    .lanewise(VectorOperators.LSHR, 4 * (v & 1));
            IntVector even = high.lanewise(VectorOperators.LSHL, 4).and(uppers).or(w.and(nibbles));
            IntVector odd = high.lanewise(VectorOperators.LSHL, 2)
                    .and(uppers)
                    .or(w.lanewise(VectorOperators.LSHR, 4).and(nibbles));
            a = a.add(even.and(bytes)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs[k]).reinterpretAsShorts()));
            b = b.add(even.lanewise(VectorOperators.LSHR, 8)
                    .and(bytes)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs[k + 1]).reinterpretAsShorts()));
            c = c.add(odd.and(bytes)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs[k + 2]).reinterpretAsShorts()));
            d = d.add(odd.lanewise(VectorOperators.LSHR, 8)
                    .and(bytes)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs[k + 3]).reinterpretAsShorts()));
            if ((v & 1) == 1) {
                int s = v >> 1;
                IntVector both = a.add(b)
                        .add(c.add(d))
                        .sub(IntVector.broadcast(INTS, pairSums[sumsFrom + s])
                                .reinterpretAsShorts()
                                .mul((short) 32))
                        .reinterpretAsInts();
                IntVector sum = both.lanewise(VectorOperators.LSHL, 16)
                        .lanewise(VectorOperators.ASHR, 16)
                        .add(both.lanewise(VectorOperators.ASHR, 16));
                total = ((FloatVector) sum.convert(VectorOperators.I2F, 0))
                        .mul(FloatVector.broadcast(FLOATS, steps[stepsFrom + (s >> 1)]))
                        .fma(FloatVector.fromArray(FLOATS, scales, s * LANES), total);
                a = zero;
                b = zero;
                c = zero;
                d = zero;
            }
        }
        total.intoArray(out, outAt);
    }

    /** Codes of 3 bits, centred at 4, with a scale for every 16. */
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
        int[] pairs = x.pairs();
        float[] steps = x.scales();
        int from = row * x.pairStride();
        int stepsFrom = row * x.scaleStride();
        int[] pairSums = x.pairSums();
        int sumsFrom = row * x.sumStride();
        IntVector bytes = IntVector.broadcast(INTS, 0x00FF00FF);
        IntVector lowers = IntVector.broadcast(INTS, 0x03030303);
        IntVector thirds = IntVector.broadcast(INTS, 0x04040404);
        FloatVector total = FloatVector.zero(FLOATS);
        for (int s = 0; s < 2 * groups; s++) {
            int g = s >> 1;
            long group = codes + (long) g * 3 * WORD;
            int half = s & 1;
            ShortVector b = ShortVector.zero(SHORTS);
            ShortVector a = IntVector.broadcast(INTS, pairSums[sumsFrom + s])
                    .reinterpretAsShorts()
                    .mul((short) -4);
            IntVector low = IntVector.fromMemorySegment(INTS, panels, group + half * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector high = IntVector.fromMemorySegment(INTS, panels, group + 2 * WORD, ByteOrder.LITTLE_ENDIAN)
                    .lanewise(VectorOperators.LSHR, 4 * half)
                    .lanewise(VectorOperators.LSHL, 2);
            for (int v = 0; v < 4; v++) {
                IntVector w = high.and(thirds).or(low.and(lowers));
                low = low.lanewise(VectorOperators.LSHR, 2);
                high = high.lanewise(VectorOperators.LSHR, 1);
                int k = from + 8 * s + 2 * v;
                a = a.add(w.and(bytes)
                        .reinterpretAsShorts()
                        .mul(IntVector.broadcast(INTS, pairs[k]).reinterpretAsShorts()));
                b = b.add(w.lanewise(VectorOperators.LSHR, 8)
                        .and(bytes)
                        .reinterpretAsShorts()
                        .mul(IntVector.broadcast(INTS, pairs[k + 1]).reinterpretAsShorts()));
            }
            IntVector both = a.add(b).reinterpretAsInts();
            IntVector sum = both.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 16)
                    .add(both.lanewise(VectorOperators.ASHR, 16));
            total = ((FloatVector) sum.convert(VectorOperators.I2F, 0))
                    .mul(FloatVector.broadcast(FLOATS, steps[stepsFrom + g]))
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
        int[] pairs = x.pairs();
        float[] steps = x.scales();
        int from = row * x.pairStride();
        int stepsFrom = row * x.scaleStride();
        IntVector twos = IntVector.broadcast(INTS, 0x00030003);
        FloatVector total = FloatVector.zero(FLOATS);
        for (int s = 0; s < 2 * groups; s++) {
            int g = s >> 1;
            long group = codes + (long) g * 2 * WORD;
            ShortVector a = ShortVector.zero(SHORTS);
            ShortVector b = a;
            IntVector w = IntVector.fromMemorySegment(INTS, panels, group + (s & 1) * WORD, ByteOrder.LITTLE_ENDIAN);
            for (int v = 0; v < 4; v++) {
                int k = from + 8 * s + 2 * v;
                a = a.add(w.and(twos)
                        .reinterpretAsShorts()
                        .mul(IntVector.broadcast(INTS, pairs[k]).reinterpretAsShorts()));
                b = b.add(w.lanewise(VectorOperators.LSHR, 8)
                        .and(twos)
                        .reinterpretAsShorts()
                        .mul(IntVector.broadcast(INTS, pairs[k + 1]).reinterpretAsShorts()));
                w = w.lanewise(VectorOperators.LSHR, 2);
            }
            IntVector both = a.add(b).reinterpretAsInts();
            IntVector sum = both.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 16)
                    .add(both.lanewise(VectorOperators.ASHR, 16));
            total = ((FloatVector) sum.convert(VectorOperators.I2F, 0))
                    .mul(FloatVector.broadcast(FLOATS, steps[stepsFrom + g]))
                    .fma(FloatVector.fromArray(FLOATS, scales, s * LANES), total);
        }
        total.intoArray(out, outAt);
    }

    /** As {@link #dots8} for codes of up to 6 bits, a byte each, with a centre of at most 32. */
    static void dotsCentred(
            int centre,
            MemorySegment panels,
            long codes,
            int first,
            int last,
            Activations x,
            int row,
            float[] scales,
            float[] out,
            int outAt) {
        int[] pairs = x.pairs();
        float[] steps = x.scales();
        int from = row * x.pairStride();
        int stepsFrom = row * x.scaleStride();
        int[] pairSums = x.pairSums();
        int sumsFrom = row * x.sumStride();
        IntVector bytes = IntVector.broadcast(INTS, 0x00FF00FF);
        IntVector group = IntVector.zero(INTS);
        FloatVector total = FloatVector.fromArray(FLOATS, out, outAt);
        for (int s = 2 * first; s < 2 * last; s++) {
            ShortVector a = IntVector.broadcast(INTS, pairSums[sumsFrom + s])
                    .reinterpretAsShorts()
                    .mul((short) -centre);
            ShortVector b = ShortVector.zero(SHORTS);
            for (int v = 0; v < 4; v++) {
                IntVector w = IntVector.fromMemorySegment(
                        INTS, panels, codes + (long) (4 * (s - 2 * first) + v) * WORD, ByteOrder.LITTLE_ENDIAN);
                int k = from + 8 * s + 2 * v;
                a = a.add(w.and(bytes)
                        .reinterpretAsShorts()
                        .mul(IntVector.broadcast(INTS, pairs[k]).reinterpretAsShorts()));
                b = b.add(w.lanewise(VectorOperators.LSHR, 8)
                        .and(bytes)
                        .reinterpretAsShorts()
                        .mul(IntVector.broadcast(INTS, pairs[k + 1]).reinterpretAsShorts()));
            }
            IntVector both = a.add(b).reinterpretAsInts();
            group = group.add(both.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16))
                    .add(both.lanewise(VectorOperators.ASHR, 16));
            if ((s & 1) == 1) {
                int g = s >> 1;
                total = ((FloatVector) group.convert(VectorOperators.I2F, 0))
                        .mul(FloatVector.broadcast(FLOATS, steps[stepsFrom + g]))
                        .fma(FloatVector.fromArray(FLOATS, scales, g * LANES), total);
                group = IntVector.zero(INTS);
            }
        }
        total.intoArray(out, outAt);
    }

    /** Adds the products of groups {@code first .. last - 1} of codes of 8 bits, centred at 128, to {@code out}. */
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
        int[] pairs = x.pairs();
        float[] steps = x.scales();
        int from = row * x.pairStride();
        int stepsFrom = row * x.scaleStride();
        IntVector signs = IntVector.broadcast(INTS, 0x80808080);
        FloatVector total = FloatVector.fromArray(FLOATS, out, outAt);
        for (int g = first; g < last; g++) {
            long group = codes + (long) (g - first) * 8 * WORD;
            IntVector a = IntVector.zero(INTS);
            IntVector b = a;
            for (int v = 0; v < 8; v++) {
                IntVector w = IntVector.fromMemorySegment(INTS, panels, group + v * WORD, ByteOrder.LITTLE_ENDIAN)
                        .lanewise(VectorOperators.XOR, signs);
                int k = from + 16 * g + 2 * v;
                IntVector products = w.reinterpretAsShorts()
                        .lanewise(VectorOperators.LSHL, 8)
                        .lanewise(VectorOperators.ASHR, 8)
                        .mul(IntVector.broadcast(INTS, pairs[k]).reinterpretAsShorts())
                        .add(w.reinterpretAsShorts()
                                .lanewise(VectorOperators.ASHR, 8)
                                .mul(IntVector.broadcast(INTS, pairs[k + 1]).reinterpretAsShorts()))
                        .reinterpretAsInts();
                a = a.add(products.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
                b = b.add(products.lanewise(VectorOperators.ASHR, 16));
            }
            IntVector sum = a.add(b);
            total = ((FloatVector) sum.convert(VectorOperators.I2F, 0))
                    .mul(FloatVector.broadcast(FLOATS, steps[stepsFrom + g]))
                    .fma(FloatVector.fromArray(FLOATS, scales, g * LANES), total);
        }
        total.intoArray(out, outAt);
    }

    /** Codes of 4 bits that stand for values of a table. */
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
        int[] pairs = x.pairs();
        float[] steps = x.scales();
        int from = row * x.pairStride();
        int stepsFrom = row * x.scaleStride();
        ByteVector table = ByteVector.fromArray(BYTES, layout.signedTable(), 0);
        IntVector nibbles = IntVector.broadcast(INTS, 0x0F0F0F0F);
        FloatVector total = FloatVector.zero(FLOATS);
        for (int g = 0; g < groups; g++) {
            IntVector a = IntVector.zero(INTS);
            IntVector b = a;
            for (int v = 0; v < 4; v++) {
                IntVector w = IntVector.fromMemorySegment(
                        INTS, panels, codes + (long) g * 4 * WORD + v * WORD, ByteOrder.LITTLE_ENDIAN);
                int k = from + 16 * g + 4 * v;
                ShortVector even =
                        w.and(nibbles).reinterpretAsBytes().selectFrom(table).reinterpretAsShorts();
                IntVector evenProducts = even.lanewise(VectorOperators.LSHL, 8)
                        .lanewise(VectorOperators.ASHR, 8)
                        .mul(IntVector.broadcast(INTS, pairs[k]).reinterpretAsShorts())
                        .add(even.lanewise(VectorOperators.ASHR, 8)
                                .mul(IntVector.broadcast(INTS, pairs[k + 1]).reinterpretAsShorts()))
                        .reinterpretAsInts();
                a = a.add(evenProducts.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
                b = b.add(evenProducts.lanewise(VectorOperators.ASHR, 16));
                ShortVector odd = w.lanewise(VectorOperators.LSHR, 4)
                        .and(nibbles)
                        .reinterpretAsBytes()
                        .selectFrom(table)
                        .reinterpretAsShorts();
                IntVector oddProducts = odd.lanewise(VectorOperators.LSHL, 8)
                        .lanewise(VectorOperators.ASHR, 8)
                        .mul(IntVector.broadcast(INTS, pairs[k + 2]).reinterpretAsShorts())
                        .add(odd.lanewise(VectorOperators.ASHR, 8)
                                .mul(IntVector.broadcast(INTS, pairs[k + 3]).reinterpretAsShorts()))
                        .reinterpretAsInts();
                a = a.add(oddProducts.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
                b = b.add(oddProducts.lanewise(VectorOperators.ASHR, 16));
            }
            total = ((FloatVector) a.add(b).convert(VectorOperators.I2F, 0))
                    .mul(FloatVector.broadcast(FLOATS, steps[stepsFrom + g]))
                    .fma(FloatVector.fromArray(FLOATS, scales, g * LANES), total);
        }
        total.intoArray(out, outAt);
    }
}
