package tilewright.model.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** GGUF files put together by hand, so that no test trusts the writer. */
final class GgufBytes {
    static final int U8 = 0;
    static final int U16 = 2;
    static final int U32 = 4;
    static final int I32 = 5;
    static final int F32 = 6;
    static final int BOOL = 7;
    static final int STRING = 8;
    static final int ARRAY = 9;
    static final int U64 = 10;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Magic, version 3 and the counts. */
    static GgufBytes header(long tensors, long entries) {
        return new GgufBytes().text("GGUF").u32(3).u64(tensors).u64(entries);
    }

    /** Bytes of these characters, without a length. */
    GgufBytes text(String latin) {
        out.writeBytes(latin.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    GgufBytes u8(int value) {
        out.write(value);
        return this;
    }

    GgufBytes u16(int value) {
        return u8(value).u8(value >>> 8);
    }

    GgufBytes u32(int value) {
        return u16(value).u16(value >>> 16);
    }

    GgufBytes u64(long value) {
        return u32((int) value).u32((int) (value >>> 32));
    }

    GgufBytes f32(float value) {
        return u32(Float.floatToRawIntBits(value));
    }

    /** A length and as many bytes. */
    GgufBytes string(String latin) {
        return u64(latin.length()).text(latin);
    }

    /** A key and its type. */
    GgufBytes key(String key, int type) {
        return string(key).u32(type);
    }

    /** The description of a tensor; dimensions innermost first, as in the file. */
    GgufBytes tensor(String name, int type, long offset, long... dimensions) {
        string(name).u32(dimensions.length);
        for (long dimension : dimensions) {
            u64(dimension);
        }
        return u32(type).u64(offset);
    }

    /** Zeros up to a multiple of the alignment. */
    GgufBytes pad(int alignment) {
        while (out.size() % alignment != 0) {
            out.write(0);
        }
        return this;
    }

    /** So many float32, 0, 1, 2, ... */
    GgufBytes floats(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat(i);
        }
        out.writeBytes(bytes.array());
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
