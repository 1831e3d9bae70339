package tilewright.edge.expert;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.edge.matrix.StoredPanels;
import tilewright.edge.matrix.WeightMemory;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.FilePlace;
import tilewright.model.tensor.TensorSource;

/**
 * Experts in a model's own files, GGUF or safetensors: read where they lie, and packed.
 *
 * <p>Layers whose experts are not in the files as they are needed, such as transposed ones, have no records.
 */
public final class FileExperts implements ExpertRecords {
    /** Some rows of a matrix that lie together. */
    private record Run(FileChannel channel, long offset, DType format, int rows, int width) {
        long bytes() {
            return rows * format.bytesFor(width);
        }

        /** Where the whole pages begin that hold it. */
        long first() {
            return offset / SlotArena.PAGE * SlotArena.PAGE;
        }

        int pages() {
            return Math.toIntExact(SlotArena.rounded(offset + bytes() - first()));
        }
    }

    private record Matrix(String name, DType format, int rows, int width, List<Run> runs) {
        long panelBytes() {
            return StoredPanels.bytes(format, rows, width);
        }
    }

    private record Layer(int index, List<Map<ExpertMatrix, Matrix>> experts) {}

    private final Map<Path, FileChannel> files = new LinkedHashMap<>();
    private final List<Layer> layers = new ArrayList<>();
    private final String digest;

