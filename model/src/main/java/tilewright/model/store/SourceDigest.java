package tilewright.model.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/** Tells models from each other without reading all of them: a SHA-256 of what is said about tensors and of samples. */
public final class SourceDigest {
    /** What the digest is taken of, for people. */
    public static final String COVERS =
            "configuration; name, type and shape of every tensor; the elements of tensors of up to"
                    + " 64 KiB, of larger ones 4 KiB at the begin, in the middle and at the end";

    private static final long WHOLE = 64 << 10;
    private static final long SAMPLE = 4 << 10;

    private SourceDigest() {}

    /**
     * The digest of a model.
     *
     * @param configuration what else decides what it computes, as text
     * @param tensors its tensors, none of them absent
     * @return 64 hexadecimal digits
     */
    public static String of(String configuration, TensorSource tensors) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        text(digest, configuration);
        for (String name : tensors.names()) {
            TensorInfo info = tensors.info(name);
            text(digest, name);
            text(digest, info.dtype().label() + info.shape());
            MemorySegment bytes = tensors.bytes(name);
            long size = bytes.byteSize();
            if (size <= WHOLE) {
                digest.update(bytes.toArray(ValueLayout.JAVA_BYTE));
            } else {
                for (long at : new long[] {0, size / 2, size - SAMPLE}) {
                    digest.update(bytes.asSlice(at, SAMPLE).toArray(ValueLayout.JAVA_BYTE));
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A text and, before it, its length, so that neighbours cannot be taken for each other. */
    private static void text(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(bytes);
    }
}
