package tilewright.compiler.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Stream;
import tilewright.sim.rtl.bench.BenchFailure;
import tilewright.sim.rtl.bench.Engines;
import tilewright.sim.rtl.bench.FailureRecord;
import tilewright.sim.rtl.bench.Runs;

class WaveCommandTest {
    /** Offers words that change while they wait. */
    static final class Restless extends Component {
        final Stream<UInt> output = out(Stream.of(uint(8)));
        private final UInt count = reg(uint(8), 0);

        Restless() {
            count.assign(count.plusMod(1));
            output.valid.assign(true);
            output.payload.assign(count);
        }
    }

    private record Result(int status, String out, String err) {}

    private static Result run(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] words =
                java.util.Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        int status = Main.execute(
                words,
                Reader.nullReader(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false);
        return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static void fail(Path folder) {
        assertThrows(
                BenchFailure.class,
                () -> Runs.of(Elaboration.of(Restless::new))
                        .engines(Engines.java())
                        .seeds(42)
                        .failuresIn(folder)
                        .run(bench -> {
                            bench.simulation().set("output_ready", 0);
                            bench.monitor("output");
                            bench.run(10);
                        }));
    }

    @Test
    void failingRunsAreListedWithTheirSeeds(@TempDir Path folder) {
        fail(folder);
        Result result = run("wave", folder);
        assertEquals(0, result.status(), result.err());
        assertTrue(
                result.out().startsWith("Restless (java, seed 42, stalls 0%), cycle 1: stream 'output'"), result.out());
        Path trace = folder.resolve("Restless-seed42-stalls0").resolve(FailureRecord.JAVA_TRACE);
        assertTrue(result.out().contains(trace + ": the Java engine's trace"), result.out());
    }

    @Test
    void failingRunsAreTracedAgain(@TempDir Path folder) throws Exception {
        assumeTrue(Engines.missing().isEmpty(), () -> Engines.missing().orElse(""));
        fail(folder);
        Result result = run("wave", folder, "--failing");
        assertEquals(0, result.status(), result.err());
        Path trace = folder.resolve("Restless-seed42-stalls0").resolve(FailureRecord.TRACE);
        assertTrue(result.out().contains(trace + ": 3 cycles"), result.out());
        assertTrue(Files.readString(trace).contains(" count [7:0] $end"));
    }

    @Test
    void aFolderWithoutRecordsIsRefused(@TempDir Path folder) {
        Result result = run("wave", folder);
        assertEquals(1, result.status());
        assertEquals(
                "tilewright: " + folder
                        + ": no record of a failing test bench in it; a bench that fails says where its record is",
                result.err().strip());
    }

    @Test
    void aDamagedRecordIsNamed(@TempDir Path folder) throws Exception {
        fail(folder);
        Path record = folder.resolve("Restless-seed42-stalls0");
        Files.writeString(record.resolve(FailureRecord.DESIGN), "module Other; endmodule\n");
        Result result = run("wave", folder, "--failing");
        assertEquals(1, result.status());
        assertTrue(result.err().contains("not the design that failed; run the failing test again"), result.err());
        Files.writeString(record.resolve(FailureRecord.FILE), "{");
        result = run("wave", folder);
        assertEquals(1, result.status());
        assertTrue(result.err().contains("not the record of a failing bench"), result.err());
    }
}
