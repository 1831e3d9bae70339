package tilewright.model.tensor;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes files under a temporary name and moves them in place when they are complete. */
public final class AtomicFile {
    private AtomicFile() {}

    /** What fills the file. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything, from position 0 on. */
        void writeTo(FileChannel channel) throws IOException;
    }

    /** What fills the file and knows its temporary name. */
    @FunctionalInterface
    public interface NamedContent {
        /** Writes everything, from position 0 on. */
        void writeTo(Path temporary, FileChannel channel) throws IOException;
    }

    /**
     * Creates or replaces {@code file}; if {@code content} throws or the process is interrupted, nothing is left and an older file stays as it was.
     *
     * @throws IOException if the folder does not exist or cannot be written
     */
    public static void write(Path file, Content content) throws IOException {
        write(file, (_, channel) -> content.writeTo(channel));
    }

    /** As above. */
    public static void write(Path file, NamedContent content) throws IOException {
        Path target = file.toAbsolutePath();
        Path partial = target.resolveSibling(
                "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".partial");
        try (PartialOutput _ = new PartialOutput(partial)) {
            try (FileChannel channel = FileChannel.open(
                    partial,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                content.writeTo(partial, channel);
                // A name that lasts longer than what it names would be a damaged file after a power cut.
                channel.force(true);
            }
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
