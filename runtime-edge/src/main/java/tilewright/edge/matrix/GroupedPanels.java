package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import tilewright.model.format.GroupedCodes;

/**
 * Writes grouped codes as nested panels, in two ranges of bytes that {@link PanelLayout} describes.
 *
 * <p>{@link MatrixWeights#packed(String, int, int, int, float, MemorySegment, MemorySegment)} multiplies with them.
 */
public final class GroupedPanels {
    private static final int LANES = PanelLayout.PANEL_ROWS;
    private static final int BLOCK = GroupedCodes.GROUP;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle FOUR = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private GroupedPanels() {}

    /**
     * Bytes of the base range of a matrix, a multiple of 64.
     *
     * @throws IllegalArgumentException when there are no codes of so many bits, and for a shape without elements
     * @throws ArithmeticException when it is more than a 64-bit integer can say
     */
    public static long baseBytes(int bits, int rows, int width) {
        return bytes(PanelLayout.nested(bits).panelBytes(width), rows, width);
    }

    /** Bytes of the residual range of a matrix, a multiple of 64, 0 for codes of 2 bits; throws as above. */
    public static long residualBytes(int bits, int rows, int width) {
        return bytes(PanelLayout.nested(bits).residualBytes(width), rows, width);
    }

    private static long bytes(long panel, int rows, int width) {
        if (rows < 1 || width < 1) {
            throw new IllegalArgumentException(rows + " x " + width + " codes, expected at least 1 x 1");
        }
        return Math.multiplyExact(panel, (long) Math.ceilDiv(rows, LANES));
    }

    /**
     * Writes a matrix; whatever the memory held before is overwritten.
     *
     * @param base takes {@link #baseBytes}
     * @param residual takes {@link #residualBytes}; ignored (and may be null) when there are none
     * @throws IllegalArgumentException when there is not room for them
     */
    public static void write(GroupedCodes codes, MemorySegment base, MemorySegment residual) {
        PanelLayout layout = PanelLayout.nested(codes.bits());
        long baseBytes = baseBytes(codes.bits(), codes.rows(), codes.width());
        long residualBytes = residualBytes(codes.bits(), codes.rows(), codes.width());
        if (base.byteSize() < baseBytes
                || residualBytes > 0 && (residual == null || residual.byteSize() < residualBytes)) {
            throw new IllegalArgumentException("panels of " + codes.rows() + " x " + codes.width() + " codes of "
                    + codes.bits() + " bits take " + baseBytes + " and " + residualBytes + " bytes, there is room for "
                    + base.byteSize() + " and " + (residual == null ? 0 : residual.byteSize()));
        }
        new Writer(codes, layout, base, residual).write();
    }

    /** Puts panels together on the heap, where accesses are cheap, and copies each when it is complete. */
    private static final class Writer {
        private final GroupedCodes from;
        private final MemorySegment base;
        private final MemorySegment residual;
        private final int[] headers;
        private final int[] high;
        private final int[] low;
        private final int highBits;
        private final int lowBits;
        private final byte[] padded = new byte[BLOCK];

        Writer(GroupedCodes from, PanelLayout layout, MemorySegment base, MemorySegment residual) {
            this.from = from;
            this.base = base;
            this.residual = residual;
            this.highBits = layout.baseBits();
            this.lowBits = layout.codeBits() - highBits;
            this.headers = new int[words(layout.headerBytes(from.width()))];
            this.high = new int[words(layout.codeBytes(from.width()))];
            this.low = new int[words(layout.residualBytes(from.width()))];
        }

        private static int words(long bytes) {
            return Math.toIntExact(bytes / Integer.BYTES);
        }

        void write() {
            long baseAt = 0;
            long residualAt = 0;
            for (int row = 0; row < from.rows(); row += LANES) {
                int lanes = Math.min(LANES, from.rows() - row);
                Arrays.fill(headers, 0);
                if (lanes < LANES) {
                    Arrays.fill(high, 0);
                    Arrays.fill(low, 0);
                }
                for (int lane = 0; lane < lanes; lane++) {
                    lane(row + lane, lane);
                }
                baseAt = copy(headers, base, baseAt);
                baseAt = copy(high, base, baseAt);
                residualAt = copy(low, residual, residualAt);
            }
        }

        private static long copy(int[] words, MemorySegment to, long at) {
            if (words.length > 0) {
                MemorySegment.copy(words, 0, to, INT, at, words.length);
            }
            return at + (long) words.length * Integer.BYTES;
        }

        private void lane(int row, int lane) {
            int groups = GroupedCodes.groups(from.width());
            byte[] codes = from.codes();
            for (int g = 0; g < groups; g++) {
                int index = row * groups + g;
                int header = from.scales()[index] & 0xFF | (from.zeros()[index] & 0xFF) << 8;
                headers[(g >> 1) * LANES + lane] |= header << 16 * (g & 1);
                int at = row * from.width() + g * BLOCK;
                int count = Math.min(BLOCK, from.width() - g * BLOCK);
                byte[] source = codes;
                if (count < BLOCK) {
                    Arrays.fill(padded, (byte) 0);
                    System.arraycopy(codes, at, padded, 0, count);
                    source = padded;
                    at = 0;
                }
                if (highBits == 4) {
                    nibbles(source, at, lowBits, high, 8 * g * LANES + lane);
                } else {
                    pairs(source, at, lowBits, high, 4 * g * LANES + lane);
                }
                switch (lowBits) {
                    case 1 -> singles(source, at, low, 2 * g * LANES + lane);
                    case 2 -> pairs(source, at, 0, low, 4 * g * LANES + lane);
                    case 4 -> nibbles(source, at, 0, low, 8 * g * LANES + lane);
                    default -> {
                        // Codes of 2 bits have no residual.
                    }
                }
            }
        }

        /** A plane of 4 bits, those from {@code shift} on, of 64 codes. */
        private static void nibbles(byte[] codes, int at, int shift, int[] words, int to) {
            for (int v = 0; v < 8; v++, at += 8, to += LANES) {
                words[to] = four(codes, at) >>> shift & 0x0F0F0F0F | (four(codes, at + 4) >>> shift & 0x0F0F0F0F) << 4;
            }
        }

        /** A plane of 2 bits, those from {@code shift} on, of 64 codes. */
        private static void pairs(byte[] codes, int at, int shift, int[] words, int to) {
            for (int v = 0; v < 4; v++, at += 16, to += LANES) {
                words[to] = four(codes, at) >>> shift & 0x03030303
                        | (four(codes, at + 4) >>> shift & 0x03030303) << 2
                        | (four(codes, at + 8) >>> shift & 0x03030303) << 4
                        | (four(codes, at + 12) >>> shift & 0x03030303) << 6;
            }
        }

        /** A plane of the lowest bit of 64 codes. */
        private static void singles(byte[] codes, int at, int[] words, int to) {
            for (int v = 0; v < 2; v++, to += LANES) {
                int word = 0;
                for (int j = 0; j < 8; j++, at += 4) {
                    word |= (four(codes, at) & 0x01010101) << j;
                }
                words[to] = word;
            }
        }

        /** Four neighbouring codes, the first in the lowest byte. */
        private static int four(byte[] codes, int at) {
            return (int) FOUR.get(codes, at);
        }
    }
}
