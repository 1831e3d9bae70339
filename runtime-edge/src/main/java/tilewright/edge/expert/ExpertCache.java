package tilewright.edge.expert;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.WeightMemory;
import tilewright.model.InvalidInputException;

/**
 * Experts in memory, as many as fit: read when they are needed, or guessed while storage is idle; those that were used least
 * lately go first. Safe for use by several threads.
 */
final class ExpertCache implements AutoCloseable {
    /** Buffers that only what is needed may take. */
    private static final int STAGINGS_FOR_NEED = 2;
    /** Guesses may hold this part of the memory before they are used. */
    private static final int GUESS_SHARE = 4;

    /** A record on its way. */
    private final class Reading extends PieceQueue.Load {
        private final CachedExpert entry;
        private final ExpertRecords.Arrival arrival;
        private final MemorySegment staging;
        private final int level;
        private ExpertWeights.Expert opened;

        private Reading(
                CachedExpert entry, int level, MemorySegment slot, MemorySegment packed, MemorySegment staging) {
            this.entry = entry;
            this.level = level;
            this.arrival = records.arrival(entry.layer, entry.expert, level, slot, packed);
            this.staging = staging;
        }

        @Override
        void arrived(long from, long bytes) {
            arrival.arrived(from, bytes);
        }

        @Override
        void open() {
            opened = arrival.open();
        }

        @Override
        void ended(Throwable failure) {
            if (staging != null) {
                stagings.push(staging);
            }
            entry.reading = null;
            entry.readBytes += bytesRead();
            if (entry.upgrading) {
                // An upgrade that failed leaves what is there; the next use tries again.
                entry.upgrading = false;
                entry.pins--;
                if (failure == null) {
                    entry.matrices = opened;
                    entry.level = level;
                }
            } else if (failure == null) {
                entry.matrices = opened;
                entry.level = level;
                entry.state = CachedExpert.State.READY;
            } else {
                arena.vacate(entry.area);
                entry.forget();
                if (entry.earlier && entry.pins > 0) {
                    entry.state = CachedExpert.State.WANTED;
                    wanted.add(entry);
                } else {
                    entry.failure = failure;
                }
            }
            entry.earlier = false;
            pump();
            arrived.signalAll();
        }
    }

    private final ExpertRecords records;
    private final StreamingOptions options;
    private final ExpertTable experts;
    final ReentrantLock lock = new ReentrantLock();
    /** Signalled when an expert has come, or failed to. */
    final Condition arrived = lock.newCondition();

    private final ReadLanes lanes;
    private final Deque<MemorySegment> stagings = new ArrayDeque<>();
    private final Deque<CachedExpert> wanted = new ArrayDeque<>();
    private final Guesses guesses = new Guesses();
    private final Deque<CachedExpert> upgrades = new ArrayDeque<>();
    private final Deque<CachedExpert> preload = new ArrayDeque<>();
    private final ClosedLoop loop;
    private final SlotArena arena;
    private final UseClock clock;
    private final boolean squeezed;
    private Adaptation adaptation;
    private long uses;
    private long lowerUses;
    private long leftOutUses;
    private long steps;
    private long routedBytes;
    private long hitBytes;
    private long guessedBytes;
    private long stallNanos;
    private long windowStart = System.nanoTime();
    private long windowNeeded;
    private long windowStall;
    private long windowMissed;

    /**
     * An empty cache.
     *
     * @param bytes memory for experts and for reading them
     * @throws InvalidInputException when a file is gone
     */
    ExpertCache(ExpertRecords records, StreamingOptions options, long bytes) {
        this.records = records;
        this.options = options;
        this.clock = new UseClock(records.layers());
        this.experts = new ExpertTable(records, clock);
        this.loop = new ClosedLoop(options.lanes());
        this.lanes = new ReadLanes(lock, experts.sizes(), this::pump, loop.lanes());
        long staging = stagingBytes(records);
        int count = stagings(staging);
        for (int i = 0; i < count; i++) {
            stagings.push(WeightMemory.pages(staging));
        }
        this.arena = new SlotArena((bytes - count * staging) / SlotArena.PAGE * SlotArena.PAGE);
        this.squeezed = arena.bytes() < experts.bytes();
    }

    /** Bytes that an expert takes once it is in memory. */
    static long cachedBytes(ExpertRecords records, int layer, int expert) {
        long packed = records.packedBytes(layer, expert);
        return SlotArena.rounded(packed > 0 ? packed : records.slotBytes(layer, expert));
    }

    /** Bytes of one buffer through which experts go that are packed after reading; 0 when none are. */
    static long stagingBytes(ExpertRecords records) {
        long most = 0;
        for (int layer = 0; layer < records.layers(); layer++) {
            for (int expert = 0; expert < records.experts(layer); expert++) {
                if (records.packedBytes(layer, expert) > 0) {
                    most = Math.max(most, SlotArena.rounded(records.slotBytes(layer, expert)));
                }
            }
        }
        return most;
    }

