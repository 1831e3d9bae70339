package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/** Brings stored rows into the order of {@link PanelLayout}; the counterpart of {@link PanelReader}. */
final class PanelPacker {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final int WORD = PanelLayout.WORD_BYTES;
    private static final int NIBBLES = 0x0F0F0F0F;
    private static final int BITS = 0x01010101;
    private static final int EXPONENT = 0x7C00;

    private final String name;
    private final EncodedMatrix part;
    private final MemorySegment in;
    private final MemorySegment out;
    private final PanelLayout layout;

    private PanelPacker(String name, EncodedMatrix part, Panels panels) {
        this.name = name;
        this.part = part;
        this.in = part.bytes();
        this.out = panels.bytes();
        this.layout = panels.layout();
    }

    /**
     * Packs all rows.
     *
     * @param parts of one format and width, one below the other
     * @param panels takes them; its bytes are zeros
     * @throws InvalidInputException when a scale is infinite or not a number
     */
    static void pack(String name, List<EncodedMatrix> parts, Panels panels) {
        int row = 0;
        for (EncodedMatrix part : parts) {
            PanelPacker packer = new PanelPacker(name, part, panels);
            for (int i = 0; i < part.rows(); i++, row++) {
                long to = row / PanelLayout.PANEL_ROWS * panels.panelBytes() + 4L * (row % PanelLayout.PANEL_ROWS);
                packer.row(i, to);
            }
        }
    }

    /** Packs one row; {@code to} is its lane of the panel's first word. */
    private void row(int row, long to) {
        long at = row * part.rowBytes();
        int blocks = part.width() / part.format().blockElements();
        int blockBytes = part.format().blockBytes();
        int headerBytes = layout.headerWords() * WORD;
        long codes = to + layout.headerBytes(part.width());
        switch (layout) {
            case F32 -> floats(row, to);
            case F16 -> halves(row, at, to);
            case BF16 -> {
                if (part.format() == DType.BF16) {
                    halves(row, at, to);
                } else {
                    smallFloats(row, to);
                }
            }
            case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, IQ4_NL, MXFP4 -> {
                int groupBytes = layout.groupWords() * WORD;
                for (int block = 0; block < blocks; block++) {
                    long header = to + (long) (block >> 1) * headerBytes + 2 * (block & 1);
                    smallBlock(row, at + (long) block * blockBytes, header, codes + (long) block * groupBytes);
                }
            }
            case Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_XS -> {
                int codeBytes = 8 * layout.groupWords() * WORD;
                for (int block = 0; block < blocks; block++) {
                    long header = to + (long) block * headerBytes;
                    superBlock(row, at + (long) block * blockBytes, header, codes + (long) block * codeBytes);
                }
            }
        }
    }

    private void floats(int row, long to) {
        float[] values = decoded(row);
        for (int i = 0; i < values.length; i++) {
            out.set(INT, to + (long) i * WORD, Float.floatToRawIntBits(values[i]));
        }
    }

    /** Floats of 8 bits fit bfloat16 exactly. */
    private void smallFloats(int row, long to) {
        float[] values = decoded(row);
        for (int i = 0; i < values.length; i++) {
            short bits = (short) (Float.floatToRawIntBits(values[i]) >>> 16);
            out.set(SHORT, to + (long) (i >> 1) * WORD + 2 * (i & 1), bits);
        }
    }

    private float[] decoded(int row) {
        float[] values = new float[part.width()];
        part.decode(row, 1, values, 0);
        return values;
    }

    private void halves(int row, long at, long to) {
        int width = part.width();
        boolean binary16 = layout == PanelLayout.F16;
        int bad = 0;
        for (int i = 0; i < width; i++) {
            short bits = in.get(SHORT, at + 2L * i);
            bad |= (bits & EXPONENT) == EXPONENT ? 1 : 0;
            out.set(SHORT, to + (long) (i >> 1) * WORD + 2 * (i & 1), bits);
        }
        if (binary16 && bad != 0) {
            throw notFinite(row, "an element");
        }
    }

