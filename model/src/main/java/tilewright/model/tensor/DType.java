package tilewright.model.tensor;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The element types that tensor files may hold, named as in the safetensors format. */
public enum DType {
    /** IEEE 754 binary64. */
    F64(8),
    /** IEEE 754 binary32. */
    F32(4),
    /** IEEE 754 binary16. */
    F16(2),
    /** bfloat16: the upper half of a binary32. */
    BF16(2),
    /** Signed 64-bit integer. */
    I64(8),
    /** Signed 32-bit integer. */
    I32(4),
    /** Signed 16-bit integer. */
    I16(2),
    /** Signed 8-bit integer. */
    I8(1),
    /** Unsigned 8-bit integer. */
    U8(1),
    /** One byte, 0 for false, anything else for true. */
    BOOL(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** The name as it stands in files and messages, such as {@code "BF16"}. */
    public String label() {
        return name();
    }

    /** Whether elements are floating-point numbers, so that they may be NaN or infinite. */
    public boolean isFloat() {
        return this == F64 || this == F32 || this == F16 || this == BF16;
    }

    /** The type with this label, or empty when there is none; labels are upper case. */
    public static Optional<DType> fromLabel(String label) {
        return Arrays.stream(values())
                .filter(type -> type.label().equals(label))
                .findFirst();
    }

    /** All labels, comma-separated, for messages. */
    static String supported() {
        return Arrays.stream(values()).map(DType::label).collect(Collectors.joining(", "));
    }
}
