package tilewright.edge.expert;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.WeightMemory;
import tilewright.model.InvalidInputException;

/**
 * Experts in memory, as many as fit: read when they are needed, or guessed while storage is idle; the longest unused go first.
 *
 * <p>Safe for use by several threads. Where not even one token's experts fit, the longest unused would always be the next one
 * needed and nothing would ever be found; there the least used go first.
 */
final class ExpertCache implements AutoCloseable {
    /** After so many tokens a use counts half. */
    private static final double HALF_LIFE = 64;
    /** Guesses may hold this part of the memory before they are used. */
    private static final int GUESS_SHARE = 4;

    /** Where an expert is. */
    enum State {
        /** On storage only. */
        ABSENT,
        /** Needed, but there is no room yet. */
        WANTED,
        /** Being read. */
        LOADING,
        /** In memory. */
        READY
    }

    /** One expert of one layer. */
    final class Entry implements SlotArena.Occupant {
        private final int layer;
        private final int expert;
        private final long bytes;
        private final long stored;
        private int level = -1;
        private boolean upgrading;
        private State state = State.ABSENT;
        private SlotArena.Area area;
        private ExpertWeights.Expert matrices;
        private Reading reading;
        private Throwable failure;
        private boolean guess;
        /** Whether it was hot before its latest use. */
        private boolean hot;
        /** Whether the read under way began before somebody asked, so that its failure is none of theirs. */
        private boolean earlier;

        private int pins;
        private long lastUse;
        private double heat;
        private long heatAt;
        private long uses;
        private long hits;
        private long reads;
        private long readBytes;

        private Entry(int layer, int expert, long bytes, long stored) {
            this.layer = layer;
            this.expert = expert;
            this.bytes = bytes;
            this.stored = stored;
        }

        /** How often it was used lately. */
        double heat() {
            return heat * Math.pow(2, (heatAt - tokens) / HALF_LIFE);
        }

        @Override
        public boolean evictable() {
            return pins == 0 && state == State.READY;
        }

        @Override
        public double worth() {
            return scarce ? (guess ? Double.MAX_VALUE / 4 : heat()) : lastUse;
        }

        @Override
        public void evicted() {
            forget(this);
            area = null;
        }
    }

    /** A record on its way. */
    private final class Reading extends ReadLanes.Load {
        private final Entry entry;
        private final MemorySegment slot;
        private final MemorySegment packed;
        private final MemorySegment staging;
        private final int level;
        private ExpertWeights.Expert opened;

        private Reading(Entry entry, int level, MemorySegment slot, MemorySegment packed, MemorySegment staging) {
            this.entry = entry;
            this.level = level;
            this.slot = slot;
            this.packed = packed;
            this.staging = staging;
        }

        @Override
        void open() {
            opened = records.open(entry.layer, entry.expert, level, slot, packed);
        }