    /**
     * The experts of a model that stays open.
     *
     * @param notices takes a line for each thing that is not as one would wish
     * @throws InvalidInputException when a file cannot be read
     */
    public FileExperts(Graph graph, TensorSource tensors, Consumer<String> notices) {
        try {
            for (ExpertLayer layer : ExpertLayer.of(graph)) {
                List<Map<ExpertMatrix, Matrix>> experts = experts(layer, tensors, notices);
                if (experts == null) {
                    notices.accept("the experts of " + layer.node().name()
                            + " are not stored as they are used and stay in memory");
                } else {
                    layers.add(new Layer(layer.index(), experts));
                }
            }
            digest = digest(files);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** A layer's matrices by expert; null when some are not in a file. */
    private List<Map<ExpertMatrix, Matrix>> experts(ExpertLayer layer, TensorSource tensors, Consumer<String> notices) {
        List<Map<ExpertMatrix, Matrix>> experts = new ArrayList<>();
        for (int expert = 0; expert < layer.experts(); expert++) {
            experts.add(new EnumMap<>(ExpertMatrix.class));
        }
        for (ExpertMatrix matrix : layer.matrices()) {
            List<EncodedMatrix> parts = layer.parameter(matrix).data().encoded();
            int rows = layer.rows(matrix);
            int part = 0;
            long done = 0;
            for (int expert = 0; expert < layer.experts(); expert++) {
                List<Run> runs = new ArrayList<>();
                int left = rows;
                while (left > 0) {
                    if (part == parts.size() || parts.get(part).width() != layer.width(matrix)) {
                        return null;
                    }
                    EncodedMatrix stored = parts.get(part);
                    int count = (int) Math.min(left, stored.rows() - done);
                    if (count > 0) {
                        EncodedMatrix slice = stored.slice(done, count);
                        FilePlace place = tensors.place(slice.bytes());
                        if (place == null) {
                            return null;
                        }
                        FileChannel channel = channel(place.file(), notices);
                        runs.add(new Run(channel, place.offset(), slice.format(), count, slice.width()));
                    }
                    done += count;
                    left -= count;
                    if (done == stored.rows()) {
                        part++;
                        done = 0;
                    }
                }
                DType format = runs.getFirst().format();
                if (runs.stream().anyMatch(run -> run.format() != format)) {
                    return null;
                }
                String name = layer.node().name() + "." + expert + "." + matrix.label();
                experts.get(expert).put(matrix, new Matrix(name, format, rows, layer.width(matrix), runs));
            }
        }
        return experts;
    }

    private FileChannel channel(Path file, Consumer<String> notices) {
        return files.computeIfAbsent(file, path -> {
            StorageFile.Opened opened = StorageFile.open(path);
            if (!opened.direct()) {
                notices.accept(path + ": the file system refuses direct reads; experts are read through its cache");
            }
            return opened.channel();
        });
    }

    /** Which files: their names, sizes and times, and how they begin. */
    private static String digest(Map<Path, FileChannel> files) {
        try {
            MessageDigest sum = MessageDigest.getInstance("SHA-256");
            for (Map.Entry<Path, FileChannel> file : files.entrySet()) {
                Path path = file.getKey();
                String facts = path.getFileName() + " " + file.getValue().size() + " "
                        + Files.getLastModifiedTime(path).toMillis() + "\n";
                sum.update(facts.getBytes(StandardCharsets.UTF_8));
                ByteBuffer begin = WeightMemory.pages(SlotArena.PAGE).asByteBuffer();
                file.getValue().read(begin, 0);
                sum.update(begin.flip());
            }
            return HexFormat.of().formatHex(sum.digest());
        } catch (IOException e) {
            throw new InvalidInputException(
                    "a file with experts cannot be read (" + InvalidInputException.reason(e) + ")", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int graphLayer(int layer) {
        return layers.get(layer).index();
    }

    @Override
    public int layers() {
        return layers.size();
    }

    @Override
    public int experts(int layer) {
        return layers.get(layer).experts().size();
    }

    @Override
    public int levels(int layer, int expert) {
        return 1;
    }

    private Map<ExpertMatrix, Matrix> matrices(int layer, int expert) {
        return layers.get(layer).experts().get(expert);
    }

    @Override
    public List<Extent> extents(int layer, int expert, int have, int level) {
        List<Extent> extents = new ArrayList<>();
        if (have < level) {
            int at = 0;
            for (Matrix matrix : matrices(layer, expert).values()) {
                for (Run run : matrix.runs()) {
                    extents.add(new Extent(run.channel(), run.first(), run.pages(), at));
                    at = Math.addExact(at, run.pages());
                }
            }
        }
        return extents;
    }

    @Override
    public long slotBytes(int layer, int expert) {
        long bytes = 0;
        for (Matrix matrix : matrices(layer, expert).values()) {
            bytes += matrix.runs().stream().mapToLong(Run::pages).sum();
        }
        return bytes;
    }

    @Override
    public long packedBytes(int layer, int expert) {
        return matrices(layer, expert).values().stream()
                .mapToLong(Matrix::panelBytes)
                .sum();
    }

    @Override
    public ExpertWeights.Expert open(int layer, int expert, int level, MemorySegment slot, MemorySegment packed) {
        return arrival(layer, expert, level, slot, packed).open();
    }

    @Override
    public Arrival arrival(int layer, int expert, int level, MemorySegment slot, MemorySegment packed) {
        List<Packing> packings = new ArrayList<>();
        Map<ExpertMatrix, MatrixWeights> opened = new EnumMap<>(ExpertMatrix.class);
        long from = 0;
        long to = 0;
        for (Map.Entry<ExpertMatrix, Matrix> each : matrices(layer, expert).entrySet()) {
            Matrix matrix = each.getValue();
            MemorySegment panels = packed.asSlice(to, matrix.panelBytes());
            packings.add(new Packing(matrix, slot, from, panels));
            opened.put(
                    each.getKey(),
                    MatrixWeights.packed(matrix.name(), matrix.format(), matrix.rows(), matrix.width(), panels));
            from += matrix.runs().stream().mapToLong(Run::pages).sum();
            to += matrix.panelBytes();
        }
        return new Arrival() {
            @Override
            public void arrived(long at, long bytes) {
                packings.forEach(packing -> packing.arrived(at, at + bytes));
            }

            @Override
            public ExpertWeights.Expert open() {
                packings.forEach(Packing::finish);
                return new ExpertWeights.Expert(
                        opened.get(ExpertMatrix.GATE), opened.get(ExpertMatrix.UP), opened.get(ExpertMatrix.DOWN));
            }
        };
    }

    /** Packs a matrix panel by panel as its rows come. */
    private static final class Packing {
        private final Matrix matrix;
        private final MemorySegment panels;
        private final List<EncodedMatrix> parts = new ArrayList<>();
        /** Where the first row lies in the slot. */
        private final long start;
        /** Each written once, by the thread that packs the panel. */
        private final boolean[] done;

        /** Nothing of a matrix whose first run's pages begin somewhere in a slot. */
        private Packing(Matrix matrix, MemorySegment slot, long from, MemorySegment panels) {
            this.matrix = matrix;
            this.panels = panels;
            this.done = new boolean[Math.ceilDiv(matrix.rows(), StoredPanels.rowsPerPanel())];
            this.start = from
                    + matrix.runs().getFirst().offset()
                    - matrix.runs().getFirst().first();
            long at = from;
            for (Run run : matrix.runs()) {
                MemorySegment bytes = slot.asSlice(at + run.offset() - run.first(), run.bytes());
                parts.add(new EncodedMatrix(run.format(), run.rows(), run.width(), bytes));
                at += run.pages();
            }
        }

        /** Packs the panels whose rows lie whole in a piece of the slot; of a matrix in several runs none. */
        private void arrived(long at, long end) {
            if (parts.size() == 1) {
                long panelBytes = parts.getFirst().rowBytes() * StoredPanels.rowsPerPanel();
                long last =
                        end - start >= parts.getFirst().bytes().byteSize() ? done.length : (end - start) / panelBytes;
                long first = Math.ceilDiv(Math.max(0, at - start), panelBytes);
                if (end > start && first < last) {
                    pack((int) first, (int) last);
                }
            }
        }

        private void pack(int first, int end) {
            StoredPanels.pack(matrix.name(), parts, first, end, panels);
            Arrays.fill(done, first, end, true);
        }

        /** Packs what is left. */
        private void finish() {
            for (int first = 0; first < done.length; first++) {
                int end = first;
                while (end < done.length && !done[end]) {
                    end++;
                }
                if (first < end) {
                    pack(first, end);
                }
            }
        }
    }

    @Override
    public List<Path> files() {
        return List.copyOf(files.keySet());
    }

    @Override
    public String digest() {
        return digest;
    }

    @Override
    public void close() {
        for (FileChannel channel : files.values()) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new InvalidInputException(
                        "a file with experts cannot be closed (" + InvalidInputException.reason(e) + ")", e);
            }
        }
    }
}
