package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Products of one float32 row with a panel of plain elements; as to the shape of the loops see {@link FloatDots}. */
final class PlainDots {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int WORD = PanelLayout.WORD_BYTES;

    private PlainDots() {}

    /** Words of one element. */
    static void binary32(MemorySegment panels, long at, int steps, Activations x, int row, float[] out, int outAt) {
        float[] values = x.values();
        int from = row * x.stride();
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int step = 0;
        for (; step <= steps - 4; step += 4) {
            IntVector w0 = IntVector.fromMemorySegment(INTS, panels, at + (long) step * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector w1 = IntVector.fromMemorySegment(
                    INTS, panels, at + (long) step * WORD + 1 * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector w2 = IntVector.fromMemorySegment(
                    INTS, panels, at + (long) step * WORD + 2 * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector w3 = IntVector.fromMemorySegment(
                    INTS, panels, at + (long) step * WORD + 3 * WORD, ByteOrder.LITTLE_ENDIAN);
            int k = from + step;
            a = w0.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k]), a);
            b = w1.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 1]), b);
            c = w2.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 2]), c);
            d = w3.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 3]), d);
        }
        for (; step < steps; step++) {
            IntVector w0 = IntVector.fromMemorySegment(INTS, panels, at + (long) step * WORD, ByteOrder.LITTLE_ENDIAN);
            int k = from + step;
            a = w0.reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k]), a);
        }
        a.add(b).add(c.add(d)).intoArray(out, outAt);
    }

    /** Words of two elements. */
    static void brain(MemorySegment panels, long at, int steps, Activations x, int row, float[] out, int outAt) {
        float[] values = x.values();
        int from = row * x.stride();
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int step = 0;
        for (; step <= steps - 2; step += 2) {
            IntVector w0 = IntVector.fromMemorySegment(INTS, panels, at + (long) step * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector w1 = IntVector.fromMemorySegment(
                    INTS, panels, at + (long) step * WORD + 1 * WORD, ByteOrder.LITTLE_ENDIAN);
            int k = from + 2 * step;
            a = w0.lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, values[k]), a);
            b = w0.and(0xFFFF0000).reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 1]), b);
            c = w1.lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, values[k + 2]), c);
            d = w1.and(0xFFFF0000).reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 3]), d);
        }
        for (; step < steps; step++) {
            IntVector w0 = IntVector.fromMemorySegment(INTS, panels, at + (long) step * WORD, ByteOrder.LITTLE_ENDIAN);
            int k = from + 2 * step;
            a = w0.lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, values[k]), a);
            b = w0.and(0xFFFF0000).reinterpretAsFloats().fma(FloatVector.broadcast(FLOATS, values[k + 1]), b);
        }
        a.add(b).add(c.add(d)).intoArray(out, outAt);
    }

    /** Words of two elements. */
    static void binary16(MemorySegment panels, long at, int steps, Activations x, int row, float[] out, int outAt) {
        float[] values = x.values();
        int from = row * x.stride();
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int step = 0;
        for (; step <= steps - 2; step += 2) {
            IntVector w0 = IntVector.fromMemorySegment(INTS, panels, at + (long) step * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector w1 = IntVector.fromMemorySegment(
                    INTS, panels, at + (long) step * WORD + 1 * WORD, ByteOrder.LITTLE_ENDIAN);
            int k = from + 2 * step;
            a = w0.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8FFFE000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .fma(FloatVector.broadcast(FLOATS, values[k]), a);
            b = w0.lanewise(VectorOperators.ASHR, 3)
                    .and(0x8FFFE000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .fma(FloatVector.broadcast(FLOATS, values[k + 1]), b);
            c = w1.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8FFFE000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .fma(FloatVector.broadcast(FLOATS, values[k + 2]), c);
            d = w1.lanewise(VectorOperators.ASHR, 3)
                    .and(0x8FFFE000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .fma(FloatVector.broadcast(FLOATS, values[k + 3]), d);
        }
        for (; step < steps; step++) {
            IntVector w0 = IntVector.fromMemorySegment(INTS, panels, at + (long) step * WORD, ByteOrder.LITTLE_ENDIAN);
            int k = from + 2 * step;
            a = w0.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8FFFE000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .fma(FloatVector.broadcast(FLOATS, values[k]), a);
            b = w0.lanewise(VectorOperators.ASHR, 3)
                    .and(0x8FFFE000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .fma(FloatVector.broadcast(FLOATS, values[k + 1]), b);
        }
        a.add(b).add(c.add(d)).intoArray(out, outAt);
    }
}