        @Override
        void ended(Throwable failure) {
            if (staging != null) {
                stagings.push(staging);
            }
            entry.reading = null;
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
                entry.state = State.READY;
            } else {
                arena.vacate(entry.area);
                entry.area = null;
                forget(entry);
                if (entry.earlier && entry.pins > 0) {
                    entry.state = State.WANTED;
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
    private final Entry[][] entries;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final ReadLanes lanes;
    private final Deque<MemorySegment> stagings = new ArrayDeque<>();
    private final Deque<Entry> wanted = new ArrayDeque<>();
    private final Deque<Entry> guesses = new ArrayDeque<>();
    private final Deque<Entry> upgrades = new ArrayDeque<>();
    private final Deque<Entry> preload = new ArrayDeque<>();
    private final ClosedLoop loop;
    private final SlotArena arena;
    private final boolean scarce;
    /** By layer the sum of its experts' heat, and when it was that. */
    private final double[] layerHeat;

    private final long[] layerHeatAt;
    private final boolean squeezed;
    private Adaptation adaptation;
    private long uses;
    private long lowerUses;
    private long leftOutUses;
    private long clock;
    private long tokens;
    private long guessHeld;
    private long steps;
    private long routedBytes;
    private long hitBytes;
    private long guessedBytes;
    private long stallNanos;
    private long issuedBytes;
    private long windowStart = System.nanoTime();
    private long windowBusy;
    private long windowRead;
    private long windowIssued;
    private long windowRight;

    /**
     * An empty cache.
     *
     * @param bytes memory for experts and for reading them
     * @param workingSet bytes of one token's experts
     * @throws InvalidInputException when a file is gone
     */
    ExpertCache(ExpertRecords records, StreamingOptions options, long bytes, long workingSet) {
        this.records = records;
        this.options = options;
        this.entries = new Entry[records.layers()][];
        this.layerHeat = new double[entries.length];
        this.layerHeatAt = new long[entries.length];
        long all = 0;
        Map<FileChannel, Long> sizes = new IdentityHashMap<>();
        for (int layer = 0; layer < entries.length; layer++) {
            entries[layer] = new Entry[records.experts(layer)];
            for (int expert = 0; expert < entries[layer].length; expert++) {
                long stored = 0;
                for (ExpertRecords.Extent extent : extents(layer, expert)) {
                    sizes.computeIfAbsent(extent.channel(), ExpertCache::size);
                    stored += extent.bytes();
                }
                entries[layer][expert] = new Entry(layer, expert, cachedBytes(records, layer, expert), stored);
                all += entries[layer][expert].bytes;
            }
        }
        this.loop = new ClosedLoop(options.lanes());
        this.lanes = new ReadLanes(lock, sizes, this::pump, loop.lanes());
        long staging = stagingBytes(records);
        int count = stagings(staging);
        for (int i = 0; i < count; i++) {
            stagings.push(WeightMemory.pages(staging));
        }
        this.arena = new SlotArena((bytes - count * staging) / SlotArena.PAGE * SlotArena.PAGE);
        this.scarce = arena.bytes() < workingSet + workingSet / 8;
        this.squeezed = arena.bytes() < all;
    }

    private static long size(FileChannel channel) {
        try {
            return channel.size();
        } catch (IOException e) {
            throw new InvalidInputException("a file with experts cannot be read (" + e + ")", e);
        }
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

    private List<ExpertRecords.Extent> extents(int layer, int expert) {
        return records.extents(layer, expert, -1, records.levels(layer, expert) - 1);
    }

    /** Bytes for experts. */
    long capacity() {
        return arena.bytes();
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
            if (layer == 0 && ++tokens % ClosedLoop.WINDOW == 0) {
                adjust();
            }
            clock++;
            steps++;
            StreamedStep step = new StreamedStep(layer, experts, rows);
            dropGuesses(layer, experts);
            pump();
            return step;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the closed loop look at the last tokens. */
    private void adjust() {
        long now = System.nanoTime();
        long busy = lanes.busyNanos();
        loop.window(
                (now - windowStart) * 1e-9,
                (busy - windowBusy) * 1e-9,
                lanes.bytesRead() - windowRead,
                issuedBytes - windowIssued,
                guessedBytes - windowRight);
        if (loop.lanes() != lanes.lanes()) {
            lanes.lanes(loop.lanes());
        }
        windowStart = now;
        windowBusy = busy;
        windowRead = lanes.bytesRead();
        windowIssued = issuedBytes;
        windowRight = guessedBytes;
    }

    /** Guesses for this layer that are not needed now are not waited for and go first when room is needed. */
    private void dropGuesses(int layer, int[] experts) {
        guesses.removeIf(entry -> entry.layer == layer);
        Set<Integer> needed = new HashSet<>();
        Arrays.stream(experts).forEach(needed::add);
        for (Entry entry : entries[layer]) {
            if (entry.guess && !needed.contains(entry.expert)) {
                unguess(entry);
                entry.lastUse = 0;
            }
        }
    }

    private void unguess(Entry entry) {
        if (entry.guess) {
            entry.guess = false;
            guessHeld -= entry.bytes;
        }
    }

    /** Counts a use and makes sure that the expert is there or on its way. */
    private void demand(Entry entry) {
        // What an earlier read met is nothing to this one.
        entry.failure = null;
        boolean hot = hot(entry);
        entry.heat = entry.heat() + 1;
        entry.heatAt = tokens;
        layerHeat[entry.layer] = layerHeat(entry.layer) + 1;
        layerHeatAt[entry.layer] = tokens;
        entry.hot = hot;
        entry.lastUse = clock;
        entry.pins++;
        entry.uses++;
        routedBytes += entry.stored;
        if (entry.guess) {
            guessedBytes += entry.stored;
            unguess(entry);
        } else if (entry.state == State.READY) {
            entry.hits++;
            hitBytes += entry.stored;
        }
        if (entry.state == State.READY && entry.level < lastLevel(entry) && hot && !entry.upgrading) {
            upgrades.add(entry);
        }
        if (entry.state == State.ABSENT) {
            entry.state = State.WANTED;
            wanted.add(entry);
        } else if (entry.state == State.LOADING) {
            entry.earlier = true;
            lanes.demand(entry.reading);
        }
    }

    private void forget(Entry entry) {
        unguess(entry);
        entry.state = State.ABSENT;
        entry.matrices = null;
        entry.level = -1;
    }

    /** Starts what can be started: what is needed, then guesses, then what an earlier run had in memory. */
    private void pump() {
        while (!wanted.isEmpty()) {
            Entry entry = wanted.peek();
            if (!start(entry, true, true)) {
                return;
            }
            wanted.poll();
        }
        while (lanes.drained() && !guesses.isEmpty()) {
            Entry entry = guesses.peek();
            boolean room = guessHeld + entry.bytes <= arena.bytes() / GUESS_SHARE;
            if (entry.state == State.ABSENT) {
                if (!room || !start(entry, false, true)) {
                    return;
                }
                entry.guess = true;
                entry.lastUse = clock;
                guessHeld += entry.bytes;
                issuedBytes += entry.stored;
            }
            guesses.poll();
        }
        while (lanes.drained() && !upgrades.isEmpty()) {
            upgrade(upgrades.poll());
        }
        while (lanes.drained() && !preload.isEmpty()) {
            Entry entry = preload.peek();
            if (entry.state == State.ABSENT && !start(entry, false, false)) {
                preload.clear();
                return;
            }
            preload.poll();
        }
    }

    /** Whether an expert was used at least as much lately as the mean expert of its layer. */
    private boolean hot(Entry entry) {
        double heat = entry.heat();
        return heat > 0 && heat >= layerHeat(entry.layer) / entries[entry.layer].length;
    }

    private double layerHeat(int layer) {
        return layerHeat[layer] * Math.pow(2, (layerHeatAt[layer] - tokens) / HALF_LIFE);
    }

    private int lastLevel(Entry entry) {
        return records.levels(entry.layer, entry.expert) - 1;
    }

    /** Reads what an expert at its lower width lacks, behind what is there. */
    private void upgrade(Entry entry) {
        if (entry.state == State.READY && entry.level < lastLevel(entry) && !entry.upgrading) {
            int level = lastLevel(entry);
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
            State state = entries[layer][expert].state;
            boolean out = state != State.READY && state != State.LOADING;
            leftOutUses += out ? tokens : 0;
            return out;
        } finally {
            lock.unlock();
        }
    }

    private boolean start(Entry entry, boolean demand, boolean evict) {
        boolean packs = records.packedBytes(entry.layer, entry.expert) > 0;
        if (packs && stagings.isEmpty()) {
            return false;
        }
        entry.area = arena.allocate(entry, entry.bytes, evict, demand ? Double.MAX_VALUE : clock);
        if (entry.area == null) {
            return false;
        }
        MemorySegment memory = arena.memory(entry.area);
        MemorySegment staging = packs ? stagings.pop() : null;
        MemorySegment slot = packs ? staging : memory;
        entry.failure = null;
        // What is read because it is needed was looked at before that use counted.
        boolean hot = demand ? entry.hot : hot(entry);
        boolean lower = adaptation != null && squeezed && adaptation.mayBeLower(entry.layer, entry.expert) && !hot;
        int level = lower ? 0 : lastLevel(entry);
        entry.reading = new Reading(entry, level, slot, packs ? memory : null, staging);
        entry.state = State.LOADING;
        read(entry, -1, level, slot, demand);
        return true;
    }

    /** Starts an expert's reading, from the level that is there to another one. */
    private void read(Entry entry, int have, int level, MemorySegment slot, boolean demand) {
        List<ExpertRecords.Extent> extents = records.extents(entry.layer, entry.expert, have, level);
        entry.reads++;
        for (ExpertRecords.Extent extent : extents) {
            entry.readBytes += extent.bytes();
        }
        lanes.start(entry.reading, extents, slot, demand);
    }

    /** Says which experts a layer will probably need. */
    void expect(int layer, int[] experts, int count) {
        lock.lock();
        try {
            guesses.clear();
            for (int i = 0; i < count; i++) {
                Entry entry = entries[layer][experts[i]];
                if (entry.state == State.ABSENT) {
                    guesses.add(entry);
                }
            }
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

    /** The experts of one product, handed out as they come. */
    private final class StreamedStep implements ExpertWeights.Step {
        private final Entry[] needed;
        private final int[] rows;
        private final boolean[] taken;
        private final boolean[] ended;
        private int left;

        private StreamedStep(int layer, int[] experts, int[] rows) {
            this.rows = rows;
            needed = new Entry[experts.length];
            taken = new boolean[experts.length];
            ended = new boolean[experts.length];
            left = experts.length;
            for (int i = 0; i < experts.length; i++) {
                needed[i] = entries[layer][experts[i]];
                demand(needed[i]);
            }
        }

        @Override
        public int take() {
            lock.lock();
            try {
                int place = next();
                if (place < 0 && left > 0) {
                    long from = System.nanoTime();
                    while (place < 0 && left > 0) {
                        arrived.awaitUninterruptibly();
                        place = next();
                    }
                    stallNanos += System.nanoTime() - from;
                }
                return place;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public int poll() {
            lock.lock();
            try {
                return next();
            } finally {
                lock.unlock();
            }
        }

        private int next() {
            for (int place = 0; place < needed.length; place++) {
                Entry entry = needed[place];
                if (!taken[place]) {
                    if (entry.failure != null) {
                        left = 0;
                        arrived.signalAll();
                        throw failed(entry);
                    }
                    if (entry.state == State.READY) {
                        taken[place] = true;
                        left--;
                        uses += rows[place];
                        lowerUses += entry.level < lastLevel(entry) ? rows[place] : 0;
                        return place;
                    }
                }
            }
            return -1;
        }

        @Override
        public ExpertWeights.Expert expert(int place) {
            return needed[place].matrices;
        }

        @Override
        public void done(int place) {
            lock.lock();
            try {
                end(place);
                pump();
            } finally {
                lock.unlock();
            }
        }

        private void end(int place) {
            if (!ended[place]) {
                ended[place] = true;
                Entry entry = needed[place];
                entry.pins--;
                if (entry.pins == 0 && entry.state == State.WANTED) {
                    wanted.remove(entry);
                    entry.state = State.ABSENT;
                }
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                for (int place = 0; place < needed.length; place++) {
                    end(place);
                }
                pump();
            } finally {
                lock.unlock();
            }
        }
    }

    private static RuntimeException failed(Entry entry) {
        String which = "expert " + entry.expert + " of layer " + entry.layer + " of experts";
        if (entry.failure instanceof InvalidInputException known) {
            // A new one, whose trace leads here and not into a lane.
            return new InvalidInputException(known.getMessage(), known);
        }
        return new InvalidInputException(
                which + " cannot be read (" + entry.failure.getMessage() + "); check the disk and the model's file",
                entry.failure);
    }

    /** Takes over what an earlier run knew, and reads what it had in memory while storage is idle and room is free. */
    void restore(List<HeatFile.Row> rows) {
        lock.lock();
        try {
            List<Entry> order = new ArrayList<>();
            for (HeatFile.Row row : rows) {
                if (row.layer() >= 0
                        && row.layer() < entries.length
                        && row.expert() >= 0
                        && row.expert() < entries[row.layer()].length) {
                    Entry entry = entries[row.layer()][row.expert()];
                    entry.heat = row.heat();
                    entry.heatAt = tokens;
                    layerHeat[entry.layer] += row.heat();
                    if (row.present()) {
                        order.add(entry);
                    }
                }
            }
            order.sort(Comparator.comparingDouble(Entry::heat).reversed());
            preload.addAll(order);
            pump();
        } finally {
            lock.unlock();
        }
    }

    /** What the next run should know. */
    List<HeatFile.Row> rows() {
        lock.lock();
        try {
            List<HeatFile.Row> rows = new ArrayList<>();
            for (Entry[] layer : entries) {
                for (Entry entry : layer) {
                    if (entry.heat > 0) {
                        boolean present = entry.state == State.READY;
                        rows.add(new HeatFile.Row(entry.layer, entry.expert, entry.heat(), present));
                    }
                }
            }
            return rows;
        } finally {
            lock.unlock();
        }
    }

    /** How many experts are in memory. */
    int present() {
        lock.lock();
        try {
            int found = 0;
            for (Entry[] layer : entries) {
                for (Entry entry : layer) {
                    found += entry.state == State.READY ? 1 : 0;
                }
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    /** What every expert has been used for so far, layer by layer. */
    List<ExpertUse> uses() {
        lock.lock();
        try {
            List<ExpertUse> uses = new ArrayList<>();
            for (Entry[] layer : entries) {
                for (Entry entry : layer) {
                    uses.add(new ExpertUse(
                            records.graphLayer(entry.layer),
                            entry.expert,
                            entry.uses,
                            entry.hits,
                            entry.reads,
                            entry.readBytes,
                            entry.state == State.READY));
                }
            }
            return uses;
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
