package tilewright.tests;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import tilewright.edge.Tensor;
import tilewright.edge.vector.VectorExecutor;
import tilewright.model.data.ImageSet;
import tilewright.model.data.ImageSets;
import tilewright.model.family.Families;
import tilewright.model.family.LoadedModel;

/** Images per second of the example in float32, one task. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class FloatExecutorBenchmark {
    private static final int BATCH = 32;

    @Param({"digit", "edge"})
    private String task;

    private LoadedModel model;
    private VectorExecutor executor;
    private Map<String, Tensor> feeds;
    private List<String> fetch;

    /** Loads the model and one batch of drawn digits. */
    @Setup
    public void load() {
        model = Families.load(Tilewright.example());
        executor = VectorExecutor.prepare(
                model.graph().forTask(task), Runtime.getRuntime().availableProcessors());
        ImageSet images = ImageSets.open(Tilewright.drawnDigits());
        int pixels = images.height() * images.width();
        float[] values = new float[BATCH * pixels];
        for (int i = 0; i < BATCH; i++) {
            System.arraycopy(images.floats(i), 0, values, i * pixels, pixels);
        }
        feeds = Map.of("pixels", new Tensor(new int[] {BATCH, 1, images.height(), images.width()}, values));
        fetch = List.of(model.graph().outputs().get(task));
    }

    /** Ends the executor's threads. */
    @TearDown
    public void close() {
        executor.close();
        model.close();
    }

    /** One batch. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public Map<String, Tensor> images() {
        return executor.run(feeds, fetch);
    }
}
