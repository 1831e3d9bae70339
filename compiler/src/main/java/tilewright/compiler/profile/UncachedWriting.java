package tilewright.compiler.profile;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import tilewright.edge.expert.FileCache;
import tilewright.model.tensor.SafetensorsWriter;

/** Keeps a large file that is written out of the system's cache of files, which counts as memory. */
final class UncachedWriting implements SafetensorsWriter.Written {
    private static final long MOST_CACHED = 32L << 20;

    private long dropped;

    @Override
    public void upTo(Path temporary, FileChannel channel, long bytes) throws IOException {
        if (bytes - dropped >= MOST_CACHED) {
            // Only what the storage has can be dropped.
            channel.force(false);
            try (FileCache pages = FileCache.of(temporary)) {
                pages.drop(0, 0);
            }
            dropped = bytes;
        }
    }
}
