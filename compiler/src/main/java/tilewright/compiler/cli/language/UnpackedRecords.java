package tilewright.compiler.cli.language;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import tilewright.edge.expert.ExpertRecords;
import tilewright.edge.matrix.ExpertWeights;

/**
 * Records of which only the reading is of interest: read where a store's would be, without anything to pack, and of no use as
 * matrices.
 *
 * @param records whose places are read; not closed with this
 */
record UnpackedRecords(ExpertRecords records) implements ExpertRecords {
    @Override
    public int layers() {
        return records.layers();
    }

    @Override
    public int graphLayer(int layer) {
        return records.graphLayer(layer);
    }

    @Override
    public int experts(int layer) {
        return records.experts(layer);
    }

    @Override
    public int levels(int layer, int expert) {
        return records.levels(layer, expert);
    }

    @Override
    public List<Extent> extents(int layer, int expert, int have, int level) {
        return records.extents(layer, expert, have, level);
    }

    @Override
    public long slotBytes(int layer, int expert) {
        return records.slotBytes(layer, expert);
    }

    @Override
    public long packedBytes(int layer, int expert) {
        return 0;
    }

    @Override
    public ExpertWeights.Expert open(int layer, int expert, int level, MemorySegment slot, MemorySegment packed) {
        return new ExpertWeights.Expert(null, null, null);
    }

    @Override
    public List<Path> files() {
        return records.files();
    }

    @Override
    public String digest() {
        return records.digest();
    }

    @Override
    public void close() {
        // Whoever opened the records closes them.
    }
}