    /** One stored block of 32, which becomes one half of a packed block of 64. */
    private void smallBlock(int row, long at, long header, long group) {
        switch (layout) {
            case Q8_0 -> {
                out.set(SHORT, header, scale(row, at));
                for (int v = 0; v < 8; v++) {
                    out.set(INT, group + v * WORD, in.get(INT, at + 2 + 4 * v) ^ 0x80808080);
                }
            }
            case Q4_0, IQ4_NL -> {
                out.set(SHORT, header, scale(row, at));
                halvesApart(at + 2, group);
            }
            case Q4_1 -> {
                out.set(SHORT, header, scale(row, at));
                out.set(SHORT, header + WORD, scale(row, at + 2));
                halvesApart(at + 4, group);
            }
            case Q5_0 -> {
                out.set(SHORT, header, scale(row, at));
                halvesApart(at + 6, group);
                out.set(INT, group + 4 * WORD, spread(in.get(INT, at + 2)));
            }
            case Q5_1 -> {
                out.set(SHORT, header, scale(row, at));
                out.set(SHORT, header + WORD, scale(row, at + 2));
                halvesApart(at + 8, group);
                out.set(INT, group + 4 * WORD, spread(in.get(INT, at + 4)));
            }
            case MXFP4 -> {
                out.set(SHORT, header, powerOfTwo(in.get(BYTE, at) & 0xFF));
                halvesApart(at + 1, group);
            }
            default -> throw new IllegalStateException(layout + " has no blocks of 32");
        }
    }

    private short scale(int row, long at) {
        short scale = in.get(SHORT, at);
        if ((scale & EXPONENT) == EXPONENT) {
            throw notFinite(row, "a scale");
        }
        return scale;
    }

    private InvalidInputException notFinite(int row, String what) {
        return new InvalidInputException(
                "matrix '" + name + "' (" + part.format().label() + ") has " + what
                        + " that is infinite or not a number in row " + row + " of a part of " + part.rows()
                        + " rows; is the file damaged?");
    }

    /** 2^(exponent - 128) as bfloat16: half the OCP scale, as the table holds doubled values. */
    private static short powerOfTwo(int exponent) {
        int bits = exponent < 2 ? 0x00200000 << exponent : (exponent - 1) << 23;
        return (short) (bits >>> 16);
    }

