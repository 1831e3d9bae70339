package tilewright.model.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import tilewright.model.InvalidInputException;

/** Reads a mapped file from front to back; every read is checked against the file's end, and failures name the byte. */
final class GgufCursor {
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** How messages about damage end. */
    static final String AGAIN = "; the file is damaged, fetch it again";

    private final Path file;
    private final MemorySegment bytes;
    private long at;

    /** A cursor at the start of a whole mapped file. */
    GgufCursor(Path file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /** The position of the next read, in bytes from the start of the file. */
    long at() {
        return at;
    }

    /** How many bytes follow. */
    long left() {
        return bytes.byteSize() - at;
    }

    /** A 32-bit integer, unsigned ones as they are. */
    int int32(Supplier<String> what) {
        require(Integer.BYTES, what);
        int value = bytes.get(INT, at);
        at += Integer.BYTES;
        return value;
    }

    /** A 64-bit integer, unsigned ones as they are. */
    long int64(Supplier<String> what) {
        require(Long.BYTES, what);
        long value = bytes.get(LONG, at);
        at += Long.BYTES;
        return value;
    }

    /**
     * A 64-bit count of things that take at least {@code least} bytes each of what follows.
     *
     * @param what names what is counted, for the message
     */
    long count(long least, Supplier<String> what) {
        long start = at;
        long count = int64(() -> "the number of " + what.get());
        if (count < 0 || count > left() / least) {
            throw failure(
                    start,
                    "says " + Long.toUnsignedString(count) + " " + what.get() + ", but only " + left()
                            + " bytes follow");
        }
        return count;
    }

    /** Passes over bytes. */
    void skip(long count, Supplier<String> what) {
        require(count, what);
        at += count;
    }

    /** Passes over a string: 8 bytes length and as many bytes. */
    void skipString(Supplier<String> what) {
        long start = at;
        long length = int64(() -> "the length of " + what.get());
        requireString(start, length, what);
        at += length;
    }

    /** A string that must be UTF-8, of at most {@code limit} bytes and not empty. */
    String name(int limit, Supplier<String> what) {
        long start = at;
        long length = int64(() -> "the length of " + what.get());
        requireString(start, length, what);
        if (length == 0 || length > limit) {
            throw failure(start, what.get() + " has " + length + " bytes, expected 1 to " + limit);
        }
        String text = utf8(bytes.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE))
                .orElseThrow(() -> failure(start, what.get() + " is not UTF-8"));
        at += length;
        return text;
    }

    private void requireString(long start, long length, Supplier<String> what) {
        if (length < 0 || length > left()) {
            throw failure(
                    start,
                    what.get() + " has a length of " + Long.toUnsignedString(length) + ", but only " + left()
                            + " bytes follow");
        }
    }

    private void require(long count, Supplier<String> what) {
        if (count < 0 || count > left()) {
            throw failure(at, "expected " + count + " bytes of " + what.get() + ", but only " + left() + " follow");
        }
    }

    /** The failure at a byte of this file. */
    InvalidInputException failure(long where, String problem) {
        return new InvalidInputException(file + ": at byte " + where + ": " + problem + AGAIN);
    }

    /** The text, or empty where the bytes are not UTF-8. */
    static Optional<String> utf8(byte[] utf8) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
