package tilewright.edge.matrix;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import tilewright.model.tensor.DType;

/** Brings the blocks of one row into its lane of a panel: one method for each stored format. */
final class BlockPacker {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    /** From one word to the next of a lane. */
    private static final int WORD = PanelLayout.PANEL_ROWS;

    private static final int NIBBLES = 0x0F0F0F0F;
    private static final int TWOS = 0x03030303;
    private static final int BITS = 0x01010101;
    private static final int EXPONENT = 0x7C00;
    /** Added to an exponent, this overflows where all its bits are set. */
    private static final int EXPONENT_STEP = 0x0400;

    private static final int EXPONENT_OVERFLOW = 0x8000;

    private final DType format;
    private final PanelLayout layout;
    private final byte[] in;
    private final int[] headers;
    private final int[] codes;
    /** Has {@link #EXPONENT_OVERFLOW} set when a binary16 was not finite. */
    private int bad;

    /**
     * A packer from one array into two others.
     *
     * @param in the stored bytes, and four more
     * @param headers the headers of a panel's piece
     * @param codes its codes
     */
    BlockPacker(DType format, PanelLayout layout, byte[] in, int[] headers, int[] codes) {
        this.format = format;
        this.layout = layout;
        this.in = in;
        this.headers = headers;
        this.codes = codes;
    }

    /** Packs {@code count} elements from the begin of the stored bytes; false if a binary16 is not a finite number. */
    boolean pack(int count, int lane) {
        bad = 0;
        int blocks = count / format.blockElements();
        int bytes = format.blockBytes();
        int headerWords = layout.headerWords() * WORD;
        int codeWords = format.blockElements() / PanelLayout.GROUP * layout.groupWords() * WORD;
        switch (layout) {
            case F32 -> {
                for (int i = 0; i < count; i++) {
                    codes[i * WORD + lane] = word(4 * i);
                }
            }
            case F16, BF16 -> halves(count, lane);
            case Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_XS -> {
                for (int block = 0; block < blocks; block++) {
                    superBlock(block * bytes, lane + block * headerWords, lane + block * codeWords);
                }
            }
            default -> {
                for (int block = 0; block < blocks; block++) {
                    int header = lane + (block >> 1) * headerWords;
                    smallBlock(block * bytes, header, 16 * (block & 1), lane + block * codeWords);
                }
            }
        }
        return (bad & EXPONENT_OVERFLOW) == 0;
    }

    private int word(int at) {
        return (int) INT.get(in, at);
    }

    /** A binary16 scale. */
    private int scale(int at) {
        int scale = (short) SHORT.get(in, at) & 0xFFFF;
        bad |= (scale & EXPONENT) + EXPONENT_STEP;
        return scale;
    }

    /** Two neighbouring elements are one word of a lane, as they are. */
    private void halves(int count, int lane) {
        int seen = 0;
        for (int i = 0; i < count / 2; i++) {
            int both = word(4 * i);
            seen |= (both & EXPONENT) + EXPONENT_STEP | (both >>> 16 & EXPONENT) + EXPONENT_STEP;
            codes[i * WORD + lane] = both;
        }
        if ((count & 1) != 0) {
            int last = (short) SHORT.get(in, 2 * (count - 1)) & 0xFFFF;
            seen |= (last & EXPONENT) + EXPONENT_STEP;
            codes[count / 2 * WORD + lane] = last;
        }
        bad = layout == PanelLayout.F16 ? seen : 0;
    }

