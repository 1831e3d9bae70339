package tilewright.compiler.profile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.edge.expert.FileCache;
import tilewright.edge.matrix.MappedPages;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.SafetensorsWriter;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/**
 * What a profile in the making has gathered: named arrays in the heap and tables outside of it, saved as a file and read back exactly.
 *
 * <p>They are registered in the same order before each run. A double is saved as three floats whose sum it is. Tables lie in memory of
 * their own between {@link #begin} and {@link #settle}, and in the file after that.
 */
final class State implements AutoCloseable {
    private static final String PURPOSE = "purpose";
    private static final int PARTS = 3;
    private static final int ALIGNMENT = 64;
    private static final long COPIED = 16L << 20;

    private final Path file;
    private final float[] purpose;
    private final Map<String, float[]> floats = new LinkedHashMap<>();
    private final Map<String, double[]> doubles = new LinkedHashMap<>();
    private final List<Table> tables = new ArrayList<>();
    /** The file, where it has a state of this purpose; tables lie there, or are copied from there. */
    private TensorSource restored;

    private Arena memory;

    /**
     * A state that is nothing yet.
     *
     * @param file where it is saved
     * @param purpose what tells this run from others: bytes of a digest
     */
    State(Path file, byte[] purpose) {
        this.file = file;
        this.purpose = new float[purpose.length];
        for (int i = 0; i < purpose.length; i++) {
            this.purpose[i] = purpose[i];
        }
    }

    /** Where it is saved. */
    Path file() {
        return file;
    }

    /** A new array of zeros that belongs to the state. */
    float[] floats(String name, long length) {
        float[] array = new float[Math.toIntExact(length)];
        floats.put(name, array);
        return array;
    }

    /** A new array of zeros that belongs to the state. */
    double[] doubles(String name, long length) {
        double[] array = new double[Math.toIntExact(length)];
        doubles.put(name, array);
        return array;
    }

    /** A new table that belongs to the state. */
    Table table(String name, long rows, int width, DType type) {
        Table table = new Table("float." + name, rows, width, type);
        tables.add(table);
        return table;
    }

    /** Bytes that tables take between {@link #begin} and {@link #settle}. */
    long tableBytes() {
        return tables.stream().mapToLong(State::aligned).sum();
    }

    /** Gives tables memory: what was restored, or zeros. */
    void begin() {
        memory = Arena.ofShared();
        MemorySegment all = memory.allocate(tableBytes(), ALIGNMENT);
        for (Table table : tables) {
            MemorySegment own = all.asSlice(0, table.bytes());
            if (restored != null) {
                copy(restored.bytes(table.name()), own);
            }
            table.lie(own);
            all = all.asSlice(aligned(table));
        }
        forget();
    }

    /** Copies what was saved; its pages do not stay. */
    private void copy(MemorySegment from, MemorySegment to) {
        try (FileCache pages = FileCache.of(file)) {
            for (long at = 0; at < to.byteSize(); at += COPIED) {
                long bytes = Math.min(COPIED, to.byteSize() - at);
                to.asSlice(at, bytes).copyFrom(from.asSlice(at, bytes));
                MappedPages.release(from.asSlice(at, bytes));
                pages.drop(0, 0);
            }
        }
    }

    private static long aligned(Table table) {
        return Math.ceilDiv(table.bytes(), ALIGNMENT) * ALIGNMENT;
    }

    /** Gives back the tables' memory, if they had any: what the file has of them, saved or restored, is all that there will be. */
    void settle() {
        if (memory != null) {
            memory.close();
            memory = null;
        }
        if (restored == null) {
            restored = Safetensors.open(file);
        }
        tables.forEach(table -> table.lie(restored.bytes(table.name())));
    }

    private void forget() {
        if (restored != null) {
            restored.close();
            restored = null;
        }
    }

