package tilewright.edge.expert;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import tilewright.edge.matrix.WeightMemory;
import tilewright.model.InvalidInputException;

/**
 * Opens files for reads that go past the system's cache of files.
 *
 * <p>Where a file system refuses that, reads go through the cache and their pages are dropped from it afterwards.
 */
public final class StorageFile {
    private StorageFile() {}

    /**
     * A file, and whether its reads are direct.
     *
     * @param channel the file
     * @param direct false where the file system refused
     */
    public record Opened(FileChannel channel, boolean direct) {}

    /**
     * Opens a file.
     *
     * @throws InvalidInputException when it is not there or cannot be read
     */
    public static Opened open(Path file) {
        FileChannel direct = null;
        try {
            direct = FileChannel.open(file, StandardOpenOption.READ, direct());
            MemorySegment page = WeightMemory.pages(SlotArena.PAGE);
            direct.read(page.asByteBuffer(), 0);
            return new Opened(direct, true);
        } catch (IOException | UnsupportedOperationException refused) {
            closeQuietly(direct);
        }
        try {
            return new Opened(new DroppingChannel(file, FileChannel.open(file, StandardOpenOption.READ)), false);
        } catch (IOException e) {
            throw new InvalidInputException(file + ": cannot be read (" + InvalidInputException.reason(e) + ")", e);
        }
    }

    /** The JDK's option for direct reads, which it keeps outside of its standard modules. */
    private static OpenOption direct() {
        try {
            for (Object option :
                    Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
                if (option instanceof OpenOption found && option.toString().equals("DIRECT")) {
                    return found;
                }
            }
        } catch (ClassNotFoundException e) {
            throw new UnsupportedOperationException("this JDK has no direct reads", e);
        }
        throw new UnsupportedOperationException("this JDK has no direct reads");
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // It was only tried.
        }
    }
}
