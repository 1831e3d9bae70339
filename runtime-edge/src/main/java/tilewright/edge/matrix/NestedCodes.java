package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Unpacks nested codes of a panel to bytes: words of four neighbouring codes of each row, as in an 8-bit plane.
 *
 * <p>A code of b known bits becomes {@code code * 2^(8 - b)}, shifted right by what is asked for: as 8-bit codes all widths
 * have one zero point and one kernel. As to the shape of the loops see {@link FloatDots}.
 */
final class NestedCodes {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int WORD = PanelLayout.WORD_BYTES;

    private NestedCodes() {}

    /**
     * Unpacks groups of codes of one vector of rows.
     *
     * @param base where the first group's base codes of the first of these rows are
     * @param residual likewise in the residual range, if that is there
     * @param down how far codes are shifted right, at most 8 minus the known bits
     * @param out takes 8 words of a group, one for each 4 elements, from {@code outAt} on
     */
    static void unpack(Panels panels, long base, long residual, int groups, int down, MemorySegment out, long outAt) {
        MemorySegment high = panels.bytes();
        MemorySegment low = panels.residual();
        boolean pairs = panels.layout().baseBits() == 2;
        switch (panels.knownBits() - panels.layout().baseBits()) {
            case 1 -> {
                if (pairs) {
                    unpack3(high, base, low, residual, groups, down, out, outAt);
                } else {
                    unpack5(high, base, low, residual, groups, down, out, outAt);
                }
            }
            case 2 -> {
                if (pairs) {
                    unpack4(high, base, low, residual, groups, down, out, outAt);
                } else {
                    unpack6(high, base, low, residual, groups, down, out, outAt);
                }
            }
            case 4 -> unpack8(high, base, low, residual, groups, out, outAt);
            default -> {
                if (pairs) {
                    unpackPairs(high, base, groups, down, out, outAt);
                } else {
                    unpackNibbles(high, base, groups, down, out, outAt);
                }
            }
        }
    }

    /**
     * Unpacks codes of up to 4 bits with a base of 2 to halves of bytes, as in a 4-bit plane: {@code code * 2^(4 - b)}.
     *
     * @param out takes 4 words of a group, from {@code outAt} on; else as of {@link #unpack}
     */
    static void halves(Panels panels, long base, long residual, int groups, MemorySegment out, long outAt) {
        switch (panels.knownBits()) {
            case 2 -> halves2(panels.bytes(), base, groups, out, outAt);
            case 3 -> halves3(panels.bytes(), base, panels.residual(), residual, groups, out, outAt);
            default -> halves4(panels.bytes(), base, panels.residual(), residual, groups, out, outAt);
        }
    }

