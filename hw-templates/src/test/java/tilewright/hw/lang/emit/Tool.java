package tilewright.hw.lang.emit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Programs of others that read SystemVerilog; tests that need one are skipped, with the reason, where it is missing. */
public final class Tool {
    private final Path folder;

    /** Tools that run in a folder. */
    public Tool(Path folder) {
        this.folder = folder;
    }

    /** Skips the test unless a program is on the path. */
    public static void need(String program) {
        boolean found = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        assumeTrue(found, program + " is not installed; run apt-get install " + program);
    }

    /** What a program prints; the test fails when it fails. */
    public String run(List<String> command) {
        try {
            Path log = folder.resolve("tool.log");
            int status = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
            String text = Files.readString(log, StandardCharsets.UTF_8);
            assertEquals(0, status, () -> String.join(" ", command) + "\n" + text);
            return text;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Holds that a program has nothing to say. */
    public void silent(List<String> command) {
        assertEquals("", run(command), () -> String.join(" ", command));
    }

    /** Holds that all three front ends take the files without a word. */
    public void lint(String top, List<Path> files) {
        List<String> names = files.stream().map(Path::toString).toList();
        silent(join(List.of("verilator", "--lint-only", "-Wall", "--top-module", top), names));
        silent(join(List.of("iverilog", "-g2012", "-Wall", "-t", "null", "-s", top), names));
        String script = "read_verilog -sv " + String.join(" ", names) + "; hierarchy -check -top " + top
                + "; proc; check -assert";
        silent(List.of("yosys", "-q", "-p", script));
    }

    private static List<String> join(List<String> a, List<String> b) {
        List<String> result = new ArrayList<>(a);
        result.addAll(b);
        return result;
    }
}
