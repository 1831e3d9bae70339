package tilewright.edge.probe;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import tilewright.edge.expert.StorageRate;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.matrix.ExpertWeights;

/**
 * Measures how long experts take from being asked for to being ready, as layers ask for them: some at once, after a pause in which
 * something else is computed.
 */
public final class ReadingProbe {
    /** What is computed before a burst, so that the lanes are asleep as they are in a run: about a millisecond's. */
    private static final int PAUSE_SLICES = 32;

    private static final int LEAST_BURSTS = 8;

    private final StreamedExperts experts;
    private final List<ExpertWeights> layers;
    private final int most;
    private final MemorySegment pause;
    private final double seconds;
    private int layer;
    private int expert;

    private ReadingProbe(StreamedExperts experts, int[] layers, double seconds, Arena arena) {
        this.experts = experts;
        this.layers = Arrays.stream(layers)
                .mapToObj(each -> experts.layer(each, () -> null))
                .toList();
        // At least two sizes of bursts tell what comes once from what comes with each expert.
        this.most = Math.max(2, experts.perToken(0));
        this.pause = arena.allocate((long) PAUSE_SLICES * MemoryBandwidth.SLICE_BYTES, Long.BYTES * 8)
                .fill((byte) 1);
        this.seconds = seconds;
    }

    /**
     * Reads experts in turn, into as little memory as they can be read through, for five times {@code seconds}.
     *
     * @param experts not started yet; of no use for a run afterwards
     * @param layers the graph's layers of experts that lie on storage
     * @param threads that will compute beside
     * @throws tilewright.model.InvalidInputException when an expert cannot be read
     */
    public static ReadingPace measure(StreamedExperts experts, int[] layers, int threads, double seconds) {
        try (Arena arena = Arena.ofConfined()) {
            experts.start(experts.leastBytes());
            ReadingProbe probe = new ReadingProbe(experts, layers, seconds, arena);
            // The first reads find neither threads nor compiled code.
            probe.burst(probe.most);
            Burst one = probe.burst(1);
            Burst all = probe.burst(probe.most);
            double perByte = (all.seconds - one.seconds) / Math.max(1, all.bytes - one.bytes);
            double start = Math.clamp(one.seconds - one.bytes * perByte, 0, one.seconds);
            double atRest = all.rate(start);
            List<MemoryLoad> loads = new ArrayList<>();
            try {
                IntStream.range(0, threads).forEach(_ -> loads.add(new MemoryLoad()));
                double alone = probe.alone(loads);
                double before = bytes(loads);
                long from = System.nanoTime();
                Burst beside = probe.burst(probe.most);
                double reading = (bytes(loads) - before) / ((System.nanoTime() - from) * 1e-9);
                return new ReadingPace(
                        start,
                        new StorageRate(atRest, beside.rate(start)),
                        alone == 0 || reading == 0 ? 1 : Math.min(1, reading / alone));
            } finally {
                loads.forEach(MemoryLoad::close);
            }
        }
    }

    /** The middle one of several bursts. */
    private record Burst(double seconds, double bytes) {
        /** Without what comes once; with it where nothing would be left. */
        private double rate(double start) {
            return bytes / (seconds > start ? seconds - start : seconds);
        }
    }

    private static double bytes(List<MemoryLoad> loads) {
        return loads.stream().mapToLong(MemoryLoad::bytes).sum();
    }

    /** Bytes per second that the loads read with nothing beside them. */
    private double alone(List<MemoryLoad> loads) {
        double before = bytes(loads);
        long from = System.nanoTime();
        try {
            Thread.sleep((long) (seconds * 1e3));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring memory", e);
        }
        return (bytes(loads) - before) / ((System.nanoTime() - from) * 1e-9);
    }

    /** Asks for so many experts again and again. */
    private Burst burst(int count) {
        List<Double> times = new ArrayList<>();
        long read = 0;
        long begin = System.nanoTime();
        while (times.size() < LEAST_BURSTS || System.nanoTime() - begin < seconds * 1e9) {
            pause();
            long missedBefore = missed();
            times.add(read(count));
            read += missed() - missedBefore;
        }
        times.sort(null);
        return new Burst(times.get(times.size() / 2), (double) read / times.size());
    }

    private long missed() {
        return experts.counters().routedBytes() - experts.counters().hitBytes();
    }

    private void pause() {
        long sum = 0;
        for (int slice = 0; slice < PAUSE_SLICES; slice++) {
            sum += MemoryBandwidth.sum(pause, (long) slice * MemoryBandwidth.SLICE_BYTES);
        }
        if (sum == 0) {
            throw new IllegalStateException("memory does not hold what was written");
        }
    }

    /** The next experts of a layer, in turn, so that none of them is there any more; how long they took. */
    private double read(int count) {
        ExpertWeights here = layers.get(layer);
        int[] ids = IntStream.range(0, Math.min(count, here.experts()))
                .map(i -> (expert + i) % here.experts())
                .toArray();
        int[] rows = new int[ids.length];
        Arrays.fill(rows, 1);
        layer = (layer + 1) % layers.size();
        expert = layer == 0 ? expert + most : expert;
        long start = System.nanoTime();
        try (ExpertWeights.Step step = here.begin(ids, rows)) {
            for (int place = step.take(); place >= 0; place = step.take()) {
                step.done(place);
            }
            return (System.nanoTime() - start) * 1e-9;
        }
    }
}
