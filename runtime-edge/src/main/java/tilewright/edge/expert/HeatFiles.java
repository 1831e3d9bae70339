package tilewright.edge.expert;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** What saving heat does with files; tests give one that dies, or whose disk loses power. */
interface HeatFiles {
    /** The file system. */
    HeatFiles REAL = new HeatFiles() {};

    /** Creates an empty file for writing, or empties it. */
    default FileChannel create(Path file) throws IOException {
        return FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    /** Writes some of what remains. */
    default void write(FileChannel file, ByteBuffer bytes) throws IOException {
        file.write(bytes);
    }

    /** Makes what was written last. */
    default void force(FileChannel file) throws IOException {
        file.force(true);
    }

    /** Gives a file the name of another, which it replaces, at once. */
    default void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Makes the names in a folder last, where the system can do that. */
    default void sync(Path folder) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(folder, StandardOpenOption.READ);
        } catch (IOException e) {
            // Windows opens no folders; names then last when the system writes them.
            return;
        }
        try (channel) {
            channel.force(true);
        }
    }

    /** Removes a file, if it is there. */
    default void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }
}
