package tilewright.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("cpp")
class CSimulationTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final List<String> QUICK = List.of("-std=c++17", "-O0", "-Wall", "-Wextra", "-Werror");

    @TempDir
    Path folder;

    private CppCompiler compiler;
    private final List<String> errors = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void compiler() {
        try {
            compiler = CppCompiler.find();
        } catch (SimulationException e) {
            abort(e.getMessage());
        }
    }

    @Test
    void aProgramOfSeveralFilesIsCompiledAndRunWithItsArguments() throws IOException {
        write("unit/scale.h", "constexpr int SCALE = 3;\n");
        write("unit/scale.cpp", "#include \"scale.h\"\nint scale(int x) { return SCALE * x; }\n");
        write("main.cpp", """
                #include <cstdio>
                #include <cstdlib>
                int scale(int x);
                int main(int count, char **arguments) {
                    std::fprintf(stderr, "image 1\\nimage 2\\n");
                    std::printf("%d %d\\n", count, scale(std::atoi(arguments[1])));
                    return 0;
                }
                """);
        CSimulation simulation = build("main.cpp", "unit/scale.cpp");
        assertFalse(simulation.cached());
        assertEquals("2 42\n", run(simulation, "14").output());
        assertEquals(List.of("image 1", "image 2"), errors);
        assertEquals(List.of("design"), names(simulation.program().getParent()));
    }

    @Test
    void theSameDesignIsTakenFromTheCacheAndAChangedHeaderOrFlagIsNot() throws IOException {
        write("size.h", "constexpr int SIZE = 1;\n");
        write("main.cpp", "#include \"size.h\"\n#include <cstdio>\nint main() { std::printf(\"%d\", SIZE); }\n");
        CSimulation first = build("main.cpp");
        CSimulation again = build("main.cpp");
        assertTrue(again.cached());
        assertEquals(first.program(), again.program());
        write("notes.txt", "not C++");
        assertTrue(build("main.cpp").cached());
        write("size.h", "constexpr int SIZE = 2;\n");
        CSimulation changed = build("main.cpp");
        assertFalse(changed.cached());
        assertEquals("2", run(changed).output());
        assertEquals("1", run(first).output());
        assertFalse(CSimulation.build(compiler, design(List.of("-std=c++17", "-O1"), "main.cpp"), cache())
                .cached());
        assertFalse(CSimulation.build(new CppCompiler(compiler.command(), "newer"), design(QUICK, "main.cpp"), cache())
                .cached());
    }

    @Test
    void aDamagedCacheEntryIsBuiltAgain() throws IOException {
        write("main.cpp", "int main() { return 0; }\n");
        CSimulation first = build("main.cpp");
        Files.delete(first.program());
        write("cache/" + first.program().getParent().getFileName() + "/leftover", "");
        assertFalse(build("main.cpp").cached());
        assertEquals(List.of("design"), names(first.program().getParent()));
    }

    @Test
    void anErrorOfTheCompilerIsShownWithThePathOfItsLog() throws IOException {
        write("main.cpp", "int main() { return missing; }\n");
        SimulationException e = assertThrows(SimulationException.class, () -> build("main.cpp"));
        Matcher message = Pattern.compile(
                        "design: does not compile: main\\.cpp:1:\\d+: error: .*missing.*; log: (.*\\.log)")
                .matcher(e.getMessage());
        assertTrue(message.matches(), e.getMessage());
        assertTrue(Files.readString(Path.of(message.group(1))).contains("return missing;"));
        assertEquals(1, names(cache()).size(), "only the log is left");
    }

    @Test
    void aProgramThatFailsIsReportedWithItsLastLineAndLog() throws IOException {
        write("main.cpp", """
                #include <cstdio>
                int main() {
                    std::fprintf(stderr, "reading\\nweights.bin: too short\\n");
                    return 5;
                }
                """);
        String log = failure("design: C simulation failed with exit code 5: weights\\.bin: too short; log: (.*)");
        assertEquals("reading\nweights.bin: too short\n", log);
    }

    @Test
    void aProgramThatCrashesIsReportedAndThisJvmLivesOn() throws IOException {
        write("main.cpp", "#include <csignal>\nint main() { std::raise(SIGSEGV); }\n");
        failure("design: C simulation crashed with signal 11 \\(invalid memory access\\); log: (.*)");
    }

    @Test
    void aProgramThatHangsIsStoppedWhenItsTimeIsOver() throws IOException {
        write("main.cpp", "volatile bool on = true;\nint main() { while (on) {} }\n");
        CSimulation simulation = build("main.cpp");
        SimulationException e = assertThrows(
                SimulationException.class,
                () -> simulation.run(List.of(), folder, Duration.ofMillis(200), errors::add));
        assertTrue(
                e.getMessage()
                        .matches("design: C simulation did not end in 200 ms and was stopped;"
                                + " allow more time or give it less work; log: .*"),
                e.getMessage());
        assertEquals(
                0,
                ProcessHandle.current()
                        .children()
                        .filter(child -> child.info()
                                .command()
                                .orElse("")
                                .equals(simulation.program().toString()))
                        .count());
    }

    @Test
    void anExceptionOfTheListenerReachesTheCaller() throws IOException {
        write("main.cpp", "#include <cstdio>\nint main() { for (;;) std::fprintf(stderr, \"line\\n\"); }\n");
        CSimulation simulation = build("main.cpp");
        IllegalStateException e = assertThrows(
                IllegalStateException.class,
                () -> simulation.run(List.of(), folder, MINUTE, line -> {
                    throw new IllegalStateException("enough");
                }));
        assertEquals("enough", e.getMessage());
    }

    private String failure(String pattern) throws IOException {
        CSimulation simulation = build("main.cpp");
        SimulationException e = assertThrows(SimulationException.class, () -> run(simulation));
        Matcher message = Pattern.compile(pattern).matcher(e.getMessage());
        assertTrue(message.matches(), e.getMessage());
        return Files.readString(Path.of(message.group(1)));
    }

    private CSimulation build(String... sources) {
        return CSimulation.build(compiler, design(QUICK, sources), cache());
    }

    private CSimulation.Result run(CSimulation simulation, String... arguments) {
        return simulation.run(List.of(arguments), folder, MINUTE, errors::add);
    }

    private CSimulation.Design design(List<String> flags, String... sources) {
        return new CSimulation.Design(folder.resolve("design"), List.of(sources), List.of("unit"), flags);
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    private void write(String file, String text) throws IOException {
        Path path = file.startsWith("cache/")
                ? folder.resolve(file)
                : folder.resolve("design").resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
