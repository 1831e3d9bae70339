package tilewright.edge.expert;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;

/**
 * Threads that read pieces of files into memory: what is demanded first, guesses after it; parked while there is nothing to do.
 *
 * <p>Called under the lock of the cache that they read for.
 */
final class ReadLanes implements AutoCloseable {
    /** Most lanes. */
    static final int MOST = 8;

    private static final int LEAST_PIECE = 256 << 10;

    private final Lock lock;
    /** The files' sizes when they were opened. */
    private final Map<FileChannel, Long> sizes;

    private final Runnable refill;
    private final Thread[] threads = new Thread[MOST];
    private final PieceQueue queue;

    /**
     * Lanes, to be opened when the first piece comes.
     *
     * @param lock of the cache
     * @param sizes of all files that are read
     * @param refill called under the lock, in a lane's thread, when it finds nothing to read
     * @param lanes how many read at a time, 1 to {@link #MOST}
     */
    ReadLanes(Lock lock, Map<FileChannel, Long> sizes, Runnable refill, int lanes) {
        this.refill = refill;
        this.sizes = sizes;
        this.lock = lock;
        this.queue = new PieceQueue(MOST, lanes);
    }

    /** How many read at a time. */
    int lanes() {
        return queue.open();
    }

    /** Lets so many read at a time from now on. */
    void lanes(int lanes) {
        queue.open(lanes);
    }

    /** Whether nothing waits to be read. */
    boolean drained() {
        return queue.drained();
    }

    /** Bytes that were read. */
    long bytesRead() {
        return queue.bytesRead();
    }

    /** Time in which at least one lane was reading. */
    long busyNanos() {
        return queue.busyNanos();
    }

    /** Time in which at least one lane was reading what somebody waited for. */
    long neededNanos() {
        return queue.neededNanos();
    }

    /**
     * Reads a record.
     *
     * @param to takes the extents at their places
     */
    void start(PieceQueue.Load load, List<ExpertRecords.Extent> extents, MemorySegment to, boolean demand) {
        int open = queue.open();
        List<PieceQueue.Piece> pieces = new ArrayList<>();
        int[] counts = counts(extents, open);
        for (int i = 0; i < counts.length; i++) {
            ExpertRecords.Extent extent = extents.get(i);
            int part = (int) SlotArena.rounded(Math.ceilDiv(extent.bytes(), counts[i]));
            for (int at = 0; at < extent.bytes(); at += part) {
                int here = Math.min(part, extent.bytes() - at);
                pieces.add(new PieceQueue.Piece(
                        load, extent.channel(), extent.offset() + at, here, extent.at() + (long) at, to));
            }
        }
        queue.add(load, pieces, demand);
        for (int lane = 0; lane < open; lane++) {
            if (threads[lane] == null) {
                int number = lane;
                threads[lane] =
                        Thread.ofPlatform().daemon().name("expert-lane-" + lane).start(() -> run(number));
            }
        }
    }

    /**
     * In how many pieces each extent is read: as many as lanes are open in all, so that none goes another way while the others
     * wait, the largest piece as small as that allows.
     */
    private static int[] counts(List<ExpertRecords.Extent> extents, int open) {
        int[] counts = new int[extents.size()];
        Arrays.fill(counts, 1);
        for (int pieces = counts.length; pieces < open; pieces++) {
            int largest = 0;
            for (int i = 1; i < counts.length; i++) {
                if ((long) extents.get(i).bytes() * counts[largest]
                        > (long) extents.get(largest).bytes() * counts[i]) {
                    largest = i;
                }
            }
            if (extents.get(largest).bytes() < (counts[largest] + 1) * LEAST_PIECE) {
                break;
            }
            counts[largest]++;
        }
        return counts;
    }

    /** Puts what is left of a guessed record before all guesses. */
    void demand(PieceQueue.Load load) {
        queue.demand(load);
    }

    /** Gives up a guessed record of which something is still to come; it ends when what is being read of it is there. */
    void cancel(PieceQueue.Load load) {
        Throwable cancelled = queue.cancel(load);
        if (cancelled != null) {
            load.ended(cancelled);
        }
    }

    private void run(int lane) {
        while (!queue.closed()) {
            PieceQueue.Turn turn = queue.begin(lane);
            if (turn == null && queue.drained()) {
                lock.lock();
                try {
                    refill.run();
                } finally {
                    lock.unlock();
                }
                turn = queue.begin(lane);
            }
            if (turn == null) {
                queue.sleep();
            } else {
                read(turn);
            }
        }
    }

    private void read(PieceQueue.Turn turn) {
        PieceQueue.Piece piece = turn.piece();
        PieceQueue.Load load = piece.load();
        Throwable failure = turn.failure();
        boolean filled = false;
        try {
            if (failure == null) {
                fill(piece);
                filled = true;
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
        queue.end(turn, filled);
        try {
            if (filled) {
                load.arrived(piece.at(), piece.bytes());
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        if (queue.settle(load, failure)) {
            finish(load);
        }
    }

    private void finish(PieceQueue.Load load) {
        Throwable failure = queue.failure(load);
        if (failure == null) {
            try {
                load.open();
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
        lock.lock();
        try {
            load.ended(failure);
        } finally {
            lock.unlock();
        }
    }

    /** Reads a piece whole; at the end of the file what there was of it when it was opened. */
    private void fill(PieceQueue.Piece piece) throws IOException {
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

    /** Ends the threads; what they are reading is finished first. Called without the lock. */
    @Override
    public void close() {
        queue.close();
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
