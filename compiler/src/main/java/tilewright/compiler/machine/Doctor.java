package tilewright.compiler.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import tilewright.edge.probe.MemoryLoad;
import tilewright.edge.probe.StorageProbe;

/** Looks at a machine for what makes language models slow on it; changes nothing. */
public final class Doctor {
    /** Of each kind of processor what the kernels use, fastest first. */
    private static final List<String> INT8_FEATURES = List.of("avx512_vnni", "avx_vnni", "asimddp");

    private static final long GIB = 1L << 30;
    /** A memory limit that a model of a few billion weights does not fit in. */
    private static final long SMALL_LIMIT = 2 * GIB;

    private static final double BUSY_SHARE = 0.5;
    private static final double SLOW_STORAGE = 1e9;

    private final SystemFiles files;
    private final int cores;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * A look at one machine.
     *
     * @param cores processors that this process may use
     */
    public Doctor(SystemFiles files, int cores) {
        this.files = files;
        this.cores = cores;
    }

    /** What has been found so far, in order. */
    public List<Finding> findings() {
        return List.copyOf(findings);
    }

    /** Adds what the system says of processor, memory and load. */
    public void system() {
        processor();
        memory();
        limit();
        swap();
        hugePages();
        governor();
        load();
        findings.add(Finding.fine("Java", Runtime.version().toString()));
    }

    private void processor() {
        String model = files.field("proc/cpuinfo", "model name")
                .or(() -> files.text("proc/device-tree/model").map(text -> text.replace("\0", "")))
                .orElse(System.getProperty("os.arch"));
        String text = model + ", " + cores + (cores == 1 ? " core" : " cores");
        Set<String> features = new TreeSet<>(List.of(files.field("proc/cpuinfo", "flags")
                .or(() -> files.field("proc/cpuinfo", "Features"))
                .orElse("")
                .split("\\s+")));
        Optional<String> int8 =
                INT8_FEATURES.stream().filter(features::contains).findFirst();
        findings.add(
                int8.isPresent()
                        ? Finding.fine("processor", text + ", " + int8.get())
                        : new Finding(
                                "processor",
                                text + ", no 8-bit dot products",
                                "products with quantised weights are several times slower than on a processor with "
                                        + String.join(", ", INT8_FEATURES)));
    }

    private void memory() {
        OptionalLong total = files.bytes("proc/meminfo", "MemTotal");
        OptionalLong available = files.bytes("proc/meminfo", "MemAvailable");
        if (total.isEmpty() || available.isEmpty()) {
            return;
        }
        String text = gibibytes(available.getAsLong()) + " of " + gibibytes(total.getAsLong()) + " available";
        findings.add(
                available.getAsLong() * 2 >= total.getAsLong()
                        ? Finding.fine("memory", text)
                        : new Finding(
                                "memory", text, "other programs hold more than half of it; end what is not needed"));
    }

    /** A control group's limit counts the page cache too. */
    private void limit() {
        OptionalLong limit = MemoryLimit.ofGroup(files);
        if (limit.isEmpty()) {
            return;
        }
        long bytes = limit.getAsLong();
        String text = gibibytes(bytes) + ", page cache included";
        findings.add(
                bytes > SMALL_LIMIT
                        ? Finding.fine("memory limit", text)
                        : new Finding(
                                "memory limit",
                                text,
                                "a larger model must be streamed: run it with --memory below this limit"));
    }

    private void swap() {
        OptionalLong total = files.bytes("proc/meminfo", "SwapTotal");
        OptionalLong free = files.bytes("proc/meminfo", "SwapFree");
        if (total.isEmpty() || free.isEmpty()) {
            return;
        }
        long used = total.getAsLong() - free.getAsLong();
        findings.add(
                used < GIB / 4
                        ? Finding.fine("swap", gibibytes(used) + " used")
                        : new Finding(
                                "swap",
                                gibibytes(used) + " used",
                                "memory is short; weights that are swapped out are read back page by page"));
    }

    private void hugePages() {
        files.text("sys/kernel/mm/transparent_hugepage/enabled").ifPresent(text -> {
            String chosen = text.replaceAll(".*\\[(\\w+)].*", "$1");
            findings.add(
                    !chosen.equals("never")
                            ? Finding.fine("huge pages", chosen)
                            : new Finding(
                                    "huge pages",
                                    chosen,
                                    "weights are read through 4 KiB pages; as root: echo madvise >"
                                            + " /sys/kernel/mm/transparent_hugepage/enabled"));
        });
    }

