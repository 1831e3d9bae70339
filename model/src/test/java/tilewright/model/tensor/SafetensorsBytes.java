package tilewright.model.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Safetensors files put together by hand, so that no test trusts the writer. */
final class SafetensorsBytes {
    private SafetensorsBytes() {}

    /** A file with this header and {@code dataBytes} bytes 0, 1, 2 ... behind it. */
    static byte[] file(String json, int dataBytes) {
        byte[] data = new byte[dataBytes];
        for (int i = 0; i < dataBytes; i++) {
            data[i] = (byte) i;
        }
        return file(json, data);
    }

    /** A file with this header and data. */
    static byte[] file(String json, byte[] data) {
        byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
        return withLength(utf8.length, utf8, data);
    }

    /** A file that claims a header length of its own. */
    static byte[] withLength(long length, byte[] header, byte[] data) {
        return ByteBuffer.allocate(8 + header.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(header)
                .put(data)
                .array();
    }

    /** A header entry, without braces around it. */
    static String tensor(String name, String dtype, String shape, long begin, long end) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                .formatted(name, dtype, shape, begin, end);
    }
}
