package tilewright.edge.matrix.nativecode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A processor as a C compiler must know it.
 *
 * @param architecture as the system property {@code os.arch} has it
 * @param features what it can do, as Linux lists it; empty where the system does not tell
 */
public record NativeProcessor(String architecture, String features) {
    private static final Path INFORMATION = Path.of("/proc/cpuinfo");

    /** The one that runs this. */
    public static NativeProcessor current() {
        return new NativeProcessor(System.getProperty("os.arch"), currentFeatures());
    }

    private static String currentFeatures() {
        try (Stream<String> lines = Files.lines(INFORMATION)) {
            return lines.filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    /** Whether it is a 64-bit processor of Arm's architecture. */
    public boolean isArm() {
        return architecture.equals("aarch64");
    }

    /** Whether it is a 64-bit processor of Intel's or AMD's. */
    public boolean isX86() {
        return architecture.equals("amd64") || architecture.equals("x86_64");
    }

    /**
     * What tells a compiler to use all that the processor can do and our code has a use for.
     *
     * <p>For Arm these are its dot products of bytes, by name: compilers older than a core, such as GCC 9 on a Jetson Orin,
     * take {@code -mcpu=native} for the oldest core there is.
     */
    public List<String> flags() {
        if (!isArm()) {
            return List.of("-march=native");
        }
        List<String> known = Arrays.asList(features.split("[\\s:]+"));
        if (known.contains("asimddp")) {
            return List.of("-march=armv8.2-a+dotprod");
        }
        return List.of(known.contains("asimd") ? "-march=armv8-a" : "-mcpu=native");
    }
}
