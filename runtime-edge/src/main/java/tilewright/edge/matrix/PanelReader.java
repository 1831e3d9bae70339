package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import tilewright.model.format.GroupedCodes;

/** Decodes rows of packed panels one element at a time: the definition of {@link PanelLayout} in code. */
final class PanelReader {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int WORD = PanelLayout.WORD_BYTES;

    private final PanelLayout layout;
    private final MemorySegment bytes;
    private final byte[] table;

    private PanelReader(PanelLayout layout, MemorySegment bytes) {
        this.layout = layout;
        this.bytes = bytes;
        this.table = layout.table();
    }

    /** Decodes row {@code row} of the panels to {@code values} from index {@code at} on. */
    static void row(Panels panels, int row, float[] values, int at) {
        PanelReader reader = new PanelReader(panels.layout(), panels.bytes());
        if (panels.layout().isNested()) {
            reader.nested(panels, row, values, at);
            return;
        }
        long lane = row / PanelLayout.PANEL_ROWS * panels.panelBytes() + 4L * (row % PanelLayout.PANEL_ROWS);
        long codes = lane + panels.layout().headerBytes(panels.width());
        for (int i = 0; i < panels.width(); i++) {
            values[at + i] = reader.element(lane, codes, i);
        }
    }

    /** A row of nested codes, in the arithmetic of {@link GroupedCodes#decode(int, int, float[], int)}. */
    private void nested(Panels panels, int row, float[] values, int at) {
        int bits = layout.codeBits();
        int base = layout.baseBits();
        int below = bits - base;
        boolean whole = panels.residual() != null;
        float middle = whole ? 0 : ((1 << below) - 1) / 2f;
        int panel = row / PanelLayout.PANEL_ROWS;
        int lane = 4 * (row % PanelLayout.PANEL_ROWS);
        long headers = panel * panels.panelBytes() + lane;
        long codes = headers + layout.headerBytes(panels.width());
        long rest = panel * layout.residualBytes(panels.width()) + lane;
        for (int e = 0; e < panels.width(); e++) {
            int block = e / GroupedCodes.GROUP;
            long header = headers + (long) (block >> 1) * WORD + 2 * (block & 1);
            int group = e / PanelLayout.GROUP;
            int within = e % PanelLayout.GROUP;
            int code = plane(bytes, base, codes + (long) group * base * WORD, within) << below;
            if (whole) {
                code |= plane(panels.residual(), below, rest + (long) group * below * WORD, within);
            }
            float scale = GroupedCodes.scale(panels.unit(), bytes.get(ValueLayout.JAVA_BYTE, header));
            float zero = GroupedCodes.zero(bits, bytes.get(ValueLayout.JAVA_BYTE, header + 1));
            values[at + e] = scale * (code + middle - zero);
        }
    }

    /** The bits of element {@code e} of a group in a plane. */
    private static int plane(MemorySegment bytes, int count, long plane, int e) {
        int words = 8 / count;
        int j = e >> 2;
        int value = bytes.get(ValueLayout.JAVA_BYTE, plane + (long) (j / words) * WORD + (e & 3));
        return value >> count * (j % words) & (1 << count) - 1;
    }

    /** Element {@code e} of the row whose lane of the panel's headers and codes begins at these places. */
    private float element(long headers, long codes, int e) {
        return switch (layout) {
            case F32 -> Float.intBitsToFloat(bytes.get(INT, codes + (long) e * WORD));
            case F16 -> half(codes + (long) (e >> 1) * WORD + 2 * (e & 1));
            case BF16 -> brain(codes + (long) (e >> 1) * WORD + 2 * (e & 1));
            default -> {
                int block = layout.blockElements();
                long group = codes + (long) (e / PanelLayout.GROUP) * layout.groupWords() * WORD;
                long header = headers + (long) (e / block) * layout.headerWords() * WORD;
                yield value(header, e % block, code(group, e % PanelLayout.GROUP));
            }
        };
    }

    /** The value of a code, given its place {@code e} in its block. */
    private float value(long at, int e, int code) {
        int group = e / PanelLayout.GROUP;
        return switch (layout) {
            case Q8_0 -> half(at + 2 * group) * (code - 128);
            case Q4_0 -> half(at + 2 * group) * (code - 8);
            case Q5_0 -> half(at + 2 * group) * (code - 16);
            case Q4_1, Q5_1 -> half(at + 2 * group) * code + half(at + WORD + 2 * group);
            case IQ4_NL -> half(at + 2 * group) * table[code];
            case MXFP4 -> brain(at + 2 * group) * table[code];
            case Q2_K -> {
                int both = sub(at, e / 16);
                yield half(at) * (both & 0xF) * code - half(at + 2) * (both >> 4 & 0xF);
            }
            case Q3_K -> half(at) * sub(at, e / 16) * (code - 4);
            case Q6_K -> half(at) * sub(at, e / 16) * (code - 32);
            case Q4_K, Q5_K -> half(at) * sub(at, group) * code - half(at + 2) * sub(at + 2 * WORD, group);
            case IQ4_XS -> half(at) * sub(at, group) * table[code];
            default -> throw new IllegalStateException(layout + " has no codes");
        };
    }

    private float half(long at) {
        return Float.float16ToFloat(bytes.get(SHORT, at));
    }

    private float brain(long at) {
        return Float.intBitsToFloat(bytes.get(SHORT, at) << 16);
    }

    /** The signed byte of a sub-block, in the words after the first. */
    private int sub(long at, int index) {
        return bytes.get(ValueLayout.JAVA_BYTE, at + (1 + index / 4) * WORD + index % 4);
    }

    private int code(long group, int e) {
        int i = e & 3;
        int j = e >> 2;
        int planes = layout.codeBits();
        if (planes == 8) {
            return bits(group + j * WORD + i, 0, 8);
        }
        int code = 0;
        int above = 0;
        long plane = group;
        if (planes >= 4) {
            code = bits(plane + (j >> 1) * WORD + i, 4 * (j & 1), 4);
            above = 4;
            plane += 4 * WORD;
        }
        if ((planes & 2) != 0) {
            code |= bits(plane + (j >> 2) * WORD + i, 2 * (j & 3), 2) << above;
            above += 2;
            plane += 2 * WORD;
        }
        if ((planes & 1) != 0) {
            code |= bits(plane + i, j, 1) << above;
        }
        return code;
    }

    private int bits(long at, int shift, int count) {
        return bytes.get(ValueLayout.JAVA_BYTE, at) >> shift & (1 << count) - 1;
    }
}
