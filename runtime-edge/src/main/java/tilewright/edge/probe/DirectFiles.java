package tilewright.edge.probe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * Opens files so that reads go past the page cache: they then leave no trace in memory and cost no copy.
 *
 * <p>Offsets, lengths and addresses of such reads must be multiples of {@link #ALIGNMENT}.
 */
public final class DirectFiles {
    /** What offsets, lengths and addresses of direct reads must be multiples of. */
    public static final int ALIGNMENT = 4096;

    private DirectFiles() {}

    /** The JDK's option for direct reads, which is in no standard package. */
    private static final class Option {
        static final Optional<OpenOption> DIRECT = find();

        private static Optional<OpenOption> find() {
            try {
                Object[] constants =
                        Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants();
                return Arrays.stream(constants)
                        .filter(constant -> constant.toString().equals("DIRECT"))
                        .map(OpenOption.class::cast)
                        .findFirst();
            } catch (ClassNotFoundException e) {
                return Optional.empty();
            }
        }
    }

    /**
     * Opens a file for direct reads; empty when its file system, or this JVM, has none.
     *
     * @throws IOException when it cannot be read at all
     */
    public static Optional<FileChannel> open(Path file) throws IOException {
        if (Option.DIRECT.isEmpty()) {
            return Optional.empty();
        }
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ, Option.DIRECT.get());
        } catch (IOException | UnsupportedOperationException e) {
            // Whether the file is there at all is the caller's next question.
            FileChannel.open(file, StandardOpenOption.READ).close();
            return Optional.empty();
        }
        try {
            // Some file systems refuse the first read and not the opening.
            channel.read(
                    ByteBuffer.allocateDirect(2 * ALIGNMENT)
                            .alignedSlice(ALIGNMENT)
                            .limit(ALIGNMENT),
                    0);
            return Optional.of(channel);
        } catch (IOException e) {
            channel.close();
            return Optional.empty();
        }
    }
}
