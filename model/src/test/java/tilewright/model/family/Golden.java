package tilewright.model.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import tilewright.model.graph.Tensor64;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/** Reference data that lies beside the checkout; tests that need it are skipped with a reason where it is absent. */
final class Golden {
    private Golden() {}

    /** A folder of the reference data. */
    static Path folder(String name) {
        String shared = System.getProperty("tilewright.shared");
        Path golden = shared != null ? Path.of(shared, "golden") : null;
        for (Path at = Path.of("").toAbsolutePath(); golden == null && at.getParent() != null; at = at.getParent()) {
            Path candidate = at.resolveSibling("shared").resolve("golden");
            golden = Files.isDirectory(candidate) ? candidate : null;
        }
        Assumptions.assumeTrue(
                golden != null && Files.isDirectory(golden), "shared/golden is not beside this checkout");
        return golden.resolve(name);
    }

    /** A tensor of a file. */
    static Tensor64 tensor(TensorSource source, String name) {
        TensorInfo info = source.info(name);
        return Tensor64.of(info.shape().stream().mapToInt(Math::toIntExact).toArray(), source.finiteFloats(name));
    }

    /** Fails unless the elements agree; dimensions of 1 do not count. */
    static void assertClose(Tensor64 expected, Tensor64 found, double tolerance, String what) {
        assertEquals(expected.data().length, found.data().length, what);
        assertArrayEquals(expected.data(), found.data(), tolerance, what);
    }
}
