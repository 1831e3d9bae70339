package tilewright.edge.expert;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Threads that read pieces of files into memory: what is demanded first, guesses after it; parked while there is nothing to do.
 *
 * <p>All state is guarded by the lock of the cache that they read for.
 */
final class ReadLanes implements AutoCloseable {
    /** Most lanes. */
    static final int MOST = 8;

    private static final int LEAST_PIECE = 256 << 10;

    /** One record on its way into memory. */
    abstract static class Load {
        private int left;
        private boolean demanded;
        private Throwable failure;
        private long bytes;

        /** Bytes that are read for it. */
        long bytes() {
            return bytes;
        }

        /** Whether somebody waits for it. */
        boolean demanded() {
            return demanded;
        }

        /** Checks and opens what was read, in a lane's thread, without the lock. */
        abstract void open();

        /**
         * Ends the load, under the lock.
         *
         * @param failure null when all went well
         */
        abstract void ended(Throwable failure);
    }

    private record Piece(Load load, FileChannel channel, long offset, int bytes, MemorySegment to) {}

    private final ReentrantLock lock;
    private final Condition work;
    /** The files' sizes when they were opened. */
    private final Map<FileChannel, Long> sizes;

    private final Runnable refill;
    private final Thread[] threads = new Thread[MOST];
    private final Deque<Piece> demanded = new ArrayDeque<>();
    private final Deque<Piece> guessed = new ArrayDeque<>();
    private int open;
    private int reading;
    private long busySince;
    private long busyNanos;
    private long bytesRead;
    private boolean closed;

    /**
     * Lanes, to be opened when the first piece comes.
     *
     * @param sizes of all files that are read
     * @param refill called under the lock when a lane finds nothing to read
     * @param lanes how many read at a time, 1 to {@link #MOST}
     */
    ReadLanes(ReentrantLock lock, Map<FileChannel, Long> sizes, Runnable refill, int lanes) {
        this.refill = refill;
        this.sizes = sizes;
        this.lock = lock;
        this.work = lock.newCondition();
        this.open = lanes;
    }

    /** How many read at a time. */
    int lanes() {
        return open;
    }

    /** Lets so many read at a time from now on. */
    void lanes(int lanes) {
        open = lanes;
        work.signalAll();
    }

    /** Whether nothing is being read or waits to be. */
    boolean idle() {
        return reading == 0 && demanded.isEmpty() && guessed.isEmpty();
    }

    /** Whether nothing waits to be read. */
    boolean drained() {
        return demanded.isEmpty() && guessed.isEmpty();
    }

    /** Bytes that were read. */
    long bytesRead() {
        return bytesRead;
    }

    /** Time in which at least one lane was reading. */
    long busyNanos() {
        return busyNanos + (reading > 0 ? System.nanoTime() - busySince : 0);
    }

    /**
     * Reads a record.
     *
     * @param to takes the extents at their places
     */
    void start(Load load, List<ExpertRecords.Extent> extents, MemorySegment to, boolean demand) {
        long bytes = extents.stream().mapToLong(ExpertRecords.Extent::bytes).sum();
        load.bytes = bytes;
        load.demanded = demand;
        int chunk = (int) Math.max(LEAST_PIECE, SlotArena.rounded(Math.ceilDiv(bytes, open)));
        List<Piece> pieces = new ArrayList<>();
        for (ExpertRecords.Extent extent : extents) {
            int count = Math.max(1, Math.round((float) extent.bytes() / chunk));
            int part = (int) SlotArena.rounded(Math.ceilDiv(extent.bytes(), count));
            for (int at = 0; at < extent.bytes(); at += part) {
                int here = Math.min(part, extent.bytes() - at);
                pieces.add(new Piece(
                        load, extent.channel(), extent.offset() + at, here, to.asSlice(extent.at() + (long) at, here)));
            }
        }
        load.left = pieces.size();
        (demand ? demanded : guessed).addAll(pieces);
        for (int lane = 0; lane < open; lane++) {
            if (threads[lane] == null) {
                int number = lane;
                threads[lane] =
                        Thread.ofPlatform().daemon().name("expert-lane-" + lane).start(() -> run(number));
            }
        }
        work.signalAll();
    }

    /** Puts what is left of a guessed record before all guesses. */
    void demand(Load load) {
        if (!load.demanded) {
            load.demanded = true;
            guessed.removeIf(piece -> {
                if (piece.load() == load) {
                    demanded.add(piece);
                }
                return piece.load() == load;
            });
        }
    }

    private void run(int lane) {
        lock.lock();
        try {
            while (!closed) {
                if (drained()) {
                    refill.run();
                }
                Piece piece = lane >= open ? null : demanded.isEmpty() ? guessed.poll() : demanded.poll();
                if (piece == null) {
                    work.awaitUninterruptibly();
                } else {
                    read(piece);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void read(Piece piece) {
        if (reading++ == 0) {
            busySince = System.nanoTime();
        }
        Load load = piece.load();
        Throwable failure = load.failure;
        lock.unlock();
        try {
            if (failure == null) {
                fill(piece);
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        } finally {
            lock.lock();
        }
        if (--reading == 0) {
            busyNanos += System.nanoTime() - busySince;
        }
        bytesRead += piece.bytes();
        if (failure != null && load.failure == null) {
            load.failure = failure;
        }
        if (--load.left == 0) {
            finish(load);
        }
    }

    private void finish(Load load) {
        Throwable failure = load.failure;
        if (failure == null) {
            lock.unlock();
            try {
                load.open();
            } catch (RuntimeException | Error e) {
                failure = e;
            } finally {
                lock.lock();
            }
        }
        load.ended(failure);
    }

    /** Reads a piece whole; at the end of the file what there was of it when it was opened. */
    private void fill(Piece piece) throws IOException {
        long size = sizes.get(piece.channel());
        int needed = (int) Math.min(piece.bytes(), size - piece.offset());
        ByteBuffer buffer = piece.to().asByteBuffer();
        while (buffer.position() < needed) {
            int from = buffer.position();
            int read = piece.channel().read(buffer, piece.offset() + from);
            int whole = buffer.position() / SlotArena.PAGE * SlotArena.PAGE;
            if (buffer.position() < needed) {
                // Direct reads begin at whole pages.
                buffer.position(whole);
            }
            if (read <= 0 || buffer.position() <= from) {
                throw new IOException("a read of " + (needed - from) + " bytes at " + (piece.offset() + from) + " gave "
                        + Math.max(0, read) + "; the file had " + size + " bytes when it was opened and has "
                        + piece.channel().size() + " now");
            }
        }
    }

    /** Ends the threads; what they are reading is finished first. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread != null && thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
