package tilewright.edge.expert;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tilewright.model.InvalidInputException;

/** All experts of a model, and what each of them has been used for; guarded by the lock of the cache that it belongs to. */
final class ExpertTable {
    private final ExpertRecords records;
    private final CachedExpert[][] layers;
    private final Map<FileChannel, Long> sizes = new IdentityHashMap<>();
    private long bytes;

    /**
     * Experts on storage.
     *
     * @throws InvalidInputException when a file is gone
     */
    ExpertTable(ExpertRecords records, UseClock clock) {
        this.records = records;
        this.layers = new CachedExpert[records.layers()][];
        for (int layer = 0; layer < layers.length; layer++) {
            layers[layer] = new CachedExpert[records.experts(layer)];
            for (int expert = 0; expert < layers[layer].length; expert++) {
                long stored = 0;
                for (ExpertRecords.Extent extent :
                        records.extents(layer, expert, -1, records.levels(layer, expert) - 1)) {
                    sizes.computeIfAbsent(extent.channel(), ExpertTable::size);
                    stored += extent.bytes();
                }
                CachedExpert entry =
                        new CachedExpert(layer, expert, ExpertCache.cachedBytes(records, layer, expert), stored, clock);
                layers[layer][expert] = entry;
                bytes += entry.bytes;
            }
        }
    }

    private static long size(FileChannel channel) {
        try {
            return channel.size();
        } catch (IOException e) {
            throw new InvalidInputException("a file with experts cannot be read (" + e + ")", e);
        }
    }

    /** One expert. */
    CachedExpert of(int layer, int expert) {
        return layers[layer][expert];
    }

    /** Bytes in memory of all experts. */
    long bytes() {
        return bytes;
    }

    /** The sizes that the experts' files have now. */
    Map<FileChannel, Long> sizes() {
        return sizes;
    }

    /** The level at which an expert is whole. */
    int lastLevel(CachedExpert entry) {
        return records.levels(entry.layer, entry.expert) - 1;
    }

    /** Whether an expert was used at least as much lately as the mean expert of its layer. */
    boolean hot(CachedExpert entry) {
        CachedExpert[] layer = layers[entry.layer];
        double heat = entry.heat();
        return heat > 0
                && heat * layer.length
                        >= Arrays.stream(layer).mapToDouble(CachedExpert::heat).sum();
    }

    /** Takes over what an earlier run knew of experts that are here, too; what it had in memory, most used first. */
    List<CachedExpert> restore(List<HeatFile.Row> rows) {
        List<CachedExpert> present = new ArrayList<>();
        for (HeatFile.Row row : rows) {
            if (row.layer() >= 0
                    && row.layer() < layers.length
                    && row.expert() >= 0
                    && row.expert() < layers[row.layer()].length) {
                CachedExpert entry = of(row.layer(), row.expert());
                entry.heated(row.heat());
                if (row.present()) {
                    present.add(entry);
                }
            }
        }
        present.sort(Comparator.comparingDouble(CachedExpert::heat).reversed());
        return present;
    }

    private void forEach(Consumer<CachedExpert> action) {
        for (CachedExpert[] layer : layers) {
            for (CachedExpert entry : layer) {
                action.accept(entry);
            }
        }
    }

    /** What the next run should know. */
    List<HeatFile.Row> rows() {
        List<HeatFile.Row> rows = new ArrayList<>();
        forEach(entry -> {
            if (entry.heat() > 0) {
                rows.add(new HeatFile.Row(entry.layer, entry.expert, entry.heat(), entry.present()));
            }
        });
        return rows;
    }

    /** How many experts are in memory. */
    int present() {
        return (int) Arrays.stream(layers)
                .flatMap(Arrays::stream)
                .filter(CachedExpert::present)
                .count();
    }

    /** What every expert has been used for so far, layer by layer. */
    List<ExpertUse> uses() {
        List<ExpertUse> uses = new ArrayList<>();
        forEach(entry -> uses.add(new ExpertUse(
                records.graphLayer(entry.layer),
                entry.expert,
                entry.uses,
                entry.hits,
                entry.reads,
                entry.readBytes,
                entry.present())));
        return uses;
    }
}
