package tilewright.sim.rtl.verilator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.design.Design;
import tilewright.sim.SimulationException;
import tilewright.sim.rtl.Counter;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.SimulationOptions;
import tilewright.sim.rtl.Tools;

class VerilatorEngineTest {
    private static final SimulationOptions HERE = SimulationOptions.defaults();

    private static Design counter() {
        return Elaboration.of(() -> new Counter(10));
    }

    private static List<SimulationOptions> bothWays() {
        return List.of(HERE, HERE.inFork());
    }

    @Test
    void aModelCountsInThisProcessAndInOneOfItsOwn() {
        Tools.assumeVerilator();
        for (SimulationOptions options : bothWays()) {
            try (Simulation simulation = new VerilatorEngine().open(counter(), options)) {
                simulation.reset();
                assertEquals(0, simulation.get("count"));
                simulation.set("enable", 1);
                simulation.run(7);
                assertEquals(7, simulation.get("count"));
                simulation.set("enable", 0);
                simulation.tick();
                assertEquals(7, simulation.get("count"));
                assertEquals(9, simulation.cycles());
                BigInteger least = BigInteger.ONE.shiftLeft(99).negate();
                simulation.set(simulation.port("wideIn"), least);
                assertEquals(least.add(BigInteger.ONE), simulation.getBig(simulation.port("wideOut")));
            }
        }
    }

    @Test
    void aDesignThatStopsItselfIsAnExceptionWithItsLogAndThisProcessLives() throws Exception {
        Tools.assumeVerilator();
        for (SimulationOptions options : bothWays()) {
            try (Simulation simulation = new VerilatorEngine().open(counter(), options)) {
                simulation.reset();
                simulation.set("enable", 1);
                SimulationException stopped = assertThrows(SimulationException.class, () -> {
                    for (int i = 0; i < 100; i++) {
                        simulation.tick();
                        simulation.get("count");
                    }
                });
                Matcher message = Pattern.compile(
                                "Counter: Counter\\.java:\\d+: the count is 10 \\(cycle 11\\); log: (.*)")
                        .matcher(stopped.getMessage());
                assertTrue(message.matches(), stopped.getMessage());
                assertTrue(Files.readString(Path.of(message.group(1))).contains("the count is 10"));
                assertThrows(IllegalStateException.class, simulation::tick);
            }
        }
    }

    @Test
    void aRunThatStopsSaysAtWhichCycle() {
        Tools.assumeVerilator();
        for (SimulationOptions options : bothWays()) {
            try (Simulation simulation = new VerilatorEngine().open(counter(), options)) {
                simulation.reset();
                simulation.set("enable", 1);
                SimulationException stopped = assertThrows(SimulationException.class, () -> simulation.run(1000));
                assertTrue(stopped.getMessage().contains("(cycle 11)"), stopped.getMessage());
            }
        }
    }

    @Test
    void aProcessThatCrashesIsAnExceptionWithItsLog() {
        Tools.assumeVerilator();
        try (Simulation simulation = new VerilatorEngine().open(counter(), HERE.inFork())) {
            ((ForkedSimulation) simulation).process().destroyForcibly();
            SimulationException crashed = assertThrows(SimulationException.class, () -> {
                for (int i = 0; i < 100_000; i++) {
                    simulation.tick();
                    simulation.get("count");
                }
            });
            assertTrue(
                    crashed.getMessage()
                            .matches("Counter: the process that ran the model crashed with signal 9"
                                    + " \\(killed, perhaps for memory\\) near cycle \\d+; log: .*"),
                    crashed.getMessage());
        }
    }

    @Test
    void withoutVerilatorTheMessageSaysWhatToInstall() {
        for (SimulationOptions options : bothWays()) {
            SimulationException missing = assertThrows(
                    SimulationException.class, () -> new VerilatorEngine(Map.of("PATH", "")).open(counter(), options));
            assertEquals(
                    "simulation with Verilator needs Verilator and a C++ compiler, and there is no 'verilator' on the PATH;"
                            + " install both with 'apt-get install verilator clang', or use the engine 'java'",
                    missing.getMessage());
        }
    }

    @Test
    void withoutACompilerTheMessageSaysWhatToInstall(@TempDir Path folder) throws Exception {
        Tools.assumeVerilator();
        Path verilator = VerilatorTools.find().verilator();
        Files.createSymbolicLink(folder.resolve("verilator"), verilator);
        SimulationException missing = assertThrows(
                SimulationException.class,
                () -> new VerilatorEngine(Map.of("PATH", folder.toString())).open(counter(), HERE));
        assertEquals(
                "simulation with Verilator needs a C++17 compiler and neither clang++ nor g++ is on the PATH; install one"
                        + " with 'apt-get install g++' (or 'apt-get install clang'), or set CXX to the path of a C++17"
                        + " compiler",
                missing.getMessage());
    }

