package tilewright.sim.rtl.verilator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The processor that models are compiled for: the one they run on, whose vector instructions make them half as fast again.
 *
 * @param description what distinguishes it from others, so that machines can share a cache of models
 * @param flags what the compiler is told
 */
record Processor(String description, List<String> flags) {
    private static final Path DESCRIPTION = Path.of("/proc/cpuinfo");

    /** This machine's; compiled for any of its kind where nothing describes it. */
    static Processor current() {
        String kind = System.getProperty("os.arch");
        if (!kind.equals("amd64")) {
            return new Processor(kind, List.of());
        }
        try (Stream<String> lines = Files.lines(DESCRIPTION)) {
            String first = lines.takeWhile(line -> !line.isBlank())
                    .filter(line -> line.startsWith("model name") || line.startsWith("flags"))
                    .collect(Collectors.joining("\n"));
            return new Processor(kind + "\n" + first, List.of("-march=native"));
        } catch (IOException e) {
            return new Processor(kind, List.of());
        }
    }
}
