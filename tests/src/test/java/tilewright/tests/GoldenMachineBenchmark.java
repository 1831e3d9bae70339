package tilewright.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import tilewright.compiler.Progress;
import tilewright.compiler.build.BuildDirectory;
import tilewright.compiler.build.Compilation;
import tilewright.compiler.build.CompileOptions;
import tilewright.hw.program.GoldenMachine;
import tilewright.hw.program.TaskProgram;

/** Images per second of the example in the golden integer machine, one task, one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class GoldenMachineBenchmark {
    private static final int CALIBRATION_IMAGES = 16;

    @Param({"8", "16"})
    private int bits;

    private Path folder;
    private GoldenMachine machine;
    private TaskProgram task;
    private byte[] image;

    /** Compiles the example. */
    @Setup
    public void compile() throws IOException {
        folder = Files.createTempDirectory("tilewright-bench");
        Path output = folder.resolve("build");
        Compilation.run(
                new CompileOptions(
                        Tilewright.example(), "zcu102", output, "digit", bits, null, CALIBRATION_IMAGES, false),
                Progress.NONE);
        BuildDirectory build = BuildDirectory.open(output);
        machine = new GoldenMachine(build.program());
        task = build.program().task("digit");
        image = build.images().image(0);
    }

    /** Removes the build. */
    @TearDown
    public void delete() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** One image. */
    @Benchmark
    public int[] images() {
        return machine.run(task, image);
    }
}
