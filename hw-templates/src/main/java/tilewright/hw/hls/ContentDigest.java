package tilewright.hw.hls;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import tilewright.hw.program.LinearParameters;

/** Names data by what it holds, so that layers which tasks share are stored once. */
final class ContentDigest {
    private final MessageDigest digest;

    ContentDigest() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    ContentDigest add(Object description) {
        digest.update(description.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        digest.update((byte) 0);
        return this;
    }

    ContentDigest addWeights(List<LinearParameters> layers) {
        for (LinearParameters layer : layers) {
            add(layer.outputs() + "x" + layer.inputs());
            short[] weights = layer.weights();
            ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
            for (int start = 0; start < weights.length; start += bytes.capacity() / Short.BYTES) {
                int count = Math.min(bytes.capacity() / Short.BYTES, weights.length - start);
                bytes.asShortBuffer().put(weights, start, count);
                digest.update(bytes.array(), 0, count * Short.BYTES);
            }
        }
        return this;
    }

    ContentDigest addBytes(byte[] bytes) {
        digest.update(bytes);
        return this;
    }

    String finish() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
