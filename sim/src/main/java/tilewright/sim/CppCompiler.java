package tilewright.sim;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A C++17 compiler of this machine.
 *
 * @param command how it is called: the program, and leading arguments when {@code CXX} has some
 * @param version the first line it prints for {@code --version}
 */
public record CppCompiler(List<String> command, String version) {
    private static final String INSTALL = "install one with 'apt-get install g++' (or 'apt-get install clang'),"
            + " or set CXX to the path of a C++17 compiler";

    /** A compiler with an unchangeable command. */
    public CppCompiler {
        command = List.copyOf(command);
    }

    /**
     * The compiler of the environment variable {@code CXX} when it is set, else g++, else clang++: emitted designs run
     * up to twice as fast when g++ compiled them.
     *
     * @throws SimulationException when there is none, or {@code CXX} names something that does not run
     */
    public static CppCompiler find() {
        return find(System.getenv());
    }

    static CppCompiler find(Map<String, String> environment) {
        return find(environment, "C simulation", List.of("g++", "clang++"));
    }

    /**
     * The compiler of {@code CXX} when an environment sets it, else the first of some names that is on its {@code PATH}.
     *
     * @param purpose what needs it, for the message
     * @throws SimulationException when there is none, or {@code CXX} names something that does not run
     */
    public static CppCompiler find(Map<String, String> environment, String purpose, List<String> names) {
        String path = environment.getOrDefault("PATH", "");
        String chosen = environment.getOrDefault("CXX", "").strip();
        if (!chosen.isEmpty()) {
            List<String> command = List.of(chosen.split("\\s+"));
            Path program = Subprocess.program(command.getFirst(), path)
                    .orElseThrow(() -> new SimulationException(
                            "CXX is '%s', which is not a program; unset CXX, or %s".formatted(chosen, INSTALL)));
            return new CppCompiler(replaceFirst(command, program), versionOf(replaceFirst(command, program)));
        }
        for (String name : names) {
            Optional<Path> program = Subprocess.program(name, path);
            if (program.isPresent()) {
                List<String> command = List.of(program.get().toString());
                return new CppCompiler(command, versionOf(command));
            }
        }
        throw new SimulationException(purpose + " needs a C++17 compiler and neither " + String.join(" nor ", names)
                + " is on the PATH; " + INSTALL);
    }

    private static List<String> replaceFirst(List<String> command, Path program) {
        return Stream.concat(Stream.of(program.toString()), command.stream().skip(1))
                .toList();
    }

    private static String versionOf(List<String> command) {
        String call = String.join(" ", command) + " --version";
        Subprocess.Outcome outcome;
        try {
            outcome = Subprocess.run(
                    Stream.concat(command.stream(), Stream.of("--version")).toList(),
                    Path.of("."),
                    Duration.ofMinutes(1),
                    line -> {});
        } catch (SimulationException e) {
            throw new SimulationException("%s; %s".formatted(e.getMessage(), INSTALL), e);
        }
        if (outcome.timedOut() || outcome.exitCode() != 0 || outcome.output().isBlank()) {
            throw new SimulationException("'%s' printed no version; %s".formatted(call, INSTALL));
        }
        return outcome.output().lines().findFirst().orElseThrow().strip();
    }
}
