package tilewright.compiler.profile;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import tilewright.edge.matrix.MappedPages;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.SafetensorsWriter;

/**
 * Rows of numbers outside of the heap: while they are gathered in memory of their own, then in the file that they were saved to; safe
 * for use by several threads that write different rows.
 */
final class Table {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Numbers that are copied at a time, unless a row has more. */
    private static final int HEAP_NUMBERS = 1 << 18;

    private final String name;
    private final int rows;
    private final int width;
    private final DType type;
    private MemorySegment memory = MemorySegment.NULL;

    /**
     * Rows that are nowhere yet.
     *
     * @param type F32 or F16, which numbers must fit in
     */
    Table(String name, long rows, int width, DType type) {
        if (type != DType.F32 && type != DType.F16) {
            throw new IllegalArgumentException("a table of " + type.label() + ", expected F32 or F16");
        }
        this.name = name;
        this.rows = Math.toIntExact(rows);
        this.width = width;
        this.type = type;
    }

    /** Its name in a file. */
    String name() {
        return name;
    }

    /** The type of its numbers in memory and in a file. */
    DType type() {
        return type;
    }

    /** The number of rows. */
    int rows() {
        return rows;
    }

    /** Numbers of a row. */
    int width() {
        return width;
    }

    /** Bytes of all rows. */
    long bytes() {
        return (long) rows * width * type.bytes();
    }

    /** Lies here from now on. */
    void lie(MemorySegment where) {
        memory = where.asSlice(0, bytes());
    }

    /** Where it lies. */
    MemorySegment memory() {
        return memory;
    }

    private long at(int row, int from) {
        return ((long) row * width + from) * type.bytes();
    }

    /** Copies a part of a row. */
    void read(int row, int from, int count, float[] out, int at) {
        if (type == DType.F32) {
            MemorySegment.copy(memory, FLOAT, at(row, from), out, at, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            out[at + i] = Float.float16ToFloat(memory.get(HALF, at(row, from + i)));
        }
    }

    /** Copies some rows, and gives back pages of a file that they took. */
    float[] read(int first, int count) {
        float[] values = new float[Math.multiplyExact(count, width)];
        read(first, 0, values.length, values, 0);
        release(first, count);
        return values;
    }

    /** Gives back pages of a file that have been read. */
    void release(int first, int count) {
        MappedPages.release(memory.asSlice(at(first, 0), at(count, 0)));
    }

    /** Sets the numbers of a row. */
    void write(int row, float[] values, int at) {
        if (type == DType.F32) {
            MemorySegment.copy(values, at, memory, FLOAT, at(row, 0), width);
            return;
        }
        for (int i = 0; i < width; i++) {
            memory.set(HALF, at(row, i), Float.floatToFloat16(values[at + i]));
        }
    }

    /** Its extents in a file. */
    List<Long> shape() {
        return List.of((long) rows, (long) width);
    }

    /** All rows, few of which are in the heap at a time. */
    SafetensorsWriter.Tensor tensor() {
        int together = together();
        return new SafetensorsWriter.Tensor(
                type,
                shape(),
                Math.ceilDiv(rows, together),
                part -> read(part * together, Math.min(together, rows - part * together)));
    }

    /** The first row with a number that is not finite, or -1. */
    int notFinite() {
        int together = together();
        for (int first = 0; first < rows; first += together) {
            float[] values = read(first, Math.min(together, rows - first));
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    return first + i / width;
                }
            }
        }
        return -1;
    }

    private int together() {
        return Math.max(1, HEAP_NUMBERS / Math.max(1, width));
    }
}
