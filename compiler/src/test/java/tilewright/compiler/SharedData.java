package tilewright.compiler;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Data beside or in the checkout; tests that need what is absent are skipped with a reason. */
public final class SharedData {
    private SharedData() {}

    /** A folder of the reference data that lies beside the checkout. */
    public static Path golden(String name) {
        String shared = System.getProperty("tilewright.shared");
        Path golden = shared != null ? Path.of(shared, "golden") : null;
        for (Path at = Path.of("").toAbsolutePath(); golden == null && at.getParent() != null; at = at.getParent()) {
            Path candidate = at.resolveSibling("shared").resolve("golden");
            golden = Files.isDirectory(candidate) ? candidate : null;
        }
        Assumptions.assumeTrue(
                golden != null && Files.isDirectory(golden.resolve(name)),
                "shared/golden/" + name + " is not beside this checkout");
        return golden.resolve(name);
    }

    /** A folder of the repository. */
    public static Path repository(String name) {
        Path at = Path.of("").toAbsolutePath();
        while (at != null && !Files.isDirectory(at.resolve(name))) {
            at = at.getParent();
        }
        Assumptions.assumeTrue(at != null, name + " is not in this checkout");
        return at.resolve(name);
    }
}
