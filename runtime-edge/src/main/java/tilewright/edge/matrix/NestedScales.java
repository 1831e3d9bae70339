package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Expands the scale and zero bytes of nested panels.
 *
 * <p>With codes as {@link NestedCodes} makes them (c, of 8 bits, whatever is known of them) an element is
 * {@code s * (c + middle - zero byte)}: s the group's scale over 2^(8 - bits), and middle half of what the bits that are not
 * known can add. A scale byte, shifted to where a float has its exponent and highest fraction bits, is a float but for the
 * exponent's offset.
 */
final class NestedScales {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final int WORD = PanelLayout.WORD_BYTES;

    /** The exponent of 2^4, so that a scale byte of 0 stands for 16. */
    private static final int EXPONENT = 127 + 4 << 23;

    private NestedScales() {}

    /** The unit of scales for 8-bit codes. */
    static float unit(Panels panels) {
        return panels.unit() / (1 << 8 - panels.layout().codeBits());
    }

    /** What is added to 8-bit codes for the bits that are not known. */
    static float middle(Panels panels) {
        int unknown = panels.layout().codeBits() - panels.knownBits();
        return ((1 << unknown) - 1) / 2f * (1 << 8 - panels.layout().codeBits());
    }

    /**
     * Writes the scale of each group, a vector for each 32 elements.
     *
     * @param at the first block's header word, an even block's, plus the place of the first lane
     */
    static void expand(MemorySegment panels, long at, int groups, float unit, float[] scales) {
        IntVector mask = IntVector.broadcast(INTS, 0xFF);
        for (int block = 0; block < groups >> 1; block++) {
            FloatVector scale = IntVector.fromMemorySegment(
                            INTS, panels, at + (long) (block >> 1) * WORD, ByteOrder.LITTLE_ENDIAN)
                    .lanewise(VectorOperators.LSHR, 16 * (block & 1))
                    .and(mask)
                    .lanewise(VectorOperators.LSHL, 19)
                    .add(EXPONENT)
                    .reinterpretAsFloats()
                    .mul(unit);
            scale.intoArray(scales, 2 * block * LANES);
            scale.intoArray(scales, (2 * block + 1) * LANES);
        }
    }

    /** Writes {@code scale * (shift - zero byte)} of each group, a vector for each 32 elements. */
    static void offsets(MemorySegment panels, long at, int groups, float unit, float shift, float[] offsets) {
        IntVector mask = IntVector.broadcast(INTS, 0xFF);
        FloatVector shifts = FloatVector.broadcast(FLOATS, shift);
        for (int block = 0; block < groups >> 1; block++) {
            IntVector header = IntVector.fromMemorySegment(
                            INTS, panels, at + (long) (block >> 1) * WORD, ByteOrder.LITTLE_ENDIAN)
                    .lanewise(VectorOperators.LSHR, 16 * (block & 1));
            FloatVector zero = (FloatVector)
                    header.lanewise(VectorOperators.LSHR, 8).and(mask).convert(VectorOperators.I2F, 0);
            FloatVector offset = header.and(mask)
                    .lanewise(VectorOperators.LSHL, 19)
                    .add(EXPONENT)
                    .reinterpretAsFloats()
                    .mul(unit)
                    .mul(shifts.sub(zero));
            offset.intoArray(offsets, 2 * block * LANES);
            offset.intoArray(offsets, (2 * block + 1) * LANES);
        }
    }

    /** Adds the products of {@code scale * (shift - zero byte)} with the sums of one row of activations. */
    static void addOffsets(
            MemorySegment panels,
            long at,
            int groups,
            float unit,
            float shift,
            float[] sums,
            int sumsAt,
            float[] out,
            int outAt) {
        IntVector mask = IntVector.broadcast(INTS, 0xFF);
        FloatVector shifts = FloatVector.broadcast(FLOATS, shift);
        FloatVector total = FloatVector.fromArray(FLOATS, out, outAt);
        for (int block = 0; block < groups >> 1; block++) {
            IntVector header = IntVector.fromMemorySegment(
                            INTS, panels, at + (long) (block >> 1) * WORD, ByteOrder.LITTLE_ENDIAN)
                    .lanewise(VectorOperators.LSHR, 16 * (block & 1));
            FloatVector zero = (FloatVector)
                    header.lanewise(VectorOperators.LSHR, 8).and(mask).convert(VectorOperators.I2F, 0);
            int s = sumsAt + 4 * block;
            float sum = sums[s] + sums[s + 1] + (sums[s + 2] + sums[s + 3]);
            total = header.and(mask)
                    .lanewise(VectorOperators.LSHL, 19)
                    .add(EXPONENT)
                    .reinterpretAsFloats()
                    .mul(unit)
                    .mul(shifts.sub(zero))
                    .fma(FloatVector.broadcast(FLOATS, sum), total);
        }
        total.intoArray(out, outAt);
    }
}