    /** One stored block of 32, which becomes one half of a packed block of 64; {@code half} is 0 or 16. */
    private void smallBlock(int at, int header, int half, int group) {
        switch (layout) {
            case Q8_0 -> {
                headers[header] |= scale(at) << half;
                for (int v = 0; v < 8; v++) {
                    codes[group + v * WORD] = word(at + 2 + 4 * v) ^ 0x80808080;
                }
            }
            case Q4_0, IQ4_NL -> {
                headers[header] |= scale(at) << half;
                halvesApart(at + 2, group);
            }
            case Q4_1 -> {
                headers[header] |= scale(at) << half;
                headers[header + WORD] |= scale(at + 2) << half;
                halvesApart(at + 4, group);
            }
            case Q5_0 -> {
                headers[header] |= scale(at) << half;
                halvesApart(at + 6, group);
                codes[group + 4 * WORD] = spread(word(at + 2));
            }
            case Q5_1 -> {
                headers[header] |= scale(at) << half;
                headers[header + WORD] |= scale(at + 2) << half;
                halvesApart(at + 8, group);
                codes[group + 4 * WORD] = spread(word(at + 4));
            }
            case MXFP4 -> {
                headers[header] |= powerOfTwo(in[at] & 0xFF) << half;
                halvesApart(at + 1, group);
            }
            default -> throw new IllegalStateException(layout + " has no blocks of 32");
        }
    }

    /** 2^(exponent - 128) as bfloat16: half the OCP scale, as the table holds doubled values. */
    private static int powerOfTwo(int exponent) {
        return (exponent < 2 ? 0x00200000 << exponent : (exponent - 1) << 23) >>> 16;
    }

    /** 16 bytes whose low halves are elements 0 to 15 and whose high halves are elements 16 to 31. */
    private void halvesApart(int at, int group) {
        for (int v = 0; v < 2; v++) {
            int even = word(at + 8 * v);
            int odd = word(at + 8 * v + 4);
            codes[group + v * WORD] = even & NIBBLES | (odd & NIBBLES) << 4;
            codes[group + (v + 2) * WORD] = even >>> 4 & NIBBLES | odd & ~NIBBLES;
        }
    }

    /** Bit e for element e becomes bit e / 4 of byte e mod 4. */
    private static int spread(int bits) {
        int word = 0;
        for (int j = 0; j < 8; j++) {
            word |= ((bits >>> 4 * j & 0xF) * 0x00204081 & BITS) << j;
        }
        return word;
    }

    private void superBlock(int at, int header, int to) {
        switch (layout) {
            case Q4_K -> {
                scalesAndMinima(at, header);
                for (int pair = 0; pair < 4; pair++) {
                    halvesTogether(at + 16 + 32 * pair, to + 2 * pair * 4 * WORD, to + (2 * pair + 1) * 4 * WORD);
                }
            }
            case Q5_K -> {
                scalesAndMinima(at, header);
                for (int pair = 0; pair < 4; pair++) {
                    halvesTogether(at + 48 + 32 * pair, to + 2 * pair * 5 * WORD, to + (2 * pair + 1) * 5 * WORD);
                }
                bits(at + 16, to + 4 * WORD, 5 * WORD);
            }
            case Q6_K -> {
                headers[header] = scale(at + 208);
                words(at + 192, 4, header + WORD);
                for (int half = 0; half < 2; half++) {
                    int place = to + half * 4 * 6 * WORD;
                    halvesTogether(at + 64 * half, place, place + 2 * 6 * WORD);
                    halvesTogether(at + 64 * half + 32, place + 6 * WORD, place + 3 * 6 * WORD);
                    twoBits(at + 128 + 32 * half, place + 4 * WORD, 6 * WORD);
                }
            }
            case Q3_K -> {
                headers[header] = scale(at + 108);
                scalesOfSixBits(at + 96, header + WORD);
                twoBits(at + 32, to, 3 * WORD);
                twoBits(at + 64, to + 4 * 3 * WORD, 3 * WORD);
                bits(at, to + 2 * WORD, 3 * WORD);
            }
            case Q2_K -> {
                headers[header] = scale(at + 80) | scale(at + 82) << 16;
                words(at, 4, header + WORD);
                twoBits(at + 16, to, 2 * WORD);
                twoBits(at + 48, to + 4 * 2 * WORD, 2 * WORD);
            }
            case IQ4_XS -> {
                headers[header] = scale(at);
                int high = (short) SHORT.get(in, at + 2) & 0xFFFF;
                for (int group = 0; group < 8; group++) {
                    int low = in[at + 4 + (group >> 1)] >> 4 * (group & 1) & 0xF;
                    int scale = (low | (high >> 2 * group & 3) << 4) - 32;
                    headers[header + (1 + (group >> 2)) * WORD] |= (scale & 0xFF) << 8 * (group & 3);
                    halvesApart(at + 8 + 16 * group, to + group * 4 * WORD);
                }
            }
            default -> throw new IllegalStateException(layout + " has no blocks of 256");
        }
    }

