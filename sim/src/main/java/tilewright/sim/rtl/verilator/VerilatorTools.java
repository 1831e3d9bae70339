package tilewright.sim.rtl.verilator;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tilewright.sim.CppCompiler;
import tilewright.sim.SimulationException;
import tilewright.sim.Subprocess;

/**
 * Verilator and the C++ compiler of this machine.
 *
 * @param verilator the program
 * @param version what it prints for {@code --version}
 * @param root the folder whose {@code include} has the sources that all models need
 * @param compiler clang++ where there is one: its models run more than twice as fast as those of g++
 */
public record VerilatorTools(Path verilator, String version, Path root, CppCompiler compiler) {
    private static final String INSTALL = "install both with 'apt-get install verilator clang'";

    /**
     * The tools on the {@code PATH}; {@code CXX} overrules the choice of the compiler.
     *
     * @throws SimulationException when one is missing or does not run
     */
    public static VerilatorTools find() {
        return find(System.getenv());
    }

    static VerilatorTools find(Map<String, String> environment) {
        Path program = Subprocess.program("verilator", environment.getOrDefault("PATH", ""))
                .orElseThrow(
                        () -> new SimulationException("simulation with Verilator needs Verilator and a C++ compiler,"
                                + " and there is no 'verilator' on the PATH; " + INSTALL
                                + ", or use the engine 'java'"));
        CppCompiler compiler = CppCompiler.find(environment, "simulation with Verilator", List.of("clang++", "g++"));
        String version = ask(program, "--version");
        return new VerilatorTools(program, version, Path.of(ask(program, "--getenv", "VERILATOR_ROOT")), compiler);
    }

    private static String ask(Path program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        Subprocess.Outcome outcome = Subprocess.run(command, Path.of("."), Duration.ofMinutes(1), _ -> {});
        if (outcome.timedOut() || outcome.exitCode() != 0 || outcome.output().isBlank()) {
            throw new SimulationException("'%s' printed nothing; is Verilator installed whole? %s"
                    .formatted(String.join(" ", command), INSTALL));
        }
        return outcome.output().strip();
    }
}
