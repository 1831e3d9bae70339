package tilewright.edge.expert;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Pieces of files that lanes are to read, what is demanded before what is guessed, and the lanes that sleep until there is one; safe for
 * use by several threads.
 *
 * <p>Whoever adds pieces wakes as many lanes, and each finds its own at once: where they came out of one lock's queue, one after the
 * other, the last of six began to read half a millisecond after the first.
 */
final class PieceQueue {
    /** One record on its way into memory. */
    abstract static class Load {
        private int left;
        private boolean demanded;
        private Throwable failure;
        private volatile long bytesRead;

        /** Bytes that have been read for it. */
        long bytesRead() {
            return bytesRead;
        }

        /**
         * Takes in some of what is read, in a lane's thread, without any lock.
         *
         * @param from where it begins in the slot
         */
        abstract void arrived(long from, long bytes);

        /** Checks and opens what was read, in a lane's thread, without any lock. */
        abstract void open();

        /**
         * Ends the load, under the lock of the cache.
         *
         * @param failure null when all went well
         */
        abstract void ended(Throwable failure);
    }

    /** @param at where it goes in the slot */
    record Piece(Load load, FileChannel channel, long offset, int bytes, long at, MemorySegment slot) {}

    /**
     * A piece that a lane reads now.
     *
     * @param needed whether somebody waited for it when that began
     * @param failure what an earlier piece of the same load met, so that this one need not be read; null for nothing
     */
    record Turn(Piece piece, boolean needed, Throwable failure) {}

    /** Why a load ends that nobody wants any more. */
    private static final class Cancelled extends IOException {
        private static final long serialVersionUID = 1;

        private Cancelled() {
            super("it was not needed any more");
        }
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

    private final Thread[] asleep;
    private final Deque<Piece> demanded = new ArrayDeque<>();
    private final Deque<Piece> guessed = new ArrayDeque<>();
    private final BusyTime busy = new BusyTime();
    private final BusyTime neededBusy = new BusyTime();
    private int open;
    private int guessing;
    private long bytesRead;
    private boolean closed;

    /**
     * An empty queue.
     *
     * @param most lanes at most
     * @param open lanes that get pieces, for now
     */
    PieceQueue(int most, int open) {
        this.asleep = new Thread[most];
        this.open = open;
    }

    /** Lanes that get pieces. */
    synchronized int open() {
        return open;
    }

    /** Lets so many lanes get pieces from now on. */
    synchronized void open(int lanes) {
        open = lanes;
        wake(asleep.length);
    }

    /** Whether nothing waits to be read. */
    synchronized boolean drained() {
        return demanded.isEmpty() && guessed.isEmpty();
    }

    /** Bytes that were read. */
    synchronized long bytesRead() {
        return bytesRead;
    }

    /** Time in which at least one lane was reading. */
    synchronized long busyNanos() {
        return busy.nanos();
    }

    /** Time in which at least one lane was reading what somebody waited for. */
    synchronized long neededNanos() {
        return neededBusy.nanos();
    }

    /** Adds all pieces of a load. */
    synchronized void add(Load load, List<Piece> pieces, boolean demand) {
        load.left = pieces.size();
        load.demanded = demand;
        (demand ? demanded : guessed).addAll(pieces);
        wake(demand ? pieces.size() : Math.min(pieces.size(), guessLanes() - guessing));
    }

    /** Puts what is left of a guessed load before all guesses. */
    synchronized void demand(Load load) {
        if (!load.demanded) {
            load.demanded = true;
            int before = demanded.size();
            guessed.removeIf(piece -> piece.load() == load && demanded.add(piece));
            wake(demanded.size() - before);
        }
    }

    /**
     * Gives up a guessed load of which something is still to come; what is being read of it is finished first.
     *
     * @return what it ends with when nothing is; null when a lane will end it
     */
    synchronized Throwable cancel(Load load) {
        if (load.demanded || load.left == 0) {
            return null;
        }
        int before = guessed.size();
        guessed.removeIf(piece -> piece.load() == load);
        load.left -= before - guessed.size();
        load.failure = load.failure == null ? new Cancelled() : load.failure;
        return load.left == 0 ? load.failure : null;
    }

    /**
     * The next piece for the lane that calls: guesses may keep only half of the lanes busy, so that what is needed finds one free.
     *
     * @return null when there is none; then the lane is to {@link #sleep} and to ask again
     */
    synchronized Turn begin(int lane) {
        Piece piece = null;
        boolean guess = demanded.isEmpty();
        if (lane < open && (!guess || guessing < guessLanes())) {
            piece = guess ? guessed.poll() : demanded.poll();
        }
        asleep[lane] = piece == null ? Thread.currentThread() : null;
        if (piece == null) {
            return null;
        }
        busy.begin();
        if (guess) {
            guessing++;
        } else {
            neededBusy.begin();
        }
        return new Turn(piece, !guess, piece.load().failure);
    }

    /** Lets a lane that was given nothing sleep until there may be something, or until the lanes are to end. */
    void sleep() {
        // Whoever closed the queue before the lane had asked did not know that it would sleep.
        if (!closed()) {
            LockSupport.park(this);
        }
    }

    /** A lane has read a piece, or failed to. */
    synchronized void end(Turn turn, boolean filled) {
        busy.end();
        if (turn.needed()) {
            neededBusy.end();
        } else {
            guessing--;
        }
        if (filled) {
            bytesRead += turn.piece().bytes();
            turn.piece().load().bytesRead += turn.piece().bytes();
        }
    }

    /**
     * A piece was taken in, or there is a reason why not.
     *
     * @param failure null for none
     * @return whether it was its load's last
     */
    synchronized boolean settle(Load load, Throwable failure) {
        if (load.failure == null) {
            load.failure = failure;
        }
        return --load.left == 0;
    }

    /** What the first piece that failed met; null for none. */
    synchronized Throwable failure(Load load) {
        return load.failure;
    }

    /** Ends the lanes: wakes all that sleep. */
    synchronized void close() {
        closed = true;
        open = asleep.length;
        wake(asleep.length);
    }

    /** Whether the lanes are to end. */
    synchronized boolean closed() {
        return closed;
    }

    private int guessLanes() {
        return Math.max(1, open / 2);
    }

    private void wake(int most) {
        int left = most;
        for (int lane = 0; lane < open && left > 0; lane++) {
            if (asleep[lane] != null) {
                LockSupport.unpark(asleep[lane]);
                asleep[lane] = null;
                left--;
            }
        }
    }
}
