package tilewright.edge.expert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What the system says about this process's memory; 0 where it says nothing. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path MAPPINGS = Path.of("/proc/self/smaps");
    private static final List<String> KINDS = List.of("RssAnon", "RssFile", "RssShmem");
    private static final Path STAT = Path.of("/proc/self/stat");
    /** The field after the process's name, which may hold anything, is the third; major faults are the twelfth. */
    private static final int MAJOR_FAULTS = 12 - 3;

    /** What is said where nothing is known. */
    public static final long UNKNOWN = -1;

    private ProcessMemory() {}

    /** Bytes of memory that the process occupies now. */
    public static long residentBytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    return kibibytes(line);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
        return 0;
    }

    /**
     * Memory of a process by kind, in bytes.
     *
     * @param anonymous its own: heap, weights, experts, buffers
     * @param files pages of mapped files: programs, libraries, mapped models
     * @param shared memory that processes share
     */
    public record Resident(long anonymous, long files, long shared) {
        /** All of it. */
        public long total() {
            return anonymous + files + shared;
        }
    }

    /** What the process occupies now. */
    public static Resident resident() {
        long[] found = new long[KINDS.size()];
        try {
            for (String line : Files.readAllLines(STATUS)) {
                int kind = KINDS.indexOf(line.substring(0, Math.max(0, line.indexOf(':'))));
                if (kind >= 0) {
                    found[kind] = kibibytes(line);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return new Resident(0, 0, 0);
        }
        return new Resident(found[0], found[1], found[2]);
    }

    /**
     * Bytes of files that are mapped into the process and in memory; takes milliseconds where much is mapped.
     *
     * @param paths of the files, as {@link Path#toRealPath} gives them
     */
    public static long mappedBytes(Set<String> paths) {
        long bytes = 0;
        boolean wanted = false;
        try {
            for (String line : Files.readAllLines(MAPPINGS)) {
                if (!line.isEmpty() && Character.digit(line.charAt(0), 16) >= 0 && line.indexOf('-') > 0) {
                    int name = line.indexOf('/');
                    wanted = name >= 0 && paths.contains(line.substring(name));
                } else if (wanted && line.startsWith("Rss:")) {
                    bytes += kibibytes(line);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
        return bytes;
    }

    /**
     * Bytes of pages of files that are charged to the control group that this process is in, mapped ones included: no more of a
     * file's pages in the system's cache can have been brought there by this process; {@link #UNKNOWN} without control groups.
     */
    public static long groupCachedBytes() {
        return groupCachedBytes(Path.of("/"));
    }

    /** As above, of a system whose {@code /proc} and {@code /sys} lie in a folder. */
    static long groupCachedBytes(Path root) {
        try {
            for (String line : Files.readAllLines(root.resolve("proc/self/cgroup"))) {
                // number:controllers:path; of the second version neither a number nor controllers.
                String[] parts = line.split(":", 3);
                boolean first =
                        parts.length == 3 && List.of(parts[1].split(",")).contains("memory");
                if (first || line.startsWith("0::")) {
                    Path folder = root.resolve("sys/fs/cgroup" + (first ? "/memory" : "") + parts[2]);
                    long bytes = statistic(folder.resolve("memory.stat"), first ? "cache" : "file");
                    if (bytes != UNKNOWN) {
                        return bytes;
                    }
                }
            }
        } catch (IOException | NumberFormatException | InvalidPathException e) {
            return UNKNOWN;
        }
        return UNKNOWN;
    }

    private static long statistic(Path file, String key) throws IOException {
        if (!Files.exists(file)) {
            return UNKNOWN;
        }
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(key + " "))
                .mapToLong(line -> Long.parseLong(line.substring(key.length() + 1)))
                .findFirst()
                .orElse(UNKNOWN);
    }

    private static long kibibytes(String line) {
        return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
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
