package tilewright.edge.expert;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Node;
import tilewright.model.graph.Router;

/**
 * A model's experts on demand: read from storage while the model runs, as many kept in memory as may be.
 *
 * <p>An engine is made with it as its source; {@link #start} gives it memory before the first step.
 */
public final class StreamedExperts implements ExpertSource, AutoCloseable {
    private final ExpertRecords records;
    private final StreamingOptions options;
    private final List<ExpertLayer> layers;
    /** The records' layer of each of the graph's; those without records are missing. */
    private final Map<Integer, Integer> recordLayers = new HashMap<>();

    private final int[] perToken;
    private ExpertCache cache;
    private volatile Adaptation adaptation;
    private Path heat;
    private Consumer<String> heatNotices;

    /**
     * Experts of a graph.
     *
     * @param records where they lie; closed with this
     */
    public StreamedExperts(Graph graph, ExpertRecords records, StreamingOptions options) {
        this.records = records;
        this.options = options;
        this.layers = ExpertLayer.of(graph);
        this.perToken = new int[records.layers()];
        Map<String, Node> producers = graph.producers();
        for (int layer = 0; layer < records.layers(); layer++) {
            int inGraph = records.graphLayer(layer);
            if (inGraph >= layers.size() || layers.get(inGraph).experts() != records.experts(layer)) {
                throw new InvalidInputException("the experts on storage are " + records.experts(layer) + " in layer "
                        + inGraph + ", the model has "
                        + (inGraph < layers.size() ? layers.get(inGraph).experts() : 0)
                        + " there; are they of another model?");
            }
            recordLayers.put(inGraph, layer);
            perToken[layer] = perToken(layers.get(inGraph), producers);
        }
    }

    /** How many experts of a layer a token goes to. */
    private static int perToken(ExpertLayer layer, Map<String, Node> producers) {
        Node node = producers.get(layer.node().inputs().getFirst());
        while (node != null && !(node.op() instanceof Dispatch)) {
            node = producers.get(node.inputs().getFirst());
        }
        Node router = node == null ? null : producers.get(node.inputs().get(1));
        int chosen = router != null && router.op() instanceof Router(var settings) ? settings.topK() : layer.experts();
        return Math.min(chosen, layer.experts());
    }

    /** Whether any expert is on storage. */
    public boolean streams() {
        return records.layers() > 0;
    }

    /** Bytes of all experts, as they lie in memory. */
    public long totalBytes() {
        long bytes = 0;
        for (int layer = 0; layer < records.layers(); layer++) {
            for (int expert = 0; expert < records.experts(layer); expert++) {
                bytes += ExpertCache.cachedBytes(records, layer, expert);
            }
        }
        return bytes;
    }

    /** How many experts of a layer of the records a token goes to. */
    public int perToken(int layer) {
        return perToken[layer];
    }

    /** Bytes that an expert takes in memory. */
    public long bytes(int layer, int expert) {
        return ExpertCache.cachedBytes(records, layer, expert);
    }

    /** Bytes of one token's experts, in memory, at most. */
    public long workingSetBytes() {
        long bytes = 0;
        for (int layer = 0; layer < records.layers(); layer++) {
            bytes += perToken[layer] * largest(layer);
        }
        return bytes;
    }

    /** The least memory that experts can be streamed through: two layers of one token's, and what reading needs. */
    public long leastBytes() {
        long most = 0;
        for (int layer = 0; layer < records.layers(); layer++) {
            most = Math.max(most, 2 * perToken[layer] * largest(layer));
        }
        return most + stagingBytes();
    }

    private long stagingBytes() {
        long staging = ExpertCache.stagingBytes(records);
        return ExpertCache.stagings(staging) * staging;
    }

    /** Memory with which all experts are in reach once they have been read. */
    public long mostBytes() {
        return totalBytes() + stagingBytes();
    }

    private long largest(int layer) {
        long most = 0;
        for (int expert = 0; expert < records.experts(layer); expert++) {
            most = Math.max(most, ExpertCache.cachedBytes(records, layer, expert));
        }
        return most;
    }

    /**
     * Gives memory to the experts; once, before the first step.
     *
     * @param bytes at least {@link #leastBytes()}
     * @throws IllegalArgumentException when it is less
     */
    public void start(long bytes) {
        if (bytes < leastBytes()) {
            throw new IllegalArgumentException(bytes + " bytes for experts, expected at least " + leastBytes());
        }
        cache = new ExpertCache(records, options, Math.min(bytes, mostBytes()));
    }

    /**
     * Begins with what an earlier run of the same experts had in memory, and keeps what this one has for the next: call after
     * {@link #start}.
     *
     * @param file may not be there; written when this is closed
     * @param notices takes a line when it is there and cannot be used, or cannot be written
     */
    public void warmStart(Path file, Consumer<String> notices) {
        heat = file;
        heatNotices = notices;
        Optional<List<HeatFile.Row>> rows = HeatFile.load(file, digest());
        if (rows.isEmpty() && Files.exists(file)) {
            notices.accept(file + ": is damaged or of another model, so this run starts with nothing in memory");
        }
        cache().restore(rows.orElse(List.of()));
    }

    /** Bytes of memory in which experts are kept. */
    public long cacheBytes() {
        return cache().capacity();
    }

