package tilewright.compiler.machine;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** How much memory a process can have: all that the machine has, or its control group's limit. */
public final class MemoryLimit {
    private static final double GIB = 1L << 30;

    private MemoryLimit() {}

    /** The limit of this process's control group in bytes, page cache included; empty where there is none. */
    static OptionalLong ofGroup(SystemFiles files) {
        Optional<String> group = files.text("proc/self/cgroup")
                .flatMap(text ->
                        text.lines().filter(line -> line.startsWith("0::/")).findFirst())
                .map(line -> line.substring("0::/".length()));
        return group.flatMap(name -> files.text("sys/fs/cgroup/" + (name.isEmpty() ? "" : name + "/") + "memory.max"))
                .or(() -> files.text("sys/fs/cgroup/memory/memory.limit_in_bytes"))
                .filter(text -> text.matches("\\d{1,16}"))
                .map(text -> OptionalLong.of(Long.parseLong(text)))
                .orElse(OptionalLong.empty());
    }

    /** Says in a line that a budget is more than a process can have here; empty when it is not. */
    public static Optional<String> exceededBy(SystemFiles files, long budget) {
        OptionalLong total = files.bytes("proc/meminfo", "MemTotal");
        OptionalLong group = ofGroup(files);
        if (group.isPresent() && budget > group.getAsLong() && group.getAsLong() < total.orElse(Long.MAX_VALUE)) {
            return Optional.of(warning(
                    budget,
                    "the control group's limit of " + gibibytes(group.getAsLong())
                            + ", at which the system ends this process"));
        }
        return total.isPresent() && budget > total.getAsLong()
                ? Optional.of(warning(budget, "the " + gibibytes(total.getAsLong()) + " of this machine"))
                : Optional.empty();
    }

    private static String warning(long budget, String than) {
        return "warning: --memory is " + gibibytes(budget) + ", more than " + than;
    }

    private static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
    }
}