    /** Writes everything; the file holds the older state or this one, never a part. */
    void save() {
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        tensors.put(PURPOSE, tensor(purpose));
        floats.forEach((name, array) -> tensors.put("float." + name, tensor(array)));
        tables.forEach(table -> tensors.put(table.name(), table.tensor()));
        doubles.forEach((name, array) -> tensors.put(
                "double." + name,
                new SafetensorsWriter.Tensor(DType.F32, List.of((long) array.length * PARTS), () -> split(array))));
        try {
            SafetensorsWriter.write(file, tensors, Map.of(), new UncachedWriting());
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written", e);
        }
    }

    private static SafetensorsWriter.Tensor tensor(float[] array) {
        return new SafetensorsWriter.Tensor(DType.F32, List.of((long) array.length), () -> array);
    }

    private static float[] split(double[] array) {
        float[] parts = new float[array.length * PARTS];
        for (int i = 0; i < array.length; i++) {
            double rest = array[i];
            for (int part = 0; part < PARTS; part++) {
                parts[i * PARTS + part] = (float) rest;
                rest -= parts[i * PARTS + part];
            }
        }
        return parts;
    }

    /** Whether the file holds the state of another run, which saving this one would replace; not whether it is damaged. */
    boolean isOther() {
        if (!Files.exists(file)) {
            return false;
        }
        try (TensorSource source = Safetensors.open(file)) {
            return !isMine(source);
        } catch (InvalidInputException damaged) {
            return false;
        }
    }

    private boolean isMine(TensorSource source) {
        return source.names().contains(PURPOSE) && Arrays.equals(source.floats(PURPOSE), purpose);
    }

    /**
     * Reads what an earlier run saved, one array after the other, and checks its tables.
     *
     * @return whether there was a state of this purpose; nothing has changed if not
     * @throws InvalidInputException when there was one, but it is damaged; then some arrays have changed
     */
    boolean restore() {
        if (!Files.exists(file)) {
            return false;
        }
        TensorSource source = null;
        try {
            source = Safetensors.open(file);
            if (!isMine(source)) {
                source.close();
                return false;
            }
            restore(source);
            if (tables.isEmpty()) {
                source.close();
            } else {
                restored = source;
            }
            return true;
        } catch (InvalidInputException e) {
            if (source != null) {
                source.close();
            }
            throw new InvalidInputException(e.getMessage() + "; delete " + file + " to begin again", e);
        }
    }

    private void restore(TensorSource source) {
        floats.forEach((name, array) -> {
            float[] values = read(source, "float." + name, array.length);
            System.arraycopy(values, 0, array, 0, array.length);
        });
        doubles.forEach((name, array) -> join(read(source, "double." + name, array.length * PARTS), array));
        try (FileCache pages = FileCache.of(file)) {
            tables.forEach(table -> check(table, source, pages));
        }
    }

    private void check(Table table, TensorSource source, FileCache pages) {
        TensorInfo info = source.info(table.name());
        if (info.dtype() != table.type() || !info.shape().equals(table.shape())) {
            throw new InvalidInputException(file + ": tensor '" + table.name() + "' is "
                    + info.dtype().label() + " " + info.shape() + ", expected "
                    + table.type().label() + " " + table.shape());
        }
        table.lie(source.bytes(table.name()));
        int row = table.notFinite();
        pages.drop(0, 0);
        if (row >= 0) {
            throw new InvalidInputException(
                    file + ": tensor '" + table.name() + "' holds a number that is not finite in row " + row);
        }
    }

    private static void join(float[] parts, double[] array) {
        for (int i = 0; i < array.length; i++) {
            array[i] = (double) parts[i * PARTS] + parts[i * PARTS + 1] + parts[i * PARTS + 2];
        }
    }

    private float[] read(TensorSource source, String name, int length) {
        float[] values = source.finiteFloats(name);
        if (values.length != length) {
            throw new InvalidInputException(
                    file + ": tensor '" + name + "' has " + values.length + " elements, expected " + length);
        }
        return values;
    }

    /** Deletes the file; after {@link #close}. */
    void delete() throws IOException {
        Files.deleteIfExists(file);
    }

    /** Gives back what tables take. */
    @Override
    public void close() {
        if (memory != null) {
            memory.close();
            memory = null;
        }
        forget();
    }
}