    /** 16 bytes whose low halves are elements 0 to 15 and whose high halves are elements 16 to 31. */
    private void halvesApart(long at, long group) {
        for (int v = 0; v < 2; v++) {
            int even = in.get(INT, at + 8 * v);
            int odd = in.get(INT, at + 8 * v + 4);
            out.set(INT, group + v * WORD, even & NIBBLES | (odd & NIBBLES) << 4);
            out.set(INT, group + (v + 2) * WORD, even >>> 4 & NIBBLES | odd & ~NIBBLES);
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

    private void superBlock(int row, long at, long to, long codes) {
        switch (layout) {
            case Q4_K -> {
                scalesAndMinima(row, at, to);
                for (int group = 0; group < 8; group++) {
                    halvesTogether(at + 16 + 32 * (group >> 1), 4 * (group & 1), codes + group * 4 * WORD);
                }
            }
            case Q5_K -> {
                scalesAndMinima(row, at, to);
                for (int group = 0; group < 8; group++) {
                    long place = codes + group * 5 * WORD;
                    halvesTogether(at + 48 + 32 * (group >> 1), 4 * (group & 1), place);
                    out.set(INT, place + 4 * WORD, bits(at + 16, group));
                }
            }
            case Q6_K -> {
                out.set(SHORT, to, scale(row, at + 208));
                words(at + 192, 4, to + WORD);
                for (int group = 0; group < 8; group++) {
                    int half = group >> 2;
                    int quarter = group & 3;
                    long place = codes + group * 6 * WORD;
                    halvesTogether(at + 64 * half + 32 * (quarter & 1), 4 * (quarter >> 1), place);
                    twoBits(at + 128 + 32 * half, 2 * quarter, place + 4 * WORD);
                }
            }
            case Q3_K -> {
                out.set(SHORT, to, scale(row, at + 108));
                scalesOfSixBits(at + 96, to + WORD);
                for (int group = 0; group < 8; group++) {
                    long place = codes + group * 3 * WORD;
                    twoBits(at + 32 + 32 * (group >> 2), 2 * (group & 3), place);
                    out.set(INT, place + 2 * WORD, bits(at, group));
                }
            }
            case Q2_K -> {
                out.set(SHORT, to, scale(row, at + 80));
                out.set(SHORT, to + 2, scale(row, at + 82));
                words(at, 4, to + WORD);
                for (int group = 0; group < 8; group++) {
                    twoBits(at + 16 + 32 * (group >> 2), 2 * (group & 3), codes + group * 2 * WORD);
                }
            }
            case IQ4_XS -> {
                out.set(SHORT, to, scale(row, at));
                for (int group = 0; group < 8; group++) {
                    int low = in.get(BYTE, at + 4 + (group >> 1)) >> 4 * (group & 1) & 0xF;
                    int high = in.get(SHORT, at + 2) >> 2 * group & 3;
                    out.set(BYTE, to + (1 + (group >> 2)) * WORD + (group & 3), (byte) ((low | high << 4) - 32));
                    halvesApart(at + 8 + 16 * group, codes + group * 4 * WORD);
                }
            }
            default -> throw new IllegalStateException(layout + " has no blocks of 256");
        }
    }

    private void words(long at, int count, long to) {
        for (int v = 0; v < count; v++) {
            out.set(INT, to + v * WORD, in.get(INT, at + 4 * v));
        }
    }

    /** The 12 bytes of 6-bit scales and minima of Q4_K and Q5_K. */
    private void scalesAndMinima(int row, long at, long to) {
        out.set(SHORT, to, scale(row, at));
        out.set(SHORT, to + 2, scale(row, at + 2));
        int first = in.get(INT, at + 4);
        int second = in.get(INT, at + 8);
        int third = in.get(INT, at + 12);
        out.set(INT, to + WORD, first & 0x3F3F3F3F);
        out.set(INT, to + 2 * WORD, third & NIBBLES | first >>> 2 & 0x30303030);
        out.set(INT, to + 3 * WORD, second & 0x3F3F3F3F);
        out.set(INT, to + 4 * WORD, third >>> 4 & NIBBLES | second >>> 2 & 0x30303030);
    }

    /** The 12 bytes of 16 6-bit scales of Q3_K, which are stored plus 32. */
    private void scalesOfSixBits(long at, long to) {
        int first = in.get(INT, at);
        int second = in.get(INT, at + 4);
        int high = in.get(INT, at + 8);
        int twos = 0x03030303;
        out.set(INT, to, minus32(first & NIBBLES | (high & twos) << 4));
        out.set(INT, to + WORD, minus32(second & NIBBLES | (high >>> 2 & twos) << 4));
        out.set(INT, to + 2 * WORD, minus32(first >>> 4 & NIBBLES | (high >>> 4 & twos) << 4));
        out.set(INT, to + 3 * WORD, minus32(second >>> 4 & NIBBLES | (high >>> 6 & twos) << 4));
    }

    /** Four bytes from 0 to 63, each minus 32: bit 5 is inverted and copied upwards. */
    private static int minus32(int bytes) {
        int negative = ~bytes & 0x20202020;
        return bytes & 0x1F1F1F1F | negative | negative << 1 | negative << 2;
    }

    /** 32 bytes of which one half each is an element. */
    private void halvesTogether(long at, int shift, long group) {
        for (int v = 0; v < 4; v++) {
            int even = in.get(INT, at + 8 * v) >>> shift & NIBBLES;
            int odd = in.get(INT, at + 8 * v + 4) >>> shift & NIBBLES;
            out.set(INT, group + v * WORD, even | odd << 4);
        }
    }

    /** 32 bytes of which two bits each belong to an element. */
    private void twoBits(long at, int shift, long to) {
        for (int v = 0; v < 2; v++) {
            int word = 0;
            for (int j = 0; j < 4; j++) {
                word |= (in.get(INT, at + 16 * v + 4 * j) >>> shift & 0x03030303) << 2 * j;
            }
            out.set(INT, to + v * WORD, word);
        }
    }

    /** 32 bytes of which one bit each belongs to an element. */
    private int bits(long at, int shift) {
        int word = 0;
        for (int j = 0; j < 8; j++) {
            word |= (in.get(INT, at + 4 * j) >>> shift & BITS) << j;
        }
        return word;
    }
}