    @Test
    void anErrorOfTheCompilerIsToldWithItsLog(@TempDir Path folder) throws Exception {
        Tools.assumeVerilator();
        Path compiler = folder.resolve("broken");
        Files.writeString(compiler, """
                #!/bin/sh
                case "$1" in --version) echo broken 1.0; exit 0;; esac
                echo "model.cpp:1:1: error: this compiler compiles nothing" >&2
                exit 3
                """);
        assertTrue(compiler.toFile().setExecutable(true));
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("CXX", compiler.toString());
        for (SimulationOptions options : bothWays()) {
            Path cache = Files.createDirectories(folder.resolve("cache"));
            SimulationException failed = assertThrows(
                    SimulationException.class,
                    () -> new VerilatorEngine(environment).open(counter(), options.cachedIn(cache)));
            Matcher message = Pattern.compile(
                            "Counter: the C\\+\\+ compiler failed with exit code 3: model\\.cpp:1:1: error:"
                                    + " this compiler compiles nothing; log: (.*)")
                    .matcher(failed.getMessage());
            assertTrue(message.matches(), failed.getMessage());
            assertTrue(Files.readString(Path.of(message.group(1))).contains("this compiler compiles nothing"));
            try (Stream<Path> left = Files.list(cache)) {
                assertEquals(
                        List.of(message.group(1)), left.map(Path::toString).toList(), "nothing but the log is left");
            }
        }
    }

    @Test
    void anErrorOfVerilatorIsToldWithItsLog(@TempDir Path folder) {
        Tools.assumeVerilator();
        SimulationException failed = assertThrows(
                SimulationException.class,
                () -> new VerilatorEngine()
                        .open("Broken", "module Broken (; endmodule", List.of(), List.of(), HERE.cachedIn(folder)));
        assertTrue(
                failed.getMessage()
                        .matches("Broken: Verilator failed with exit code 1: %Error: design\\.sv:1:.*; log: .*"),
                failed.getMessage());
    }

    @Test
    void aModelIsBuiltOnce(@TempDir Path folder) throws Exception {
        Tools.assumeVerilator();
        new VerilatorEngine().open(counter(), HERE.cachedIn(folder)).close();
        List<Path> built = models(folder);
        assertEquals(1, built.size());
        Object made = Files.getLastModifiedTime(built.getFirst());
        new VerilatorEngine().open(counter(), HERE.cachedIn(folder)).close();
        assertEquals(built, models(folder));
        assertEquals(made, Files.getLastModifiedTime(built.getFirst()));
        new VerilatorEngine()
                .open(Elaboration.of(() -> new Counter(11)), HERE.cachedIn(folder))
                .close();
        assertEquals(2, models(folder).size());
    }

    @Test
    void whatAnInterruptedBuildLeftIsDeletedAfterADay(@TempDir Path folder) throws Exception {
        Tools.assumeVerilator();
        Path abandoned = Files.createDirectories(folder.resolve("building-1"));
        Files.writeString(Files.createDirectories(abandoned.resolve("objects")).resolve("a.cpp"), "int a;");
        Path underWay = Files.createDirectories(folder.resolve("building-2"));
        Path other = Files.createDirectories(folder.resolve("other"));
        FileTime longAgo = FileTime.from(Instant.now().minus(Duration.ofHours(25)));
        Files.setLastModifiedTime(abandoned, longAgo);
        Files.setLastModifiedTime(other, longAgo);
        new VerilatorEngine().open(counter(), HERE.cachedIn(folder)).close();
        assertTrue(Files.notExists(abandoned));
        assertTrue(Files.exists(underWay));
        assertTrue(Files.exists(other));
    }

    private static List<Path> models(Path cache) throws Exception {
        try (Stream<Path> files = Files.walk(cache)) {
            return files.filter(file -> file.getFileName().toString().equals("model.so"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aTraceHasTheSignalsOfTheDesign(@TempDir Path folder) throws Exception {
        Tools.assumeVerilator();
        Path trace = folder.resolve("count.vcd");
        try (Simulation simulation = new VerilatorEngine().open(counter(), HERE.traced(trace))) {
            simulation.set("enable", 1);
            simulation.run(3);
        }
        String text = Files.readString(trace);
        assertTrue(text.contains(" value [7:0] $end"), text);
        assertTrue(text.contains("b00000011 "), text);
    }
}
