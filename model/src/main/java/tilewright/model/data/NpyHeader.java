package tilewright.model.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.DType;

/**
 * The header of an {@code .npy} file: magic, version, length, and a Python dictionary as NumPy writes it.
 *
 * @param headerBytes where the elements start
 */
record NpyHeader(DType dtype, List<Long> shape, long elementBytes, int headerBytes) {
    static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

    /** NumPy itself reads at most 10 000 characters of an untrusted header. */
    private static final int MAX_TEXT_BYTES = 10_000;

    private static final int MAX_RANK = 64;

    /** Exactly three members, each once, in any order: which is checked after the match. */
    private static final Pattern DICTIONARY = Pattern.compile("\\{\\s*(?<first>MEMBER)\\s*,\\s*(?<second>MEMBER)\\s*,"
            .concat("\\s*(?<third>MEMBER)\\s*,?\\s*}\\s*")
            .replace("MEMBER", "'[a-z_]{1,16}'\\s*:\\s*(?:'[^']{0,64}'|True|False|\\([0-9L, ]{0,2048}\\))"));

    private static final Pattern MEMBER = Pattern.compile("'([a-z_]+)'\\s*:\\s*(.*)", Pattern.DOTALL);

    /** Reads the header at the start of {@code file}; {@code place} is for messages. */
    static NpyHeader read(String place, MemorySegment file) {
        if (file.byteSize() < MAGIC.length + 4
                || file.asSlice(0, MAGIC.length).mismatch(MemorySegment.ofArray(MAGIC)) >= 0) {
            throw new InvalidInputException(
                    place + ": does not start with an .npy header; save the array with numpy.save");
        }
        int version = file.get(ValueLayout.JAVA_BYTE, MAGIC.length);
        if (version < 1 || version > 3) {
            throw new InvalidInputException(
                    place + ": .npy version " + version + ", expected 1 to 3; save the array with numpy.save");
        }
        int start = MAGIC.length + (version == 1 ? 4 : 6);
        if (file.byteSize() < start) {
            throw new InvalidInputException(place + ": ends within its header; the file was cut short, fetch it again");
        }
        long length = version == 1
                ? Short.toUnsignedLong(
                        file.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), MAGIC.length + 2))
                : Integer.toUnsignedLong(
                        file.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), MAGIC.length + 2));
        if (length > MAX_TEXT_BYTES || length > file.byteSize() - start) {
            throw new InvalidInputException(place + ": .npy header of " + length + " bytes exceeds "
                    + (length > MAX_TEXT_BYTES ? "the limit of " + MAX_TEXT_BYTES : "the file")
                    + "; the file is damaged, fetch it again");
        }
        byte[] text = file.asSlice(start, length).toArray(ValueLayout.JAVA_BYTE);
        return parse(place, new String(text, StandardCharsets.ISO_8859_1), start + (int) length);
    }

    private static NpyHeader parse(String place, String text, int headerBytes) {
        Matcher dictionary = DICTIONARY.matcher(text);
        if (!dictionary.matches()) {
            throw unexpected(place, text);
        }
        String descr = null;
        String order = null;
        String shape = null;
        for (String group : new String[] {"first", "second", "third"}) {
            Matcher member = MEMBER.matcher(dictionary.group(group));
            if (!member.matches()) {
                throw unexpected(place, text);
            }
            switch (member.group(1)) {
                case "descr" -> descr = member.group(2);
                case "fortran_order" -> order = member.group(2);
                case "shape" -> shape = member.group(2);
                default -> throw unexpected(place, text);
            }
        }
        if (descr == null || order == null || shape == null || !descr.startsWith("'") || !shape.startsWith("(")) {
            throw unexpected(place, text);
        }
        DType dtype = dtype(place, descr.substring(1, descr.length() - 1));
        List<Long> extents = shape(place, shape);
        if (!order.equals("False") && !order.equals("True")) {
            throw unexpected(place, text);
        }
        if (order.equals("True") && extents.size() > 1) {
            throw new InvalidInputException(
                    place + ": the array is in Fortran order; save numpy.ascontiguousarray(array)");
        }
        return new NpyHeader(dtype, extents, bytes(place, dtype, extents), headerBytes);
    }

    private static InvalidInputException unexpected(String place, String text) {
        return new InvalidInputException(place + ": .npy header " + InvalidInputException.quoted(text.strip())
                + " is not a dictionary of descr, fortran_order and shape; save the array with numpy.save");
    }

    private static DType dtype(String place, String descr) {
        return switch (descr) {
            case "<f8" -> DType.F64;
            case "<f4" -> DType.F32;
            case "<f2" -> DType.F16;
            case "<i8" -> DType.I64;
            case "<i4" -> DType.I32;
            case "<i2" -> DType.I16;
            case "|i1", "<i1" -> DType.I8;
            case "|u1", "<u1" -> DType.U8;
            case "|b1", "<b1" -> DType.BOOL;
            default ->
                throw new InvalidInputException(place + ": element type " + InvalidInputException.quoted(descr)
                        + ", expected one of <f8, <f4, <f2, <i8, <i4, <i2, |i1, |u1, |b1; convert it with astype");
        };
    }

    private static List<Long> shape(String place, String tuple) {
        String inside = tuple.substring(1, tuple.length() - 1).strip();
        List<Long> extents = new ArrayList<>();
        if (inside.isEmpty()) {
            return extents;
        }
        String[] parts = inside.split(",");
        if (parts.length > MAX_RANK || (parts.length == 1 && !inside.endsWith(","))) {
            throw badShape(place, tuple);
        }
        for (String part : parts) {
            String digits = part.strip();
            if (!digits.matches("[0-9]{1,18}L?")) {
                throw badShape(place, tuple);
            }
            extents.add(Long.parseLong(digits.endsWith("L") ? digits.substring(0, digits.length() - 1) : digits));
        }
        return extents;
    }

    private static long bytes(String place, DType dtype, List<Long> shape) {
        try {
            long bytes = dtype.bytes();
            for (long extent : shape) {
                bytes = Math.multiplyExact(bytes, extent);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw new InvalidInputException(
                    place + ": shape " + shape + " exceeds 64 bits; the file is damaged, fetch it again", e);
        }
    }

    private static InvalidInputException badShape(String place, String tuple) {
        return new InvalidInputException(place + ": " + InvalidInputException.quoted(tuple)
                + " is not a shape of at most " + MAX_RANK + " extents; the file is damaged, fetch it again");
    }
}
