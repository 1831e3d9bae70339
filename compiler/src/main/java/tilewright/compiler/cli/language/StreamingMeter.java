package tilewright.compiler.cli.language;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import tilewright.edge.expert.LentMemory;
import tilewright.edge.expert.ProcessMemory;
import tilewright.edge.expert.StorageRate;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingCounters;
import tilewright.edge.expert.StreamingReport;
import tilewright.edge.matrix.WeightMemory;
import tilewright.edge.probe.StorageProbe;

/** Measures what experts on demand cost a part of a run, and how fast the storage is that they come from. */
public final class StreamingMeter {
    private static final int PROBE_BYTES = 1 << 20;
    private static final int PROBE_LANES = 8;
    private static final double PROBE_SECONDS = 0.3;

    private final StreamedExperts experts;
    private StreamingCounters before;
    private long faultsBefore;
    private StorageRate storage;

    /** A meter that begins now. */
    public StreamingMeter(StreamedExperts experts) {
        this.experts = experts;
        begin();
    }

    /** Forgets what was before. */
    public void begin() {
        before = experts.counters();
        faultsBefore = ProcessMemory.majorFaults();
    }

    /** What tokens since {@link #begin} cost. */
    public StreamingReport end(long tokens, double seconds) {
        return experts.report(tokens, seconds, before, faultsBefore);
    }

    /** The same beside what storage gives, which is measured the first time: reading into memory of experts costs a few of them their place. */
    public StreamingReport besideStorage(StreamingReport report) {
        return report.beside(storage());
    }

    /** The rate of reads of 1 MiB at random places, 8 at a time, measured once. */
    private StorageRate storage() {
        if (storage == null) {
            storage = StorageRate.UNKNOWN;
            for (Path file : experts.files()) {
                try {
                    storage = probe(file);
                    break;
                } catch (IOException | IllegalArgumentException e) {
                    // A file shorter than one read says nothing about the storage; the next one may.
                    continue;
                }
            }
        }
        return storage;
    }

    private StorageRate probe(Path file) throws IOException {
        try (LentMemory lent = experts.lend(StorageProbe.MEMORY_BYTES);
                StorageProbe probe = StorageProbe.of(file, PROBE_BYTES, into(lent))) {
            return probe.measure(PROBE_LANES, PROBE_SECONDS, experts.memory());
        }
    }

    /** As much as the budget has to spare where experts have less than that. */
    private static MemorySegment into(LentMemory lent) {
        return lent == null ? WeightMemory.pages((long) PROBE_LANES * PROBE_BYTES) : lent.memory();
    }
}
