package tilewright.compiler.profile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tilewright.compiler.store.Allocation;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.expert.ExpertRecords;
import tilewright.edge.expert.FileCache;
import tilewright.edge.expert.StorageFile;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.GroupedPanels;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;

/** All experts of an allocation that is tried, in a file from which they are read on demand; deleted when closed. */
final class StoredTrial implements ExpertRecords {
    private static final int PAGE = 4096;

    /** Makes a matrix's codes. */
    interface Coding {
        /** The codes of an expert's matrices, in the order of the layer's. */
        List<GroupedCodes> codes(int layer, int expert);
    }

    private final Path file;
    private final List<ExpertLayer> layers;
    private final Allocation allocation;
    /** Where each expert's record begins, and at the end where the last one ends. */
    private final List<long[]> offsets = new ArrayList<>();
    /** What scales are multiples of, [experts, matrices]. */
    private final List<float[]> units = new ArrayList<>();

    private FileChannel channel;

    private StoredTrial(Path file, List<ExpertLayer> layers, Allocation allocation) {
        this.file = file;
        this.layers = layers;
        this.allocation = allocation;
        long at = 0;
        for (ExpertLayer layer : layers) {
            long[] of = new long[layer.experts() + 1];
            for (int expert = 0; expert < layer.experts(); expert++) {
                of[expert] = at;
                at += Math.ceilDiv(bytes(layer, expert), PAGE) * PAGE;
            }
            of[layer.experts()] = at;
            offsets.add(of);
            units.add(new float[layer.experts() * ExpertMatrix.values().length]);
        }
    }

    private long bytes(ExpertLayer layer, int expert) {
        long bytes = 0;
        for (ExpertMatrix matrix : layer.matrices()) {
            bytes += base(layer, expert, matrix) + residual(layer, expert, matrix);
        }
        return bytes;
    }

    private int bits(ExpertLayer layer, int expert, ExpertMatrix matrix) {
        return allocation.bits(new MatrixPlace(layer.index(), expert, matrix));
    }

    private long base(ExpertLayer layer, int expert, ExpertMatrix matrix) {
        return GroupedPanels.baseBytes(bits(layer, expert, matrix), layer.rows(matrix), layer.width(matrix));
    }

    private long residual(ExpertLayer layer, int expert, ExpertMatrix matrix) {
        return GroupedPanels.residualBytes(bits(layer, expert, matrix), layer.rows(matrix), layer.width(matrix));
    }

    /**
     * Writes all experts; by the threads of the pool that calls it.
     *
     * @param file replaced if it is there
     * @throws UncheckedIOException when it cannot be written
     */
    static StoredTrial write(Path file, List<ExpertLayer> layers, Allocation allocation, Coding coding, Runnable tidy) {
        StoredTrial trial = new StoredTrial(file, layers, allocation);
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            for (ExpertLayer layer : layers) {
                IntStream.range(0, layer.experts())
                        .parallel()
                        .forEach(expert -> trial.write(out, layer, expert, coding));
                out.force(true);
                try (FileCache pages = FileCache.of(file)) {
                    pages.drop(0, 0);
                }
                tidy.run();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written", e);
        }
        trial.channel = StorageFile.open(file).channel();
        return trial;
    }

    private void write(FileChannel out, ExpertLayer layer, int expert, Coding coding) {
        List<GroupedCodes> codes = coding.codes(layer.index(), expert);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment record = arena.allocate(slotBytes(layer.index(), expert), PAGE);
            long at = 0;
            for (ExpertMatrix matrix : layer.matrices()) {
                GroupedCodes of = codes.get(layer.matrices().indexOf(matrix));
                long base = base(layer, expert, matrix);
                long residual = residual(layer, expert, matrix);
                GroupedPanels.write(of, record.asSlice(at, base), record.asSlice(at + base, residual));
                units.get(layer.index())[unit(expert, matrix)] = of.unit();
                at += base + residual;
            }
            ByteBuffer bytes = record.asByteBuffer();
            long to = offsets.get(layer.index())[expert];
            while (bytes.hasRemaining()) {
                to += out.write(bytes, to);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written", e);
        }
    }

    private static int unit(int expert, ExpertMatrix matrix) {
        return expert * ExpertMatrix.values().length + matrix.ordinal();
    }

    @Override
    public int layers() {
        return layers.size();
    }

    @Override
    public int experts(int layer) {
        return layers.get(layer).experts();
    }

    @Override
    public int levels(int layer, int expert) {
        return 1;
    }

    @Override
    public List<Extent> extents(int layer, int expert, int have, int level) {
        return have >= level
                ? List.of()
                : List.of(new Extent(channel, offsets.get(layer)[expert], (int) slotBytes(layer, expert), 0));
    }

    @Override
    public long slotBytes(int layer, int expert) {
        return offsets.get(layer)[expert + 1] - offsets.get(layer)[expert];
    }

    @Override
    public long packedBytes(int layer, int expert) {
        return 0;
    }

    @Override
    public ExpertWeights.Expert open(int layer, int expert, int level, MemorySegment slot, MemorySegment packed) {
        ExpertLayer of = layers.get(layer);
        ExpertWeights.Expert opened = new ExpertWeights.Expert(null, null, null);
        long at = 0;
        for (ExpertMatrix matrix : of.matrices()) {
            long base = base(of, expert, matrix);
            long residual = residual(of, expert, matrix);
            opened = QuantisedExperts.with(
                    opened,
                    matrix,
                    MatrixWeights.packed(
                            new MatrixPlace(layer, expert, matrix).toString(),
                            bits(of, expert, matrix),
                            of.rows(matrix),
                            of.width(matrix),
                            units.get(layer)[unit(expert, matrix)],
                            slot.asSlice(at, base),
                            slot.asSlice(at + base, residual)));
            at += base + residual;
        }
        return opened;
    }

    @Override
    public String digest() {
        return "";
    }

    @Override
    public void close() {
        try {
            channel.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be deleted", e);
        }
    }
}
