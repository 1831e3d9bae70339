package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tilewright.model.InvalidInputException;
import tilewright.sim.rtl.SimulationOptions;
import tilewright.sim.rtl.bench.FailureRecord;
import tilewright.sim.rtl.bench.Replay;
import tilewright.sim.rtl.verilator.VerilatorEngine;

/** {@code tilewright wave}: what failing test benches of hardware left, and their runs again with a trace. */
@Command(name = "wave", description = "Traces the failing runs of hardware test benches.")
final class WaveCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(
            paramLabel = "DIR",
            description = "Folder of one failing run, or of several, such as target/failing-benches.")
    private Path folder;

    @Option(
            names = "--failing",
            description = "Run each again under Verilator and write trace.vcd beside its record; else they are listed.")
    private boolean failing;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    WaveCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<Path> records = FailureRecord.folders(folder);
        if (records.isEmpty()) {
            throw new InvalidInputException(folder
                    + (Files.isDirectory(folder)
                            ? ": no record of a failing test bench in it; a bench that fails says where its record is"
                            : ": there is no such folder"));
        }
        ObjectNode answer = Console.object();
        ArrayNode runs = answer.putArray("runs");
        for (Path each : records) {
            FailureRecord record = FailureRecord.read(each);
            ObjectNode run = runs.addObject()
                    .put("folder", each.toString())
                    .put("design", record.design())
                    .put("seed", record.seed())
                    .put("stalls", record.stalls().toString())
                    .put("message", record.message());
            if (failing) {
                Path trace = each.resolve(FailureRecord.TRACE);
                long cycles = Replay.run(each, SimulationOptions.defaults().traced(trace), new VerilatorEngine());
                run.put("trace", trace.toString()).put("cycles", cycles);
            }
            Path javaTrace = each.resolve(FailureRecord.JAVA_TRACE);
            boolean hasJavaTrace = Files.isRegularFile(javaTrace);
            if (hasJavaTrace) {
                run.put("javaTrace", javaTrace.toString());
            }
            if (!json) {
                console.line("%s", record.message());
                if (hasJavaTrace) {
                    console.line("  %s: the Java engine's trace, written when it failed", javaTrace);
                }
                if (failing) {
                    console.line(
                            "  %s: %d cycles; view it with 'gtkwave %s'",
                            run.get("trace").asText(),
                            run.get("cycles").asLong(),
                            run.get("trace").asText());
                }
            }
        }
        if (json) {
            console.json(answer);
        } else if (!failing) {
            console.line("");
            console.line("For traces of all signals: tilewright wave %s --failing", folder);
        }
        return 0;
    }
}
