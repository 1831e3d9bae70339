package tilewright.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.DType;

/** Against files that NumPy 2.4 wrote. */
class NpyTest {
    @TempDir
    Path folder;

    static Path resource(String name) {
        try {
            return Path.of(NpyTest.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void arraysThatNumpyWroteAreRead() {
        NpyArray floats = Npy.read(resource("float32-2x3.npy"));
        assertEquals(List.of(2L, 3L), floats.shape());
        assertEquals(DType.F32, floats.dtype());
        assertArrayEquals(new float[] {0.5f, -1, 2, 3, 4, 1e-3f}, floats.floats());
        assertArrayEquals(
                new int[] {1, -2, 70_000}, Npy.read(resource("int32-3.npy")).ints());
        NpyArray scalar = Npy.read(resource("scalar-float16.npy"));
        assertEquals(List.of(), scalar.shape());
        assertArrayEquals(new float[] {1.5f}, scalar.floats());
    }

    @Test
    void writtenFilesHaveTheBytesThatNumpyWrites() throws IOException {
        Path floats = folder.resolve("f.npy");
        Npy.write(floats, new float[] {0.5f, -1, 2, 3, 4, 1e-3f}, 2, 3);
        assertEquals(2, Npy.read(floats).shape().size());
        assertArrayEquals(Files.readAllBytes(resource("float32-2x3.npy")), Files.readAllBytes(floats));
        Path ints = folder.resolve("i.npy");
        Npy.write(ints, new int[] {1, -2, 70_000}, 3);
        assertArrayEquals(Files.readAllBytes(resource("int32-3.npy")), Files.readAllBytes(ints));
    }

    @Test
    void arraysLargerThanOneChunkAreWrittenWhole() throws IOException {
        int[] values = new int[150_000];
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = i - 7;
            floats[i] = i - 7;
        }
        Path file = folder.resolve("i.npy");
        Npy.write(file, values, 3, 50_000);
        assertArrayEquals(values, Npy.read(file).ints());
        Npy.write(file, floats, 3, 50_000);
        assertArrayEquals(floats, Npy.read(file).floats());
    }

    @Test
    void aShapeThatDisagreesWithTheValuesIsRefusedAndNothingIsWritten() {
        Path file = folder.resolve("f.npy");
        assertThrows(IllegalArgumentException.class, () -> Npy.write(file, new float[5], 2, 3));
        assertThrows(IllegalArgumentException.class, () -> Npy.write(file, new float[1], -1, -1));
        assertFalse(Files.exists(file));
    }

    @Test
    void fortranOrderIsRefusedWithTheWayOut() {
        Path file = resource("fortran.npy");
        var error = assertThrows(InvalidInputException.class, () -> Npy.read(file));
        assertEquals(file + ": the array is in Fortran order; save numpy.ascontiguousarray(array)", error.getMessage());
    }

    @Test
    void floatsAreNotTakenForIntegers() {
        Path file = resource("float32-2x3.npy");
        NpyArray array = Npy.read(file);
        var error = assertThrows(InvalidInputException.class, array::ints);
        assertEquals(file + ": elements are F32, expected integers; save with astype('int64')", error.getMessage());
        assertTrue(array.elements().isReadOnly());
    }
}
