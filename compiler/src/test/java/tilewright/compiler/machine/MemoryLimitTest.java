package tilewright.compiler.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a budget of memory is compared with. */
class MemoryLimitTest {
    private static final long GIB = 1L << 30;

    @TempDir
    Path root;

    @BeforeEach
    void describeAMachineOfSixteenGibibytes() throws IOException {
        write("proc/meminfo", "MemTotal:       16777216 kB\nMemAvailable:   12582912 kB\n");
    }

    private void write(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Optional<String> exceededBy(long budget) {
        return MemoryLimit.exceededBy(new SystemFiles(root), budget);
    }

    @Test
    void moreThanTheMachineHasIsSaid() {
        assertEquals(Optional.empty(), exceededBy(16 * GIB));
        assertEquals(
                Optional.of("warning: --memory is 17.0 GiB, more than the 16.0 GiB of this machine"),
                exceededBy(17 * GIB));
    }

    @Test
    void moreThanTheControlGroupMayHaveIsSaid() throws IOException {
        write("proc/self/cgroup", "0::/user.slice\n");
        write("sys/fs/cgroup/user.slice/memory.max", "2147483648\n");
        assertEquals(Optional.empty(), exceededBy(2 * GIB));
        assertEquals(
                Optional.of("warning: --memory is 3.0 GiB, more than the control group's limit of 2.0 GiB, at which the"
                        + " system ends this process"),
                exceededBy(3 * GIB));
    }

    @Test
    void aControlGroupWithoutALimitSetsNone() throws IOException {
        write("proc/self/cgroup", "0::/user.slice\n");
        write("sys/fs/cgroup/user.slice/memory.max", "max\n");
        assertEquals(Optional.empty(), exceededBy(3 * GIB));
    }

    @Test
    void whereNothingIsKnownNothingIsSaid() throws IOException {
        Files.delete(root.resolve("proc/meminfo"));
        assertEquals(Optional.empty(), exceededBy(1L << 50));
    }
}
