package tilewright.model.tensor;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Finds reference data that are not part of the repository. */
public final class GoldenData {
    private GoldenData() {}

    /**
     * The folder {@code golden} under the system property {@code tilewright.shared}, or else under {@code shared} beside
     * one of the folders above the working directory; where there is none, the calling test is skipped.
     */
    public static Path folder() {
        Path golden = find();
        Assumptions.assumeTrue(
                golden != null,
                "shared/golden is not beside this checkout; name its parent with -Dtilewright.shared=FOLDER");
        return golden;
    }

    /** Sample models that are not part of the repository, or null. */
    public static Path archZoo() {
        Path golden = find();
        return golden == null ? null : golden.resolve("arch-zoo");
    }

    private static Path find() {
        String shared = System.getProperty("tilewright.shared");
        Path golden = shared != null ? Path.of(shared, "golden") : null;
        for (Path at = Path.of("").toAbsolutePath(); golden == null && at.getParent() != null; at = at.getParent()) {
            Path candidate = at.resolveSibling("shared").resolve("golden");
            golden = Files.isDirectory(candidate) ? candidate : null;
        }
        return golden != null && Files.isDirectory(golden) ? golden : null;
    }
}
