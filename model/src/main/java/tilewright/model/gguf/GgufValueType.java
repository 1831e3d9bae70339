package tilewright.model.gguf;

/** The types of metadata values; the ordinal is the number in the file. */
enum GgufValueType {
    U8(1, "u8"),
    I8(1, "i8"),
    U16(2, "u16"),
    I16(2, "i16"),
    U32(4, "u32"),
    I32(4, "i32"),
    F32(4, "f32"),
    BOOL(1, "bool"),
    STRING(0, "string"),
    ARRAY(0, "array"),
    U64(8, "u64"),
    I64(8, "i64"),
    F64(8, "f64");

    private final int bytes;
    private final String label;

    GgufValueType(int bytes, String label) {
        this.bytes = bytes;
        this.label = label;
    }

    /** Bytes of a value, 0 where they vary. */
    int bytes() {
        return bytes;
    }

    /** The fewest bytes that a value can take. */
    int leastBytes() {
        return this == STRING ? 8 : this == ARRAY ? 12 : bytes;
    }

    /** The name for messages. */
    String label() {
        return label;
    }

    boolean isInteger() {
        return switch (this) {
            case U8, I8, U16, I16, U32, I32, U64, I64 -> true;
            case F32, F64, BOOL, STRING, ARRAY -> false;
        };
    }

    boolean isNumber() {
        return isInteger() || this == F32 || this == F64;
    }
}
