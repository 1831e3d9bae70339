package tilewright.edge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A file whose reads and writes may fail as a {@link Fault} says. */
final class FaultyFile extends FileChannel {
    /** Decides what happens to a read or write. */
    interface Fault {
        /**
         * Called before each.
         *
         * @param bytes how many bytes are to be moved
         * @return how many may be moved
         * @throws IOException instead of moving any
         */
        int before(boolean write, int bytes) throws IOException;

        /** Called after each. */
        default void after(boolean write) throws IOException {}
    }

    private final FileChannel file;
    private final Fault fault;

    FaultyFile(FileChannel file, Fault fault) {
        this.file = file;
        this.fault = fault;
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
        ByteBuffer part = to.slice(to.position(), fault.before(false, to.remaining()));
        int read = part.hasRemaining() ? file.read(part, position) : 0;
        to.position(to.position() + Math.max(0, read));
        fault.after(false);
        return read;
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
        ByteBuffer part = from.slice(from.position(), fault.before(true, from.remaining()));
        int written = part.hasRemaining() ? file.write(part, position) : 0;
        from.position(from.position() + written);
        fault.after(true);
        return written;
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        fault.before(true, 0);
        file.truncate(size);
        return this;
    }

    @Override
    public void force(boolean metadata) throws IOException {
        fault.before(true, 0);
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        return file.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        file.close();
    }

    @Override
    public int read(ByteBuffer to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] to, int first, int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer from) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] from, int first, int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel position(long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel from, long position, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }
}
