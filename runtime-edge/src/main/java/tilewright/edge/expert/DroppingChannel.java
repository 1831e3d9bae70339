package tilewright.edge.expert;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Reads through the system's cache of files and drops what was read from it. */
final class DroppingChannel extends ReadingChannel {
    private final FileCache cache;

    DroppingChannel(Path path, FileChannel file) {
        super(file);
        this.cache = FileCache.of(path);
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
        int read = file().read(to, position);
        if (read > 0) {
            cache.drop(position, read);
        }
        return read;
    }

    @Override
    protected void implCloseChannel() throws IOException {
        cache.close();
        super.implCloseChannel();
    }
}
