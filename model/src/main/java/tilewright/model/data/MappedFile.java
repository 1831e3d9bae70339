package tilewright.model.data;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import tilewright.model.InvalidInputException;

/** Brings the bytes of a file, packed or not, within reach without trusting the sizes it claims. */
final class MappedFile {
    private static final int MAX_UNPACKED_BYTES = Integer.MAX_VALUE - 64;

    /** Deflate cannot expand by more than 1032; the slack is for empty blocks and headers. */
    private static final long MAX_DEFLATE_RATIO = 1032;

    private static final long DEFLATE_SLACK_BYTES = 4096;

    private MappedFile() {}

    /** Maps a whole file, read-only; unmapped when no longer reachable. */
    static MemorySegment map(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
        } catch (IOException e) {
            throw unreadable(file.toString(), e);
        }
    }

    /**
     * Unpacks exactly {@code bytes} bytes from a deflated stream.
     *
     * @param place the file and the part of it, for messages
     * @param packedBytes the size of the packed form, which bounds what is allocated
     */
    static byte[] unpack(String place, InputStream in, long bytes, long packedBytes) throws IOException {
        if (bytes > MAX_UNPACKED_BYTES) {
            throw new InvalidInputException(
                    place + ": " + bytes + " bytes exceed the limit of " + MAX_UNPACKED_BYTES + "; split the data set");
        }
        if (bytes > packedBytes * MAX_DEFLATE_RATIO + DEFLATE_SLACK_BYTES) {
            throw new InvalidInputException(place + ": claims " + bytes + " bytes, but its " + packedBytes
                    + " packed bytes cannot hold so many; the file is damaged, fetch it again");
        }
        byte[] unpacked = new byte[(int) bytes];
        int length = in.readNBytes(unpacked, 0, unpacked.length);
        if (length < unpacked.length) {
            throw new InvalidInputException(place + ": holds " + length + " bytes, expected " + bytes
                    + "; the file was cut short, fetch it again");
        }
        if (in.read() >= 0) {
            throw new InvalidInputException(
                    place + ": holds more than the expected " + bytes + " bytes; the file is damaged, fetch it again");
        }
        return unpacked;
    }

    /** What to throw when the operating system or an unpacker gives up. */
    static InvalidInputException unreadable(String place, Exception cause) {
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new InvalidInputException(
                place + ": cannot be read (" + reason + "); the file is damaged or not accessible", cause);
    }
}
