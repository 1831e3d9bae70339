package tilewright.edge.expert;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A file whose reads at positions go through {@link #read(ByteBuffer, long)}; it can do nothing else. */
abstract class ReadingChannel extends FileChannel {
    private final FileChannel file;

    /** Reads this file, which it closes. */
    ReadingChannel(FileChannel file) {
        this.file = file;
    }

    /** The file itself. */
    FileChannel file() {
        return file;
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    protected void implCloseChannel() throws IOException {
        file.close();
    }

    private static UnsupportedOperationException refused() {
        return new UnsupportedOperationException("this channel only reads at positions");
    }

    @Override
    public int read(ByteBuffer to) {
        throw refused();
    }

    @Override
    public long read(ByteBuffer[] to, int first, int count) {
        throw refused();
    }

    @Override
    public int write(ByteBuffer from) {
        throw refused();
    }

    @Override
    public long write(ByteBuffer[] from, int first, int count) {
        throw refused();
    }

    @Override
    public int write(ByteBuffer from, long position) {
        throw refused();
    }

    @Override
    public long position() {
        throw refused();
    }

    @Override
    public FileChannel position(long position) {
        throw refused();
    }

    @Override
    public FileChannel truncate(long size) {
        throw refused();
    }

    @Override
    public void force(boolean metadata) {
        throw refused();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
        throw refused();
    }

    @Override
    public long transferFrom(ReadableByteChannel from, long position, long count) {
        throw refused();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw refused();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw refused();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
        throw refused();
    }
}
