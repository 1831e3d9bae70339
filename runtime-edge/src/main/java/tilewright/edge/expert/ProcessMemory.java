package tilewright.edge.expert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the system says about this process's memory; 0 where it says nothing. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path STAT = Path.of("/proc/self/stat");
    /** The field after the process's name, which may hold anything, is the third; major faults are the twelfth. */
    private static final int MAJOR_FAULTS = 12 - 3;

    private ProcessMemory() {}

    /** Bytes of memory that the process occupies now. */
    public static long residentBytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
        return 0;
    }

    /** How often the process has waited for a page from storage. */
    public static long majorFaults() {
        try {
            String stat = Files.readString(STAT);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[MAJOR_FAULTS]);
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}