    private static void halves2(MemorySegment base, long at, int groups, MemorySegment out, long outAt) {
        IntVector low = IntVector.broadcast(INTS, 0x0C0C0C0C);
        IntVector high = IntVector.broadcast(INTS, 0xC0C0C0C0);
        for (int v = 0; v < 2 * groups; v++) {
            IntVector p = IntVector.fromMemorySegment(INTS, base, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            long to = outAt + (long) v * 2 * WORD;
            p.lanewise(VectorOperators.LSHL, 2)
                    .and(low)
                    .or(p.lanewise(VectorOperators.LSHL, 4).and(high))
                    .intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
            p.lanewise(VectorOperators.LSHR, 2)
                    .and(low)
                    .or(p.and(high))
                    .intoMemorySegment(out, to + WORD, ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static void halves3(
            MemorySegment base,
            long at,
            MemorySegment residual,
            long restAt,
            int groups,
            MemorySegment out,
            long outAt) {
        IntVector low = IntVector.broadcast(INTS, 0x0C0C0C0C);
        IntVector high = IntVector.broadcast(INTS, 0xC0C0C0C0);
        IntVector lowest = IntVector.broadcast(INTS, 0x02020202);
        IntVector middle = IntVector.broadcast(INTS, 0x20202020);
        for (int v = 0; v < 2 * groups; v++) {
            IntVector p = IntVector.fromMemorySegment(INTS, base, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector q = IntVector.fromMemorySegment(
                            INTS, residual, restAt + (long) (v >> 1) * WORD, ByteOrder.LITTLE_ENDIAN)
                    .lanewise(VectorOperators.LSHR, 4 * (v & 1));
            long to = outAt + (long) v * 2 * WORD;
            p.lanewise(VectorOperators.LSHL, 2)
                    .and(low)
                    .or(p.lanewise(VectorOperators.LSHL, 4).and(high))
                    .or(q.lanewise(VectorOperators.LSHL, 1).and(lowest))
                    .or(q.lanewise(VectorOperators.LSHL, 4).and(middle))
                    .intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
            p.lanewise(VectorOperators.LSHR, 2)
                    .and(low)
                    .or(p.and(high))
                    .or(q.lanewise(VectorOperators.LSHR, 1).and(lowest))
                    .or(q.lanewise(VectorOperators.LSHL, 2).and(middle))
                    .intoMemorySegment(out, to + WORD, ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static void halves4(
            MemorySegment base,
            long at,
            MemorySegment residual,
            long restAt,
            int groups,
            MemorySegment out,
            long outAt) {
        IntVector odd = IntVector.broadcast(INTS, 0xCCCCCCCC);
        IntVector even = IntVector.broadcast(INTS, 0x33333333);
        IntVector upper = IntVector.broadcast(INTS, 0xF0F0F0F0);
        IntVector lower = IntVector.broadcast(INTS, 0x0F0F0F0F);
        for (int v = 0; v < 2 * groups; v++) {
            IntVector p = IntVector.fromMemorySegment(INTS, base, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector q =
                    IntVector.fromMemorySegment(INTS, residual, restAt + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector a = p.lanewise(VectorOperators.LSHL, 2).and(odd).or(q.and(even));
            IntVector b = p.and(odd).or(q.lanewise(VectorOperators.LSHR, 2).and(even));
            long to = outAt + (long) v * 2 * WORD;
            a.and(lower)
                    .or(b.lanewise(VectorOperators.LSHL, 4).and(upper))
                    .intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
            a.lanewise(VectorOperators.LSHR, 4)
                    .and(lower)
                    .or(b.and(upper))
                    .intoMemorySegment(out, to + WORD, ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static void unpackPairs(MemorySegment base, long at, int groups, int down, MemorySegment out, long outAt) {
        IntVector mask = IntVector.broadcast(INTS, 0xC0C0C0C0);
        for (int v = 0; v < 2 * groups; v++) {
            IntVector p = IntVector.fromMemorySegment(INTS, base, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            long to = outAt + (long) v * 4 * WORD;
            p.lanewise(VectorOperators.LSHL, 6)
                    .and(mask)
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
            p.lanewise(VectorOperators.LSHL, 4)
                    .and(mask)
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to + WORD, ByteOrder.LITTLE_ENDIAN);
            p.lanewise(VectorOperators.LSHL, 2)
                    .and(mask)
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to + 2 * WORD, ByteOrder.LITTLE_ENDIAN);
            p.and(mask)
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to + 3 * WORD, ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static void unpack3(
            MemorySegment base,
            long at,
            MemorySegment residual,
            long restAt,
            int groups,
            int down,
            MemorySegment out,
            long outAt) {
        IntVector upper = IntVector.broadcast(INTS, 0xC0C0C0C0);
        IntVector lower = IntVector.broadcast(INTS, 0x20202020);
        for (int v = 0; v < 2 * groups; v++) {
            IntVector p = IntVector.fromMemorySegment(INTS, base, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector q = IntVector.fromMemorySegment(
                            INTS, residual, restAt + (long) (v >> 1) * WORD, ByteOrder.LITTLE_ENDIAN)
                    .lanewise(VectorOperators.LSHR, 4 * (v & 1));
            long to = outAt + (long) v * 4 * WORD;
            p.lanewise(VectorOperators.LSHL, 6)
                    .and(upper)
                    .or(q.lanewise(VectorOperators.LSHL, 5).and(lower))
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
            p.lanewise(VectorOperators.LSHL, 4)
                    .and(upper)
                    .or(q.lanewise(VectorOperators.LSHL, 4).and(lower))
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to + WORD, ByteOrder.LITTLE_ENDIAN);
            p.lanewise(VectorOperators.LSHL, 2)
                    .and(upper)
                    .or(q.lanewise(VectorOperators.LSHL, 3).and(lower))
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to + 2 * WORD, ByteOrder.LITTLE_ENDIAN);
            p.and(upper)
                    .or(q.lanewise(VectorOperators.LSHL, 2).and(lower))
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to + 3 * WORD, ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static void unpack4(
            MemorySegment base,
            long at,
            MemorySegment residual,
            long restAt,
            int groups,
            int down,
            MemorySegment out,
            long outAt) {
        IntVector odd = IntVector.broadcast(INTS, 0xCCCCCCCC);
        IntVector even = IntVector.broadcast(INTS, 0x33333333);
        IntVector upper = IntVector.broadcast(INTS, 0xF0F0F0F0);
        for (int v = 0; v < 2 * groups; v++) {
            IntVector p = IntVector.fromMemorySegment(INTS, base, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector q =
                    IntVector.fromMemorySegment(INTS, residual, restAt + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            // Whole codes in the halves of bytes: the first and third four elements, the second and fourth.
            IntVector a = p.lanewise(VectorOperators.LSHL, 2).and(odd).or(q.and(even));
            IntVector b = p.and(odd).or(q.lanewise(VectorOperators.LSHR, 2).and(even));
            long to = outAt + (long) v * 4 * WORD;
            a.lanewise(VectorOperators.LSHL, 4)
                    .and(upper)
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
            b.lanewise(VectorOperators.LSHL, 4)
                    .and(upper)
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to + WORD, ByteOrder.LITTLE_ENDIAN);
            a.and(upper)
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to + 2 * WORD, ByteOrder.LITTLE_ENDIAN);
            b.and(upper)
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to + 3 * WORD, ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static void unpackNibbles(
            MemorySegment base, long at, int groups, int down, MemorySegment out, long outAt) {
        IntVector upper = IntVector.broadcast(INTS, 0xF0F0F0F0);
        for (int v = 0; v < 4 * groups; v++) {
            IntVector p = IntVector.fromMemorySegment(INTS, base, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            long to = outAt + (long) v * 2 * WORD;
            p.lanewise(VectorOperators.LSHL, 4)
                    .and(upper)
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
            p.and(upper)
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to + WORD, ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static void unpack5(
            MemorySegment base,
            long at,
            MemorySegment residual,
            long restAt,
            int groups,
            int down,
            MemorySegment out,
            long outAt) {
        IntVector upper = IntVector.broadcast(INTS, 0xF0F0F0F0);
        IntVector lower = IntVector.broadcast(INTS, 0x08080808);
        for (int v = 0; v < 4 * groups; v++) {
            IntVector p = IntVector.fromMemorySegment(INTS, base, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector q = IntVector.fromMemorySegment(
                            INTS, residual, restAt + (long) (v >> 2) * WORD, ByteOrder.LITTLE_ENDIAN)
                    .lanewise(VectorOperators.LSHR, 2 * (v & 3));
            long to = outAt + (long) v * 2 * WORD;
            p.lanewise(VectorOperators.LSHL, 4)
                    .and(upper)
                    .or(q.lanewise(VectorOperators.LSHL, 3).and(lower))
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
            p.and(upper)
                    .or(q.lanewise(VectorOperators.LSHL, 2).and(lower))
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to + WORD, ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static void unpack6(
            MemorySegment base,
            long at,
            MemorySegment residual,
            long restAt,
            int groups,
            int down,
            MemorySegment out,
            long outAt) {
        IntVector upper = IntVector.broadcast(INTS, 0xF0F0F0F0);
        IntVector lower = IntVector.broadcast(INTS, 0x0C0C0C0C);
        for (int v = 0; v < 4 * groups; v++) {
            IntVector p = IntVector.fromMemorySegment(INTS, base, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector q = IntVector.fromMemorySegment(
                            INTS, residual, restAt + (long) (v >> 1) * WORD, ByteOrder.LITTLE_ENDIAN)
                    .lanewise(VectorOperators.LSHR, 4 * (v & 1));
            long to = outAt + (long) v * 2 * WORD;
            p.lanewise(VectorOperators.LSHL, 4)
                    .and(upper)
                    .or(q.lanewise(VectorOperators.LSHL, 2).and(lower))
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
            p.and(upper)
                    .or(q.and(lower))
                    .lanewise(VectorOperators.LSHR, down)
                    .intoMemorySegment(out, to + WORD, ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static void unpack8(
            MemorySegment base,
            long at,
            MemorySegment residual,
            long restAt,
            int groups,
            MemorySegment out,
            long outAt) {
        IntVector upper = IntVector.broadcast(INTS, 0xF0F0F0F0);
        IntVector lower = IntVector.broadcast(INTS, 0x0F0F0F0F);
        for (int v = 0; v < 4 * groups; v++) {
            IntVector p = IntVector.fromMemorySegment(INTS, base, at + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            IntVector q =
                    IntVector.fromMemorySegment(INTS, residual, restAt + (long) v * WORD, ByteOrder.LITTLE_ENDIAN);
            long to = outAt + (long) v * 2 * WORD;
            p.lanewise(VectorOperators.LSHL, 4)
                    .and(upper)
                    .or(q.and(lower))
                    .intoMemorySegment(out, to, ByteOrder.LITTLE_ENDIAN);
            p.and(upper)
                    .or(q.lanewise(VectorOperators.LSHR, 4).and(lower))
                    .intoMemorySegment(out, to + WORD, ByteOrder.LITTLE_ENDIAN);
        }
    }
}
