package tilewright.edge.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import tilewright.edge.matrix.GroupedPanels;
import tilewright.edge.matrix.StoredPanels;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.store.StoreManifest;
import tilewright.model.tensor.DType;

/** Random experts in all forms, and the values that they stand for. */
final class SmallStore {
    private static final List<MatrixForm> FORMS = List.of(
            MatrixForm.codes(2),
            MatrixForm.codes(3),
            MatrixForm.codes(4),
            MatrixForm.codes(5),
            MatrixForm.codes(6),
            MatrixForm.codes(8),
            MatrixForm.stored(DType.Q4_0),
            MatrixForm.stored(DType.Q8_0),
            MatrixForm.stored(DType.BF16),
            MatrixForm.stored(DType.F32));

    final StoreManifest manifest;
    final List<List<RecordShape>> shapes = new ArrayList<>();
    /** Decoded rows of each matrix, by the bits that are kept; by layer, expert and matrix. */
    final Map<String, float[]> values = new TreeMap<>();

    private final Map<String, MemorySegment> records = new TreeMap<>();
    private final Map<String, float[]> units = new TreeMap<>();

    /**
     * Two layers: gated experts of 96 to 40 to 70 elements, plain ones of 64 to 64 to 64.
     *
     * @param same whether all matrices have codes of 4 bits
     */
    SmallStore(Path folder, long seed, boolean same) {
        Random random = new Random(seed);
        List<StoreManifest.Layer> layers = List.of(
                new StoreManifest.Layer("block0.y", 5, true, 96, 64, 70),
                new StoreManifest.Layer("block1.y", 4, false, 64, 64, 64));
        for (int layer = 0; layer < layers.size(); layer++) {
            List<RecordShape> here = new ArrayList<>();
            for (int expert = 0; expert < layers.get(layer).experts(); expert++) {
                MatrixForm[] forms = new MatrixForm[3];
                for (ExpertMatrix matrix : ExpertMatrix.values()) {
                    boolean there =
                            matrix != ExpertMatrix.UP || layers.get(layer).gated();
                    MatrixForm form = same ? MatrixForm.codes(4) : FORMS.get(random.nextInt(FORMS.size()));
                    forms[matrix.ordinal()] = there ? form : null;
                }
                RecordShape shape = new RecordShape(layers.get(layer), Arrays.asList(forms));
                here.add(shape);
                fill(layer, expert, shape, random);
            }
            shapes.add(here);
        }
        Map<String, String> options = new LinkedHashMap<>(Map.of("bits", "mixed"));
        manifest = new StoreManifest(
                folder,
                String.format("%064x", seed),
                new StoreManifest.Source("small", "0".repeat(64), "nothing"),
                StoreManifest.DENSE_SAFETENSORS,
                options,
                layers,
                List.of(),
                List.of());
    }

    static String key(int layer, int expert, ExpertMatrix matrix, int level) {
        return layer + "." + expert + "." + matrix.label() + "." + level;
    }

    private void fill(int layer, int expert, RecordShape shape, Random random) {
        MemorySegment record = Arena.ofAuto().allocate(shape.storedBytes(), RecordShape.ALIGNMENT);
        float[] unit = {1, 1, 1};
        for (ExpertMatrix matrix : ExpertMatrix.values()) {
            MatrixForm form = shape.form(matrix);
            if (form == null) {
                continue;
            }
            int rows = shape.rows(matrix);
            int width = shape.width(matrix);
            float[] full = new float[rows * width];
            float[] base = new float[rows * width];
            MemorySegment first = record.asSlice(shape.baseAt(matrix), shape.baseBytes(matrix));
            MemorySegment rest = record.asSlice(shape.residualAt(matrix), shape.residualBytes(matrix));
            if (form.stored() == null) {
                GroupedCodes codes = codes(form.bits(), rows, width, random);
                GroupedPanels.write(codes, first, rest);
                unit[matrix.ordinal()] = codes.unit();
                for (int row = 0; row < rows; row++) {
                    codes.decode(row, full, row * width);
                    codes.decode(row, GroupedCodes.baseBits(form.bits()), base, row * width);
                }
            } else {
                EncodedMatrix stored = stored(form.stored(), rows, width, random);
                StoredPanels.pack("m", List.of(stored), first);
                stored.decode(0, rows, full, 0);
                base = full;
            }
            values.put(key(layer, expert, matrix, 1), full);
            values.put(key(layer, expert, matrix, 0), base);
        }
        records.put(layer + "." + expert, record);
        units.put(layer + "." + expert, unit);
    }

    private static GroupedCodes codes(int bits, int rows, int width, Random random) {
        byte[] scales = new byte[rows * GroupedCodes.groups(width)];
        byte[] zeros = new byte[scales.length];
        byte[] codes = new byte[rows * width];
        random.nextBytes(scales);
        random.nextBytes(zeros);
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) random.nextInt(1 << bits);
        }
        return new GroupedCodes(bits, rows, width, 1e-6f + random.nextFloat() * 1e-6f, scales, zeros, codes);
    }

    private static EncodedMatrix stored(DType format, int rows, int width, Random random) {
        float[] values = new float[rows * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        byte[] bytes = new byte[(int) format.bytesFor(values.length)];
        format.codec().encode(values, 0, values.length, MemorySegment.ofArray(bytes), 0);
        return new EncodedMatrix(format, rows, width, MemorySegment.ofArray(bytes));
    }

    /** Writes the record of an expert. */
    void write(ExpertStoreWriter writer, int layer, int expert) {
        writer.write(layer, expert, units.get(layer + "." + expert), records.get(layer + "." + expert));
    }

    /** Opens a writer, writes what is not finished in a random order, and publishes. */
    void write(StoreFiles files, Random order) {
        try (ExpertStoreWriter writer = ExpertStoreWriter.open(files, manifest, shapes, false, _ -> {})) {
            List<int[]> left = new ArrayList<>();
            for (int layer = 0; layer < shapes.size(); layer++) {
                for (int expert = 0; expert < shapes.get(layer).size(); expert++) {
                    left.add(new int[] {layer, expert});
                }
            }
            Collections.shuffle(left, order);
            for (int[] place : left) {
                if (!writer.isFinished(place[0], place[1])) {
                    write(writer, place[0], place[1]);
                }
            }
            writer.publish(false);
        }
    }

    /** The contents of every file of a folder. */
    static Map<String, byte[]> contents(Path folder) {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return contents;
    }
}