    /**
     * What may give way within a tolerated increase of the loss, by what the records say of their experts.
     *
     * @param tolerance nats per token, positive
     */
    public Adaptation adaptation(double tolerance) {
        return Adaptation.within(records, perToken, tolerance);
    }

    /**
     * Adapts precision to need from now on, which changes results: where not all experts fit into memory, those that are used less
     * than others of their layer are read at their lower width first, and the rest of them once they are used more; experts that are
     * not in memory and of little weight for all tokens of a step are left out of it. What came into memory at its lower width
     * stays there.
     */
    public void adapt(Adaptation adaptation) {
        this.adaptation = adaptation;
        cache().adapt(adaptation);
    }

    /** Whether all experts fit into memory, so that there is nothing to adapt to. */
    public boolean holdsAll() {
        return cache().holdsAll();
    }

    /** How many experts are in memory now. */
    public int present() {
        return cache().present();
    }

    /** Bytes of the experts that are in memory now, or on their way there. */
    public long occupiedBytes() {
        return cache().occupied();
    }

    /** What every expert has been used for so far, layer by layer; those of layers without records are missing. */
    public List<ExpertUse> uses() {
        return cache().uses();
    }

    /** Reads at a time, now. */
    public int lanes() {
        return cache().lanes();
    }

    /** What it has cost so far. */
    public StreamingCounters counters() {
        return cache().counters();
    }

    /**
     * What a part of a run cost.
     *
     * @param tokens how many went through the model
     * @param seconds how long they took
     * @param before the counters when it began
     * @param faultsBefore {@link ProcessMemory#majorFaults()} when it began
     * @return with the rate that storage had in the run, until that is set {@link StreamingReport#beside} a measured one
     */
    public StreamingReport report(long tokens, double seconds, StreamingCounters before, long faultsBefore) {
        StreamingCounters cost = counters().since(before);
        long faults = ProcessMemory.majorFaults() - faultsBefore;
        return new StreamingReport(
                        tokens, seconds, cost, StorageRate.UNKNOWN, cacheBytes(), totalBytes(), cache().lanes(), faults)
                .beside(StorageRate.UNKNOWN);
    }

    /** The memory in which experts are kept, for those who measure beside it; read only. */
    public MemorySegment memory() {
        return cache().memory();
    }

    /**
     * Some of that memory to write to, for those who measure what reading into it takes; the experts that are worth least make room.
     *
     * @param bytes a multiple of 4096
     * @return null when there is no such piece, or when it would be more than half of all
     */
    public LentMemory lend(long bytes) {
        return cache().lend(bytes);
    }

    /** The files that hold the experts; empty when that is not known. */
    public List<Path> files() {
        return records.files();
    }

    /** What tells the experts from those of other models. */
    public String digest() {
        return records.digest();
    }

    private ExpertCache cache() {
        if (cache == null) {
            throw new IllegalStateException("experts are needed before they were given memory");
        }
        return cache;
    }

    @Override
    public ExpertWeights layer(int layer, Supplier<ExpertWeights> stored) {
        Integer record = recordLayers.get(layer);
        return record == null ? stored.get() : new Streamed(record, layers.get(layer));
    }

    /** One layer of the cache. */
    private final class Streamed implements ExpertWeights {
        private final int layer;
        private final ExpertLayer shape;
        private final Map<Integer, List<Step>> held = new HashMap<>();

        private Streamed(int layer, ExpertLayer shape) {
            this.layer = layer;
            this.shape = shape;
        }

        @Override
        public int experts() {
            return shape.experts();
        }

        @Override
        public int width() {
            return shape.width(ExpertMatrix.GATE);
        }

        @Override
        public int hidden() {
            return shape.rows(ExpertMatrix.GATE);
        }

        @Override
        public int outputs() {
            return shape.rows(ExpertMatrix.DOWN);
        }

        @Override
        public Expert acquire(int expert) {
            Step step = begin(new int[] {expert}, new int[] {1});
            Expert found = step.expert(step.take());
            synchronized (held) {
                held.computeIfAbsent(expert, _ -> new ArrayList<>()).add(step);
            }
            return found;
        }

        @Override
        public void release(int expert) {
            synchronized (held) {
                held.get(expert).removeLast().close();
            }
        }

        @Override
        public Step begin(int[] experts, int[] rows) {
            return cache().begin(layer, experts, rows);
        }

        @Override
        public void expect(int[] experts) {
            cache().expect(layer, experts);
        }

        @Override
        public boolean leavesOut(int expert, double share, int tokens) {
            Adaptation now = adaptation;
            return now != null && share < now.threshold(layer) && cache().leaveOut(layer, expert, tokens);
        }

        @Override
        public boolean wantsGuesses() {
            return cache().wantsGuesses();
        }
    }

    /** Ends the reading and closes the files. */
    @Override
    public void close() {
        if (cache != null) {
            cache.close();
        }
        if (heat != null) {
            try {
                HeatFile.save(heat, digest(), cache.rows());
            } catch (IOException e) {
                heatNotices.accept(heat + ": cannot be written (" + InvalidInputException.reason(e)
                        + "), so the next run starts with nothing in memory");
            }
        }
        records.close();
    }
}
