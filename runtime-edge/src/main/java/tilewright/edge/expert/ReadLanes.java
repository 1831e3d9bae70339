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
        private long bytesRead;

        /** Bytes that have been read for it. */
        long bytesRead() {
            return bytesRead;
        }

        /**
         * Takes in some of what is read, in a lane's thread, without the lock.
         *
         * @param from where it begins in the slot
         */
        abstract void arrived(long from, long bytes);

        /** Checks and opens what was read, in a lane's thread, without the lock. */
        abstract void open();

        /**
         * Ends the load, under the lock.
         *
         * @param failure null when all went well
         */
        abstract void ended(Throwable failure);
    }

    /** Why a load ends that nobody wants any more. */
    private static final class Cancelled extends IOException {
        private static final long serialVersionUID = 1;

        private Cancelled() {
            super("it was not needed any more");
        }
    }

    /** @param at where it goes in the slot */
    private record Piece(Load load, FileChannel channel, long offset, int bytes, long at, MemorySegment slot) {}

    private final ReentrantLock lock;
    private final Condition work;
    /** The files' sizes when they were opened. */
    private final Map<FileChannel, Long> sizes;

    private final Runnable refill;
    private final Thread[] threads = new Thread[MOST];
    private final Deque<Piece> demanded = new ArrayDeque<>();
    private final Deque<Piece> guessed = new ArrayDeque<>();
    private final BusyTime busy = new BusyTime();
    private final BusyTime neededBusy = new BusyTime();
    private int open;
    private int guessing;
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
        return busy.nanos();
    }

    /** Time in which at least one lane was reading what somebody waited for. */
    long neededNanos() {
        return neededBusy.nanos();
    }

    /** How long at least one of several was at work. */
    private static final class BusyTime {
        private int working;
        private long since;
        private long nanos;

        private void begin() {
            if (working++ == 0) {
                since = System.nanoTime();
            }
        }

        private void end() {
            if (--working == 0) {
                nanos += System.nanoTime() - since;
            }
        }

        private long nanos() {
            return nanos + (working > 0 ? System.nanoTime() - since : 0);
        }
    }

    /**
     * Reads a record.
     *
     * @param to takes the extents at their places
     */
    void start(Load load, List<ExpertRecords.Extent> extents, MemorySegment to, boolean demand) {
        long bytes = extents.stream().mapToLong(ExpertRecords.Extent::bytes).sum();
        load.demanded = demand;
        int chunk = (int) Math.max(LEAST_PIECE, SlotArena.rounded(Math.ceilDiv(bytes, open)));
        List<Piece> pieces = new ArrayList<>();
        for (ExpertRecords.Extent extent : extents) {
            int count = Math.max(1, Math.round((float) extent.bytes() / chunk));
            int part = (int) SlotArena.rounded(Math.ceilDiv(extent.bytes(), count));
            for (int at = 0; at < extent.bytes(); at += part) {
                int here = Math.min(part, extent.bytes() - at);
                pieces.add(new Piece(load, extent.channel(), extent.offset() + at, here, extent.at() + (long) at, to));
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

    /** Gives up a guessed record of which something is still to come; it ends when what is being read of it is there. */
    void cancel(Load load) {
        if (!load.demanded && load.left > 0) {
            int before = guessed.size();
            guessed.removeIf(piece -> piece.load() == load);
            load.left -= before - guessed.size();
            load.failure = load.failure == null ? new Cancelled() : load.failure;
            if (load.left == 0) {
                load.ended(load.failure);
            }
        }
    }

    /** The next piece for a lane: guesses may keep only half of the lanes busy, so that what is needed finds one free. */
    private Piece next(int lane) {
        if (lane >= open) {
            return null;
        }
        if (!demanded.isEmpty()) {
            return demanded.poll();
        }
        return guessing < Math.max(1, open / 2) ? guessed.poll() : null;
    }

    private void run(int lane) {
        lock.lock();
        try {
            while (!closed) {
                if (drained()) {
                    refill.run();
                }
                Piece piece = next(lane);
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
        Load load = piece.load();
        boolean needed = load.demanded;
        busy.begin();
        if (needed) {
            neededBusy.begin();
        } else {
            guessing++;
        }
        Throwable failure = load.failure;
        boolean filled = false;
        lock.unlock();
        try {
            if (failure == null) {
                fill(piece);
                filled = true;
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        } finally {
            lock.lock();
        }
        busy.end();
        if (needed) {
            neededBusy.end();
        } else {
            guessing--;
        }
        if (filled) {
            bytesRead += piece.bytes();
            load.bytesRead += piece.bytes();
            failure = takeIn(piece);
        }
        if (failure != null && load.failure == null) {
            load.failure = failure;
        }
        if (--load.left == 0) {
            finish(load);
        }
    }

    private Throwable takeIn(Piece piece) {
        lock.unlock();
        try {
            piece.load().arrived(piece.at(), piece.bytes());
            return null;
        } catch (RuntimeException | Error e) {
            return e;
        } finally {
            lock.lock();
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
        ByteBuffer buffer = piece.slot().asSlice(piece.at(), piece.bytes()).asByteBuffer();
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
