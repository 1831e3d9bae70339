package tilewright.sim.rtl.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.emit.SystemVerilog;
import tilewright.sim.SimulationException;
import tilewright.sim.rtl.Engine;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.SimulationOptions;
import tilewright.sim.rtl.Words;
import tilewright.sim.rtl.compiled.JavaEngine;

/**
 * Runs of one scenario: each pair of seed and stalls, with all engines in lockstep. A run that fails is run once more, with
 * its inputs written down, so that {@code tilewright wave DIR --failing} can trace it under Verilator; where the Java engine
 * took part and the failure came within {@value #MOST_TRACED} cycles, its trace is written at once.
 */
public final class Runs {
    /** Cycles of a failing run up to which the Java engine's trace is written. */
    static final int MOST_TRACED = 20_000;

    private final Design design;
    private final List<Engine> engines;
    private final SimulationOptions options;
    private final List<Long> seeds;
    private final List<Stalls> stalls;
    private final Path failures;

    private Runs(
            Design design,
            List<Engine> engines,
            SimulationOptions options,
            List<Long> seeds,
            List<Stalls> stalls,
            Path failures) {
        this.design = design;
        this.engines = engines;
        this.options = options;
        this.seeds = seeds;
        this.stalls = stalls;
        this.failures = failures;
    }

    /**
     * Runs of a design with both engines, seed 1 and no stalls, whose failures are kept in {@code target/failing-benches},
     * or {@code failing-benches} where there is no folder {@code target}.
     */
    public static Runs of(Design design) {
        Path target = Path.of("target");
        Path failures = Files.isDirectory(target) ? target.resolve("failing-benches") : Path.of("failing-benches");
        return new Runs(
                design, Engines.both(), SimulationOptions.defaults(), List.of(1L), List.of(Stalls.NONE), failures);
    }

    /** The same with other engines. */
    public Runs engines(List<Engine> others) {
        return new Runs(design, List.copyOf(others), options, seeds, stalls, failures);
    }

    /** The same with other options of the engines. */
    public Runs options(SimulationOptions others) {
        return new Runs(design, engines, others, seeds, stalls, failures);
    }

    /** The same with other seeds. */
    public Runs seeds(long... others) {
        return new Runs(design, engines, options, LongStream.of(others).boxed().toList(), stalls, failures);
    }

    /** The same with other stalls. */
    public Runs stalls(Stalls... others) {
        return new Runs(design, engines, options, seeds, List.copyOf(Arrays.asList(others)), failures);
    }

    /** The same with failures kept in another folder. */
    public Runs failuresIn(Path folder) {
        return new Runs(design, engines, options, seeds, stalls, folder);
    }

    /**
     * Runs the scenario for every pair.
     *
     * @throws BenchFailure at the first run that fails; it says the seed, the stalls, the cycle, and where the record is
     * @throws SimulationException when an engine cannot run the design at all
     */
    public void run(Scenario scenario) {
        for (Stalls each : stalls) {
            for (long seed : seeds) {
                run(scenario, seed, each);
            }
        }
    }

    private void run(Scenario scenario, long seed, Stalls each) {
        Throwable failure;
        try (Simulation simulation = open()) {
            failure = attempt(scenario, simulation, seed, each);
        }
        if (failure != null) {
            throw new BenchFailure(failure.getMessage() + "; " + record(scenario, seed, each, failure), failure);
        }
    }

    private Simulation open() {
        List<Simulation> opened = new ArrayList<>();
        try {
            for (Engine engine : engines) {
                opened.add(engine.open(design, options));
            }
        } catch (RuntimeException e) {
            opened.forEach(Simulation::close);
            throw e;
        }
        return opened.size() == 1 ? opened.getFirst() : new Lockstep(opened, names());
    }

    private List<String> names() {
        return engines.stream().map(Engine::name).toList();
    }

    /** Runs the scenario once; gives what went wrong, null when nothing did. */
    private Throwable attempt(Scenario scenario, Simulation simulation, long seed, Stalls each) {
        Bench bench = null;
        try {
            bench = new Bench(design, simulation, String.join("+", names()), seed, each);
            scenario.run(bench);
            return null;
        } catch (BenchFailure e) {
            return e;
        } catch (SimulationException | AssertionError e) {
            String context = bench == null ? design.top().name() + ", in reset" : bench.context();
            return new BenchFailure(context + ": " + e.getMessage(), e);
        }
    }

    private void traceInJava(Path folder) throws IOException {
        for (Engine engine : engines) {
            if (engine instanceof JavaEngine) {
                SimulationOptions traced = options.traced(folder.resolve(FailureRecord.JAVA_TRACE));
                try (Simulation simulation = engine.open(design, traced)) {
                    Replay.run(folder, simulation);
                }
            }
        }
    }

    private String record(Scenario scenario, long seed, Stalls each, Throwable failure) {
        String name = design.top().name() + "-seed" + seed + "-stalls"
                + each.toString().replace("%", "");
        Path folder = failures.resolve(name);
        String text = SystemVerilog.text(design);
        FailureRecord record = new FailureRecord(
                design.top().name(),
                FailureFolder.digest(text),
                names(),
                seed,
                each,
                failure.getMessage(),
                Words.ports(design.top()),
                design.top().clocks().stream().map(Clock::name).toList());
        try {
            long cycles;
            try (Simulation again = new Recording(open(), FailureFolder.stimulus(folder))) {
                attempt(scenario, again, seed, each);
                cycles = again.cycles();
            }
            FailureFolder.describe(folder, record, text);
            Files.deleteIfExists(folder.resolve(FailureRecord.JAVA_TRACE));
            if (cycles <= MOST_TRACED) {
                traceInJava(folder);
            }
            return "for a trace run: tilewright wave " + folder + " --failing";
        } catch (IOException | RuntimeException e) {
            return "no record in " + folder + " (" + e.getMessage() + ")";
        }
    }
}
