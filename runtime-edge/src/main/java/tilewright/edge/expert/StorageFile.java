package tilewright.edge.expert;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import tilewright.edge.probe.DirectFiles;
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
        try {
            Optional<FileChannel> direct = DirectFiles.open(file);
            return direct.isPresent()
                    ? new Opened(direct.get(), true)
                    : new Opened(new DroppingChannel(file, FileChannel.open(file, StandardOpenOption.READ)), false);
        } catch (IOException e) {
            throw new InvalidInputException(file + ": cannot be read (" + e + ")", e);
        }
    }
}