    /** How many such buffers there are. */
    static int stagings(long bytes) {
        return bytes == 0 ? 0 : 4;
    }

    /** Bytes for experts. */
    long capacity() {
        return arena.bytes();
    }

    /** The memory in which experts are kept. */
    MemorySegment memory() {
        return arena.memory().asReadOnly();
    }

    /**
     * Lends some of that memory, in place of the experts that are worth least.
     *
     * @param bytes a multiple of the page size
     * @return null when there is no such piece, or when it would be more than half of all
     */
    LentMemory lend(long bytes) {
        lock.lock();
        try {
            return bytes > arena.bytes() / 2 ? null : LentMemory.of(arena, bytes, this::takeBack);
        } finally {
            lock.unlock();
        }
    }

    private void takeBack(SlotArena.Area area) {
        lock.lock();
        try {
            arena.vacate(area);
            pump();
        } finally {
            lock.unlock();
        }
    }

    /** How many read at a time. */
    int lanes() {
        lock.lock();
        try {
            return lanes.lanes();
        } finally {
            lock.unlock();
        }
    }

    /** What it has cost so far. */
    StreamingCounters counters() {
        lock.lock();
        try {
            return new StreamingCounters(
                    steps,
                    routedBytes,
                    hitBytes,
                    guessedBytes,
                    lanes.bytesRead(),
                    lanes.busyNanos(),
                    stallNanos,
                    uses,
                    lowerUses,
                    leftOutUses);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Announces the experts of one product.
     *
     * @param rows how many rows each of them gets
     */
    ExpertWeights.Step begin(int layer, int[] experts, int[] rows) {
        lock.lock();
        try {
            clock.begin(layer);
            if (layer == 0 && clock.tokens() % ClosedLoop.WINDOW == 0) {
                adjust();
            }
            steps++;
            CachedExpert[] needed = new CachedExpert[experts.length];
            for (int i = 0; i < experts.length; i++) {
                needed[i] = this.experts.of(layer, experts[i]);
                demand(needed[i]);
            }
            for (CachedExpert wrong : guesses.settle(layer)) {
                if (wrong.state == CachedExpert.State.LOADING) {
                    lanes.cancel(wrong.reading);
                }
            }
            pump();
            return new StreamedStep(this, needed, rows);
        } finally {
            lock.unlock();
        }
    }

    /** Lets the closed loop look at the last tokens. */
    private void adjust() {
        long now = System.nanoTime();
        long needed = lanes.neededNanos();
        long missed = routedBytes - hitBytes;
        loop.window(
                (now - windowStart) * 1e-9,
                (needed - windowNeeded) * 1e-9,
                (stallNanos - windowStall) * 1e-9,
                missed - windowMissed);
        if (loop.lanes() != lanes.lanes()) {
            lanes.lanes(loop.lanes());
        }
        windowStart = now;
        windowNeeded = needed;
        windowStall = stallNanos;
        windowMissed = missed;
    }

    /** The computation waited, under the lock. */
    void stalled(long nanos) {
        stallNanos += nanos;
    }

    /** Counts a use and makes sure that the expert is there or on its way. */
    private void demand(CachedExpert entry) {
        // What an earlier read met is nothing to this one.
        entry.failure = null;
        // Asked for only where it matters: it takes all of the layer's heat.
        boolean hot = adaptation != null && experts.hot(entry);
        entry.hot = hot;
        entry.heated(entry.heat() + 1);
        entry.pins++;
        entry.uses++;
        routedBytes += entry.stored;
        if (entry.guess) {
            guessedBytes += entry.stored;
            entry.guess = false;
        } else if (entry.present()) {
            entry.hits++;
            hitBytes += entry.stored;
        }
        if (entry.state == CachedExpert.State.READY
                && entry.level < experts.lastLevel(entry)
                && hot
                && !entry.upgrading) {
            upgrades.add(entry);
        }
        if (entry.state == CachedExpert.State.ABSENT) {
            entry.state = CachedExpert.State.WANTED;
            wanted.add(entry);
        } else if (entry.state == CachedExpert.State.LOADING) {
            entry.earlier = true;
            lanes.demand(entry.reading);
        }
    }

    /** Counts the rows for which an expert that is in memory is handed out, under the lock. */
    void used(CachedExpert entry, int rows) {
        uses += rows;
        lowerUses += entry.level < experts.lastLevel(entry) ? rows : 0;
    }

    /** Ends one need of an expert, under the lock. */
    void release(CachedExpert entry) {
        entry.pins--;
        if (entry.pins == 0 && entry.state == CachedExpert.State.WANTED) {
            wanted.remove(entry);
            entry.state = CachedExpert.State.ABSENT;
        }
    }

    /** Starts what can be started: what is needed, then guesses, then what an earlier run had in memory; under the lock. */
    void pump() {
        while (!wanted.isEmpty()) {
            CachedExpert entry = wanted.peek();
            if (!start(entry, true, true)) {
                return;
            }
            wanted.poll();
        }
        while (lanes.drained() && guesses.next() != null) {
            CachedExpert entry = guesses.next();
            if (guesses.heldBytes() + entry.bytes > arena.bytes() / GUESS_SHARE || !start(entry, false, true)) {
                return;
            }
            guesses.begun();
        }
        while (lanes.drained() && !upgrades.isEmpty()) {
            upgrade(upgrades.poll());
        }
        while (lanes.drained() && !preload.isEmpty()) {
            CachedExpert entry = preload.peek();
            if (entry.state == CachedExpert.State.ABSENT && !start(entry, false, false)) {
                preload.clear();
                return;
            }
            preload.poll();
        }
    }

    /** Reads what an expert at its lower width lacks, behind what is there. */
    private void upgrade(CachedExpert entry) {
        if (entry.present() && entry.level < experts.lastLevel(entry) && !entry.upgrading) {
            int level = experts.lastLevel(entry);
            MemorySegment slot = arena.memory(entry.area);
            entry.upgrading = true;
            entry.pins++;
            entry.reading = new Reading(entry, level, slot, null, null);
            read(entry, entry.level, level, slot, false);
        }
    }

    /** Lets cold experts come at their lower width first from now on, where that is allowed and not all experts fit. */
    void adapt(Adaptation adaptation) {
        lock.lock();
        this.adaptation = adaptation;
        lock.unlock();
    }

    /** Whether all experts have room. */
    boolean holdsAll() {
        return !squeezed;
    }

    /**
     * Leaves an expert out unless it is in memory, or on its way, in any width.
     *
     * @param tokens that it would be computed for
     * @return whether it is left out
     */
    boolean leaveOut(int layer, int expert, int tokens) {
        lock.lock();
        try {
            CachedExpert.State state = experts.of(layer, expert).state;
            boolean out = state != CachedExpert.State.READY && state != CachedExpert.State.LOADING;
            leftOutUses += out ? tokens : 0;
            return out;
        } finally {
            lock.unlock();
        }
    }

    private boolean start(CachedExpert entry, boolean demand, boolean evict) {
        boolean packs = records.packedBytes(entry.layer, entry.expert) > 0;
        if (packs && stagings.size() <= (demand ? 0 : STAGINGS_FOR_NEED)) {
            return false;
        }
        entry.area = arena.allocate(entry, entry.bytes, evict, demand ? Double.MAX_VALUE : entry.heat() + 1);
        if (entry.area == null) {
            return false;
        }
        MemorySegment memory = arena.memory(entry.area);
        MemorySegment staging = packs ? stagings.pop() : null;
        MemorySegment slot = packs ? staging : memory;
        entry.failure = null;
        // What is read because it is needed was looked at before that use counted.
        boolean lower = adaptation != null
                && squeezed
                && adaptation.mayBeLower(entry.layer, entry.expert)
                && !(demand ? entry.hot : experts.hot(entry));
        int level = lower ? 0 : experts.lastLevel(entry);
        entry.reading = new Reading(entry, level, slot, packs ? memory : null, staging);
        entry.state = CachedExpert.State.LOADING;
        read(entry, -1, level, slot, demand);
        return true;
    }

    /** Starts an expert's reading, from the level that is there to another one. */
    private void read(CachedExpert entry, int have, int level, MemorySegment slot, boolean demand) {
        entry.reads++;
        lanes.start(entry.reading, records.extents(entry.layer, entry.expert, have, level), slot, demand);
    }

    /** Says which experts a layer will probably need. */
    void expect(int layer, int[] experts) {
        lock.lock();
        try {
            CachedExpert[] probable = new CachedExpert[experts.length];
            for (int i = 0; i < experts.length; i++) {
                probable[i] = this.experts.of(layer, experts[i]);
            }
            guesses.expect(probable);
            // They begin after this layer's own experts have been asked for.
        } finally {
            lock.unlock();
        }
    }

    /** Whether guesses are of use. */
    boolean wantsGuesses() {
        lock.lock();
        try {
            return options.prefetch() && loop.guesses();
        } finally {
            lock.unlock();
        }
    }

    /** Takes over what an earlier run knew, and reads what it had in memory while storage is idle and room is free. */
    void restore(List<HeatFile.Row> rows) {
        lock.lock();
        try {
            preload.addAll(experts.restore(rows));
            pump();
        } finally {
            lock.unlock();
        }
    }

    /** What the next run should know. */
    List<HeatFile.Row> rows() {
        lock.lock();
        try {
            return experts.rows();
        } finally {
            lock.unlock();
        }
    }

    /** How many experts are in memory. */
    int present() {
        lock.lock();
        try {
            return experts.present();
        } finally {
            lock.unlock();
        }
    }

    /** What every expert has been used for so far, layer by layer. */
    List<ExpertUse> uses() {
        lock.lock();
        try {
            return experts.uses();
        } finally {
            lock.unlock();
        }
    }

    /** Bytes of experts that are in memory or on their way. */
    long occupied() {
        lock.lock();
        try {
            return arena.occupied();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the lanes. */
    @Override
    public void close() {
        lanes.close();
    }
}
