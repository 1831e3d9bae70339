package tilewright.model.tensor;

import java.io.IOException;
import java.nio.file.Path;

/** A file or folder under a temporary name, which is gone when it is closed, and when the process is interrupted before that. */
public final class PartialOutput implements AutoCloseable {
    private final Path path;
    private final Thread hook;

    /** Answers for a name, under which nothing needs to be yet. */
    public PartialOutput(Path path) {
        this.path = path;
        this.hook = new Thread(this::discard, "remove " + path.getFileName());
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and writes its last things.
        }
    }

    private void discard() {
        try {
            AtomicFolder.delete(path);
        } catch (IOException e) {
            // Nobody is left to be told; the name says that it is partial.
        }
    }

    /**
     * Deletes what is still there under the name; nothing where it was moved.
     *
     * @throws IOException if it cannot be deleted
     */
    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is running, or about to.
        }
        AtomicFolder.delete(path);
    }
}
