package tilewright.sim.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.emit.SystemVerilog;
import tilewright.sim.SimulationException;
import tilewright.sim.Subprocess;

/**
 * A claim about a design: a specification in SystemVerilog whose module {@code check} has free inputs, contains the
 * design's module, and says in {@code assume} and {@code assert} what is given and what must follow.
 *
 * <p>Products that the specification and the design form of the same operands are one to the solver, so that a block
 * behind a wide multiplier can be proven without proving the multiplier. A specification sees a register of its instance
 * {@code dut} as {@code (* hierconn *) wire [7:0] \dut.name ;}.
 */
public final class Proof {
    private static final String RESULT = "result.txt";
    private static final String SUCCESS = "SUCCESS!";
    private static final String FAILURE = "FAIL!";

    private final String design;
    private final String specification;
    private final Map<String, Integer> definitions;
    private final Duration limit;

    private Proof(String design, String specification, Map<String, Integer> definitions, Duration limit) {
        this.design = design;
        this.specification = specification;
        this.definitions = definitions;
        this.limit = limit;
    }

    /** A claim about a design as it is emitted. */
    public static Proof of(Design design, String specification) {
        return of(SystemVerilog.text(design), specification);
    }

    /** A claim about SystemVerilog. */
    public static Proof of(String design, String specification) {
        return new Proof(design, specification, Map.of(), Duration.ofMinutes(5));
    }

    /** The same with macros, such as widths, for the specification. */
    public Proof with(Map<String, Integer> macros) {
        return new Proof(design, specification, new TreeMap<>(macros), limit);
    }

    /** The same with another limit of time; it is five minutes. */
    public Proof within(Duration time) {
        return new Proof(design, specification, definitions, time);
    }

    /**
     * Whether the assertions hold {@code clocks} clock edges after any state whatever: enough for a pipeline that is at
     * most so many stages long. The assumptions hold in each of these clocks.
     *
     * @throws SimulationException when Yosys is missing or refuses the text
     */
    public Verdict after(int clocks) {
        return solve("-seq " + (clocks + 1) + " -prove-skip " + clocks);
    }

    /**
     * Whether the assertions hold for ever from the initial values on, by induction over at most so many clocks.
     *
     * @throws SimulationException when Yosys is missing or refuses the text
     */
    public Verdict always(int mostClocks) {
        return solve("-tempinduct -seq 1 -maxsteps " + mostClocks);
    }

    private Verdict solve(String mode) {
        String macros = definitions.entrySet().stream()
                .map(entry -> " -D " + entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining());
        String script = "read_verilog -sv design.sv; read_verilog -sv -formal" + macros
                + " check.sv; prep -flatten -top check; memory_map; opt -full; opt_merge -share_all; tee -o " + RESULT
                + " sat " + mode + " -prove-asserts -set-assumes -show-inputs -timeout " + limit.toSeconds();
        Path folder = null;
        try {
            folder = Files.createTempDirectory("proof");
            Files.writeString(folder.resolve("design.sv"), design);
            Files.writeString(folder.resolve("check.sv"), specification);
            run(folder, List.of("yosys", "-q", "-p", script));
            return verdict(Files.readString(folder.resolve(RESULT)));
        } catch (IOException e) {
            throw new UncheckedIOException("the files of a proof cannot be written or read; is there space?", e);
        } finally {
            delete(folder);
        }
    }

    /** Reads what the solver says last. */
    private Verdict verdict(String log) {
        String end = log.lines()
                .filter(line -> line.contains(SUCCESS) || line.contains(FAILURE))
                .reduce("", (_, line) -> line);
        if (end.contains(SUCCESS)) {
            return new Verdict.Proven();
        }
        if (end.contains(FAILURE)) {
            int table = log.lastIndexOf("Signal Name");
            return new Verdict.Refuted(
                    table < 0
                            ? log
                            : log.substring(log.lastIndexOf('\n', table) + 1).stripTrailing());
        }
        return new Verdict.Undecided(
                log.contains("TIMEOUT")
                        ? "not decided in " + limit.toSeconds() + " s; make a width smaller, or raise the limit"
                        : "the induction does not hold; assert what the registers have in common with the specification");
    }

    private void run(Path folder, List<String> command) {
        StringBuffer errors = new StringBuffer();
        Subprocess.Outcome outcome = Subprocess.run(
                command,
                folder,
                limit.plusMinutes(2),
                line -> errors.append(line).append('\n'));
        if (outcome.timedOut()) {
            throw new SimulationException("yosys did not end in time; make the design smaller");
        }
        if (outcome.exitCode() != 0) {
            throw new SimulationException("yosys: "
                    + errors.toString()
                            .lines()
                            .filter(line -> line.contains("ERROR"))
                            .findFirst()
                            .orElse(Subprocess.ending(outcome.exitCode())));
        }
    }

    private static void delete(Path folder) {
        if (folder == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be deleted", e);
        }
    }
}