    private void words(int at, int count, int to) {
        for (int v = 0; v < count; v++) {
            headers[to + v * WORD] = word(at + 4 * v);
        }
    }

    /** The 12 bytes of 6-bit scales and minima of Q4_K and Q5_K. */
    private void scalesAndMinima(int at, int to) {
        headers[to] = scale(at) | scale(at + 2) << 16;
        int first = word(at + 4);
        int second = word(at + 8);
        int third = word(at + 12);
        headers[to + WORD] = first & 0x3F3F3F3F;
        headers[to + 2 * WORD] = third & NIBBLES | first >>> 2 & 0x30303030;
        headers[to + 3 * WORD] = second & 0x3F3F3F3F;
        headers[to + 4 * WORD] = third >>> 4 & NIBBLES | second >>> 2 & 0x30303030;
    }

    /** The 12 bytes of 16 6-bit scales of Q3_K, which are stored plus 32. */
    private void scalesOfSixBits(int at, int to) {
        int first = word(at);
        int second = word(at + 4);
        int high = word(at + 8);
        headers[to] = minus32(first & NIBBLES | (high & TWOS) << 4);
        headers[to + WORD] = minus32(second & NIBBLES | (high >>> 2 & TWOS) << 4);
        headers[to + 2 * WORD] = minus32(first >>> 4 & NIBBLES | (high >>> 4 & TWOS) << 4);
        headers[to + 3 * WORD] = minus32(second >>> 4 & NIBBLES | (high >>> 6 & TWOS) << 4);
    }

    /** Four bytes from 0 to 63, each minus 32: bit 5 is inverted and copied upwards. */
    private static int minus32(int bytes) {
        int negative = ~bytes & 0x20202020;
        return bytes & 0x1F1F1F1F | negative | negative << 1 | negative << 2;
    }

    /** 32 bytes whose low halves are one group and whose high halves are another. */
    private void halvesTogether(int at, int low, int high) {
        for (int v = 0; v < 4; v++) {
            int even = word(at + 8 * v);
            int odd = word(at + 8 * v + 4);
            codes[low + v * WORD] = even & NIBBLES | (odd & NIBBLES) << 4;
            codes[high + v * WORD] = even >>> 4 & NIBBLES | odd & ~NIBBLES;
        }
    }

    /** 32 bytes of which two bits each belong to one of four groups, {@code step} apart. */
    private void twoBits(int at, int to, int step) {
        for (int v = 0; v < 2; v++) {
            int w0 = word(at + 16 * v);
            int w1 = word(at + 16 * v + 4);
            int w2 = word(at + 16 * v + 8);
            int w3 = word(at + 16 * v + 12);
            for (int group = 0; group < 4; group++) {
                int shift = 2 * group;
                codes[to + group * step + v * WORD] = w0 >>> shift & TWOS
                        | (w1 >>> shift & TWOS) << 2
                        | (w2 >>> shift & TWOS) << 4
                        | (w3 >>> shift & TWOS) << 6;
            }
        }
    }

    /** 32 bytes of which one bit each belongs to one of eight groups, {@code step} apart. */
    private void bits(int at, int to, int step) {
        for (int group = 0; group < 8; group++) {
            int word = 0;
            for (int j = 0; j < 8; j++) {
                word |= (word(at + 4 * j) >>> group & BITS) << j;
            }
            codes[to + group * step] = word;
        }
    }
}
