package tilewright.model.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.NearestName;

/**
 * The metadata of a GGUF file: values by key, converted when they are asked for, from the mapped file.
 *
 * <p>A key that is missing or of another type is refused by name; integers and floats of all widths count as numbers, but a
 * float is no integer. Access after the file was closed throws {@link IllegalStateException}.
 */
public final class GgufMetadata {
    /** The key of the architecture, which every model has. */
    public static final String ARCHITECTURE = "general.architecture";

    private static final int MAX_ARRAY_ELEMENTS = Integer.MAX_VALUE - 8;

    private final Path file;
    private final MemorySegment bytes;
    private final Map<String, Entry> entries;

    /**
     * Where a value is.
     *
     * @param elements the type of an array's elements, else the type
     * @param count how many elements; 1 where it is no array
     * @param at the position of the first element
     */
    record Entry(GgufValueType type, GgufValueType elements, long count, long at) {
        /** The type for messages. */
        String text() {
            return type == GgufValueType.ARRAY ? "array of " + count + " x " + elements.label() : type.label();
        }
    }

    /** Takes over entries whose bytes were checked to be there. */
    GgufMetadata(Path file, MemorySegment bytes, Map<String, Entry> entries) {
        this.file = file;
        this.bytes = bytes;
        this.entries = entries;
    }

    /** The file that the values are from, for messages. */
    public Path file() {
        return file;
    }

    /** All keys, in the file's order; unmodifiable. */
    public Set<String> keys() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /** Whether there is a value of this key. */
    public boolean has(String key) {
        return entries.containsKey(key);
    }

    /**
     * The type of a value, such as {@code "u32"} or {@code "array of 32000 x string"}.
     *
     * @throws InvalidInputException if there is no such key
     */
    public String type(String key) {
        return entry(key).text();
    }

    /**
     * Whether the value is an array.
     *
     * @throws InvalidInputException if there is no such key
     */
    public boolean isArray(String key) {
        return entry(key).type() == GgufValueType.ARRAY;
    }

    /**
     * How many elements an array has.
     *
     * @throws InvalidInputException if there is no such key, or it is no array
     */
    public long length(String key) {
        return array(key, "an array").count();
    }

    /**
     * A string; bytes that are not UTF-8 become U+FFFD.
     *
     * @throws InvalidInputException if there is no such key, or it is no string
     */
    public String string(String key) {
        Entry entry = scalar(key, "a string");
        if (entry.type() != GgufValueType.STRING) {
            throw otherType(key, entry, "a string");
        }
        return new String(stringBytes(key, entry.at()), StandardCharsets.UTF_8);
    }

    /** A string, or {@code otherwise} where there is no such key. */
    public String string(String key, String otherwise) {
        return has(key) ? string(key) : otherwise;
    }

    /**
     * An integer of any width.
     *
     * @throws InvalidInputException if there is no such key, it is no integer, or it exceeds 63 bits
     */
    public long integer(String key) {
        Entry entry = scalar(key, "an integer");
        if (!entry.type().isInteger()) {
            throw otherType(key, entry, "an integer");
        }
        return integer(key, entry, 0);
    }

    /** An integer, or {@code otherwise} where there is no such key. */
    public long integer(String key, long otherwise) {
        return has(key) ? integer(key) : otherwise;
    }

