package tilewright.model.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The files under {@code formats} in the test resources; their README says where they are from. */
final class ReferenceBlocks {
    private ReferenceBlocks() {}

    static byte[] bytes(String name) throws IOException {
        try (InputStream in = ReferenceBlocks.class.getResourceAsStream("/formats/" + name)) {
            return in.readAllBytes();
        }
    }

    static float[] floats(String name) throws IOException {
        byte[] bytes = bytes(name);
        float[] values = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }
}
