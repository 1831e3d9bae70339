package tilewright.compiler.cli.language;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tilewright.compiler.report.MemoryCourse;
import tilewright.compiler.report.MemoryCourse.Sample;
import tilewright.edge.expert.FileCache;
import tilewright.edge.expert.ProcessMemory;
import tilewright.edge.expert.ProcessMemory.Resident;

/**
 * Samples what this process occupies, its model's pages in the system's cache of files included, in memory that does not grow
 * with the time that it takes.
 *
 * <p>Pages that were cached before the process began are not its own, unless they were dropped and have come again. Those that
 * other processes bring meanwhile count as its own as far as its control group is charged for so many.
 */
public final class MemoryWatch implements AutoCloseable {
    /** Samples that are kept. */
    static final int MOST_SAMPLES = 512;

    private static final long INTERVAL_NANOS = 50_000_000;
    /** What changes less than this is not worth asking again which part of the cache is mapped, which takes milliseconds. */
    private static final long LITTLE_BYTES = 1L << 20;

    private final long budget;
    private final long start = System.nanoTime();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private final Course course = new Course();
    private final Thread thread;
    private List<Path> files = List.of();
    private Set<String> names = Set.of();
    private long cachedBefore = Long.MAX_VALUE;
    private long mapped;
    /** What had come into the cache, and what was mapped of all files, when {@link #mapped} was asked for. */
    private long cameThen;

    private long filesThen;
    private boolean cacheKnown;
    private double openedSeconds;
    private boolean closed;

    private MemoryWatch(long budget) {
        this.budget = budget;
        this.thread = Thread.ofPlatform().daemon().name("memory-watch").start(this::run);
    }

    /** Begins to watch a process that was given so many bytes. */
    public static MemoryWatch start(long budget) {
        return new MemoryWatch(budget);
    }

    /** Samples, and the largest one. */
    static final class Course extends ThinnedCourse<Sample> {
        private Sample peak = new Sample(0, 0, 0, 0);

        Course() {
            super(MOST_SAMPLES, Sample::most);
        }

        @Override
        void add(Sample sample) {
            peak = sample.total() > peak.total() ? sample : peak;
            super.add(sample);
        }

        /** The largest one. */
        Sample peak() {
            return peak;
        }
    }

    private void run() {
        lock.lock();
        try {
            while (!closed) {
                sample();
                ended.awaitNanos(INTERVAL_NANOS);
            }
        } catch (InterruptedException e) {
            // Nobody interrupts it; if somebody does, it ends.
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void sample() {
        Resident resident = ProcessMemory.resident();
        course.add(new Sample(
                (System.nanoTime() - start) * 1e-9,
                resident.anonymous() + resident.shared(),
                resident.files(),
                cached(resident.files())));
    }

    /**
     * Bytes of the model's files in the cache that came after the beginning and are not mapped, which counts already. Who brought
     * a page is not known, but what other control groups read is charged to them.
     *
     * @param mappedFiles bytes of all files that are mapped
     */
    private long cached(long mappedFiles) {
        long found = 0;
        for (Path file : files) {
            long here = FileCache.bytes(file);
            if (here == FileCache.UNKNOWN) {
                cacheKnown = false;
                return 0;
            }
            found += here;
        }
        cachedBefore = Math.min(cachedBefore, found);
        long came = found - cachedBefore;
        if (Math.abs(came - cameThen) + Math.abs(mappedFiles - filesThen) > LITTLE_BYTES) {
            mapped = ProcessMemory.mappedBytes(names);
            cameThen = came;
            filesThen = mappedFiles;
        }
        long own = Math.max(0, came - mapped);
        if (own <= LITTLE_BYTES) {
            return own;
        }
        long group = ProcessMemory.groupCachedBytes();
        return group == ProcessMemory.UNKNOWN ? own : Math.min(own, group);
    }

    /** From here on the cached pages of these files count. */
    void files(List<Path> given) {
        Set<String> real = new HashSet<>();
        for (Path file : given) {
            try {
                real.add(file.toRealPath().toString());
            } catch (IOException e) {
                // It is gone; what of it is cached will not be known either.
                continue;
            }
        }
        lock.lock();
        try {
            files = List.copyOf(given);
            names = real;
            cacheKnown = true;
            sample();
        } finally {
            lock.unlock();
        }
    }

    /** From here on the model is ready. */
    void opened() {
        lock.lock();
        try {
            openedSeconds = (System.nanoTime() - start) * 1e-9;
        } finally {
            lock.unlock();
        }
    }

    /** What was sampled so far, with this moment. */
    public MemoryCourse course() {
        lock.lock();
        try {
            sample();
            return new MemoryCourse(
                    budget, openedSeconds, course.samples(), course.peak(), cacheKnown && !files.isEmpty());
        } finally {
            lock.unlock();
        }
    }

    /** Ends watching. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
