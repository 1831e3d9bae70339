package tilewright.model.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPOutputStream;

/** Idx files put together by hand. */
final class IdxBytes {
    private IdxBytes() {}

    /** A file of the given element type and extents, followed by bytes 0, 1, 2 ... */
    static byte[] file(int type, int[] extents, int dataBytes) {
        ByteBuffer file = ByteBuffer.allocate(4 + 4 * extents.length + dataBytes);
        file.put((byte) 0).put((byte) 0).put((byte) type).put((byte) extents.length);
        for (int extent : extents) {
            file.putInt(extent);
        }
        for (int i = 0; i < dataBytes; i++) {
            file.put((byte) i);
        }
        return file.array();
    }

    static byte[] gzipped(byte[] content) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }
}
