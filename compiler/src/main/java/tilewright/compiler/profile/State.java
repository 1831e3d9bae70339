package tilewright.compiler.profile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.SafetensorsWriter;
import tilewright.model.tensor.TensorSource;

/**
 * What a profile in the making has gathered: named arrays, saved as a file and read back exactly.
 *
 * <p>Arrays are registered in the same order before each run. A double is saved as three floats whose sum it is.
 */
final class State {
    private static final String PURPOSE = "purpose";
    private static final int PARTS = 3;

    private final Path file;
    private final float[] purpose;
    private final Map<String, float[]> floats = new LinkedHashMap<>();
    private final Map<String, double[]> doubles = new LinkedHashMap<>();

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

    /** Writes everything; the file holds the older state or this one, never a part. */
    void save() {
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        tensors.put(PURPOSE, tensor(purpose));
        floats.forEach((name, array) -> tensors.put("float." + name, tensor(array)));
        doubles.forEach((name, array) -> tensors.put(
                "double." + name,
                new SafetensorsWriter.Tensor(DType.F32, List.of((long) array.length * PARTS), () -> split(array))));
        try {
            SafetensorsWriter.write(file, tensors);
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

    /**
     * Reads what an earlier run saved, one array after the other.
     *
     * @return whether there was a state of this purpose; nothing has changed if not
     * @throws InvalidInputException when there was one, but it is damaged; then some arrays have changed
     */
    boolean restore() {
        if (!Files.exists(file)) {
            return false;
        }
        try (TensorSource source = Safetensors.open(file)) {
            if (!source.names().contains(PURPOSE) || !java.util.Arrays.equals(source.floats(PURPOSE), purpose)) {
                return false;
            }
            floats.forEach((name, array) -> {
                float[] values = read(source, "float." + name, array.length);
                System.arraycopy(values, 0, array, 0, array.length);
            });
            doubles.forEach((name, array) -> join(read(source, "double." + name, array.length * PARTS), array));
            return true;
        } catch (InvalidInputException e) {
            throw new InvalidInputException(e.getMessage() + "; delete " + file + " to begin again", e);
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

    /** Deletes the file. */
    void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