    /**
     * A number of things, 0 to 2^31 - 1.
     *
     * @throws InvalidInputException if there is no such key, or it is no such integer
     */
    public int count(String key) {
        long value = integer(key);
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new InvalidInputException(
                    place(key) + " is " + value + ", expected 0 to " + Integer.MAX_VALUE + GgufCursor.AGAIN);
        }
        return (int) value;
    }

    /** A number of things, or {@code otherwise} where there is no such key. */
    public int count(String key, int otherwise) {
        return has(key) ? count(key) : otherwise;
    }

    /**
     * An integer or float of any width.
     *
     * @throws InvalidInputException if there is no such key, or it is no number
     */
    public double number(String key) {
        Entry entry = scalar(key, "a number");
        if (!entry.type().isNumber()) {
            throw otherType(key, entry, "a number");
        }
        return number(key, entry, 0);
    }

    /** A number, or {@code otherwise} where there is no such key. */
    public double number(String key, double otherwise) {
        return has(key) ? number(key) : otherwise;
    }

    /**
     * A truth value.
     *
     * @throws InvalidInputException if there is no such key, it is no truth value, or its byte is neither 0 nor 1
     */
    public boolean flag(String key) {
        Entry entry = scalar(key, "a bool");
        if (entry.type() != GgufValueType.BOOL) {
            throw otherType(key, entry, "a bool");
        }
        return flag(key, entry, 0);
    }

    /** A truth value, or {@code otherwise} where there is no such key. */
    public boolean flag(String key, boolean otherwise) {
        return has(key) ? flag(key) : otherwise;
    }

    /**
     * An array of strings; bytes that are not UTF-8 become U+FFFD.
     *
     * @throws InvalidInputException if there is no such key, or it is no array of strings
     */
    public List<String> strings(String key) {
        List<String> strings = new ArrayList<>();
        for (byte[] string : byteStrings(key)) {
            strings.add(new String(string, StandardCharsets.UTF_8));
        }
        return strings;
    }

    /**
     * An array of strings as the bytes in the file.
     *
     * @throws InvalidInputException if there is no such key, or it is no array of strings
     */
    public List<byte[]> byteStrings(String key) {
        Entry entry = array(key, "an array of strings");
        if (entry.elements() != GgufValueType.STRING && entry.count() > 0) {
            throw otherType(key, entry, "an array of strings");
        }
        List<byte[]> strings = new ArrayList<>(arrayLength(key, entry));
        long at = entry.at();
        for (long i = 0; i < entry.count(); i++) {
            byte[] string = stringBytes(key, at);
            strings.add(string);
            at += Long.BYTES + string.length;
        }
        return strings;
    }

    /**
     * An array of integers of any width.
     *
     * @throws InvalidInputException if there is no such key, it is no array of integers, or one exceeds 63 bits
     */
    public long[] integers(String key) {
        Entry entry = array(key, "an array of integers");
        if (!entry.elements().isInteger() && entry.count() > 0) {
            throw otherType(key, entry, "an array of integers");
        }
        long[] values = new long[arrayLength(key, entry)];
        for (int i = 0; i < values.length; i++) {
            values[i] = integer(key, entry, i);
        }
        return values;
    }

    /**
     * An array of numbers of any width, rounded to float32.
     *
     * @throws InvalidInputException if there is no such key, or it is no array of numbers
     */
    public float[] floats(String key) {
        Entry entry = array(key, "an array of numbers");
        if (!entry.elements().isNumber() && entry.count() > 0) {
            throw otherType(key, entry, "an array of numbers");
        }
        float[] values = new float[arrayLength(key, entry)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) number(key, entry, i);
        }
        return values;
    }

    /**
     * An array of truth values.
     *
     * @throws InvalidInputException if there is no such key, it is none, or a byte is neither 0 nor 1
     */
    public boolean[] flags(String key) {
        Entry entry = array(key, "an array of bools");
        if (entry.elements() != GgufValueType.BOOL && entry.count() > 0) {
            throw otherType(key, entry, "an array of bools");
        }
        boolean[] values = new boolean[arrayLength(key, entry)];
        for (int i = 0; i < values.length; i++) {
            values[i] = flag(key, entry, i);
        }
        return values;
    }

    /** A value as it stands in the file: its type and what follows. */
    byte[] encoded(String key) {
        Entry entry = entry(key);
        long end = entry.at() + entry.count() * entry.elements().bytes();
        if (entry.elements() == GgufValueType.STRING) {
            for (long i = 0; i < entry.count(); i++) {
                end += Long.BYTES + bytes.get(GgufCursor.LONG, end);
            }
        }
        boolean array = entry.type() == GgufValueType.ARRAY;
        int head = array ? 2 * Integer.BYTES + Long.BYTES : Integer.BYTES;
        ByteBuffer value = ByteBuffer.allocate(Math.toIntExact(head + (end - entry.at())))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(entry.type().ordinal());
        if (array) {
            value.putInt(entry.elements().ordinal()).putLong(entry.count());
        }
        MemorySegment.copy(
                bytes, ValueLayout.JAVA_BYTE, entry.at(), value.array(), value.position(), value.remaining());
        return value.array();
    }

    private Entry entry(String key) {
        Entry entry = entries.get(key);
        if (entry == null) {
            throw new InvalidInputException(file + ": there is no metadata key " + InvalidInputException.quoted(key)
                    + " among " + entries.size()
                    + (NearestName.of(key, entries.keySet()).isPresent()
                            ? NearestName.hint(key, entries.keySet())
                            : "; convert the checkpoint to GGUF again"));
        }
        return entry;
    }

    private Entry scalar(String key, String expected) {
        Entry entry = entry(key);
        if (entry.type() == GgufValueType.ARRAY) {
            throw otherType(key, entry, expected);
        }
        return entry;
    }

    private Entry array(String key, String expected) {
        Entry entry = entry(key);
        if (entry.type() != GgufValueType.ARRAY) {
            throw otherType(key, entry, expected);
        }
        return entry;
    }

    private InvalidInputException otherType(String key, Entry entry, String expected) {
        return new InvalidInputException(place(key) + " is " + entry.text() + ", expected " + expected
                + "; convert the checkpoint to GGUF again");
    }

    private String place(String key) {
        return file + ": metadata " + InvalidInputException.quoted(key);
    }

    private int arrayLength(String key, Entry entry) {
        if (entry.count() > MAX_ARRAY_ELEMENTS) {
            throw new InvalidInputException(place(key) + " has " + entry.count() + " elements, at most "
                    + MAX_ARRAY_ELEMENTS + " fit in one array" + GgufCursor.AGAIN);
        }
        return (int) entry.count();
    }

    /** The opening of the file checked that the whole string is there. */
    private byte[] stringBytes(String key, long at) {
        long length = bytes.get(GgufCursor.LONG, at);
        if (length > MAX_ARRAY_ELEMENTS) {
            throw new InvalidInputException(place(key) + " is a string of " + length + " bytes, at most "
                    + MAX_ARRAY_ELEMENTS + " fit in memory" + GgufCursor.AGAIN);
        }
        return bytes.asSlice(at + Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    }

    private long integer(String key, Entry entry, long index) {
        long at = entry.at() + index * entry.elements().bytes();
        long value = switch (entry.elements()) {
            case U8 -> Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, at));
            case I8 -> bytes.get(ValueLayout.JAVA_BYTE, at);
            case U16 -> Short.toUnsignedInt(bytes.get(GgufCursor.SHORT, at));
            case I16 -> bytes.get(GgufCursor.SHORT, at);
            case U32 -> Integer.toUnsignedLong(bytes.get(GgufCursor.INT, at));
            case I32 -> bytes.get(GgufCursor.INT, at);
            case U64, I64 -> bytes.get(GgufCursor.LONG, at);
            case F32, F64, BOOL, STRING, ARRAY -> throw new IllegalStateException(entry.text() + " is no integer");
        };
        if (value < 0 && entry.elements() == GgufValueType.U64) {
            throw new InvalidInputException(place(key) + " is " + Long.toUnsignedString(value) + ", expected at most "
                    + Long.MAX_VALUE + GgufCursor.AGAIN);
        }
        return value;
    }

    private double number(String key, Entry entry, long index) {
        long at = entry.at() + index * entry.elements().bytes();
        return switch (entry.elements()) {
            case F32 -> Float.intBitsToFloat(bytes.get(GgufCursor.INT, at));
            case F64 -> Double.longBitsToDouble(bytes.get(GgufCursor.LONG, at));
            default -> integer(key, entry, index);
        };
    }

    private boolean flag(String key, Entry entry, long index) {
        int value = bytes.get(ValueLayout.JAVA_BYTE, entry.at() + index);
        if (value != 0 && value != 1) {
            throw new InvalidInputException(
                    place(key) + " is " + (value & 0xff) + " as a bool, expected 0 or 1" + GgufCursor.AGAIN);
        }
        return value == 1;
    }
}