    private void governor() {
        files.text("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
                .ifPresent(name -> findings.add(
                        Set.of("performance", "schedutil").contains(name)
                                ? Finding.fine("clock governor", name)
                                : new Finding(
                                        "clock governor",
                                        name,
                                        "the clock rises late or never; as root: cpupower frequency-set -g performance"
                                                + " (Jetson: jetson_clocks)")));
        OptionalLong throttled = number("sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count");
        if (throttled.orElse(0) > 0) {
            findings.add(new Finding(
                    "temperature",
                    throttled.getAsLong() + " times slowed down by heat since the start",
                    "better cooling, or fewer threads"));
        }
    }

    private OptionalLong number(String name) {
        return files.text(name)
                .filter(text -> text.matches("\\d{1,18}"))
                .map(text -> OptionalLong.of(Long.parseLong(text)))
                .orElse(OptionalLong.empty());
    }

    private void load() {
        files.text("proc/loadavg")
                .map(text -> text.split("\\s+")[0])
                .filter(text -> text.matches("\\d+(\\.\\d+)?"))
                .map(Double::parseDouble)
                .ifPresent(load -> findings.add(
                        load <= BUSY_SHARE * cores
                                ? Finding.fine("load", format("%.1f", load))
                                : new Finding(
                                        "load",
                                        format("%.1f on %d cores", load, cores),
                                        "other programs compute; use fewer --threads or wait")));
    }

    /** Adds whether products run in native code. */
    public void kernels(String problem) {
        findings.add(
                problem == null
                        ? Finding.fine("kernels", "native")
                        : new Finding(
                                "kernels", "Java: " + problem, "install gcc: products become 1.4 to 3 times faster"));
    }

    /** Adds how fast memory is read. */
    public void memorySpeed(double oneThread, double allThreads) {
        findings.add(Finding.fine(
                "memory speed",
                format("%.1f GB/s with one thread, %.1f with %d", oneThread / 1e9, allThreads / 1e9, cores)));
    }

    /**
     * Adds how fast a file is read.
     *
     * @param folder where it lies
     * @param lanes how many reads are outstanding, ascending
     * @return bytes per second at each
     * @throws IOException when a read fails
     */
    public double[] storage(Path folder, StorageProbe probe, int[] lanes, double seconds) throws IOException {
        double[] speeds = new double[lanes.length];
        StringBuilder text = new StringBuilder();
        double best = 0;
        for (int i = 0; i < lanes.length; i++) {
            speeds[i] = probe.measure(lanes[i], seconds);
            best = Math.max(best, speeds[i]);
            text.append(format("%s%.2f", i == 0 ? "" : ", ", speeds[i] / 1e9));
        }
        text.append(" GB/s with ").append(laneText(lanes)).append(" reads at a time");
        String advice = null;
        if (!probe.direct()) {
            text.append(", through the page cache");
            advice = "the file system of " + folder + " has no direct reads; keep models on ext4, xfs or btrfs";
        } else if (best < SLOW_STORAGE) {
            advice = "experts on demand want 1 GB/s or more: keep models on an NVMe drive";
        }
        findings.add(new Finding("storage", text.toString(), advice));
        besideComputing(probe, lanes[lanes.length - 1], speeds[lanes.length - 1], seconds);
        return speeds;
    }

    /** Notes that a drive could not be measured, and why. */
    public void noStorage(Path place, String reason) {
        findings.add(new Finding(
                "storage",
                "not measured: " + place + ": " + reason,
                "give the doctor a model's file, or a folder that can be written to"));
    }

    /** Computing reads memory all the time, and storage writes into it. */
    private void besideComputing(StorageProbe probe, int lanes, double atRest, double seconds) throws IOException {
        double beside;
        try (MemoryLoad _ = new MemoryLoad()) {
            beside = probe.measure(lanes, seconds);
        }
        findings.add(Finding.fine(
                "beside computing",
                format(
                        "%.2f GB/s from storage with %d reads at a time, %.0f %% of what it gives at rest",
                        beside / 1e9, lanes, 100 * beside / atRest)));
    }

    private static String laneText(int[] lanes) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lanes.length; i++) {
            text.append(i == 0 ? "" : i + 1 == lanes.length ? " and " : ", ").append(lanes[i]);
        }
        return text.toString();
    }

    private static String gibibytes(long bytes) {
        return format("%.1f GiB", bytes / (double) GIB);
    }

    private static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }
}
