package tilewright.edge.vector;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tilewright.edge.Tensor;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Experts;
import tilewright.model.graph.Graph;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.SelectTokens;
import tilewright.model.graph.Type;

/**
 * The compiled kernels keep their vectors in registers.
 *
 * <p>A method that the compiler gives up on boxes every vector on the heap and is some fifty times slower, silently; it shows
 * in what a run allocates.
 */
class UnboxedKernelsTest {
    private static final int WIDTH = 40;
    private static final int TOKENS = 21;
    private static final int BATCH = 8;

    /** One boxed vector per element-wise step of the smallest kernel would be several times this. */
    private static final long LIMIT_BYTES = 60_000;

    private static final int MAX_RUNS = 20_000;

    private final Random random = new Random(5);
    private final GraphBuilder graph = new GraphBuilder("every kernel");

    @Test
    void aWarmRunOfEveryKernelAllocatesNoVectors() {
        Graph built = build();
        Map<String, Tensor> feeds = Map.of("x", Compared.random(random, BATCH, TOKENS, WIDTH));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (VectorExecutor executor = VectorExecutor.prepare(built, 1)) {
            long allocated = Long.MAX_VALUE;
            for (int run = 0; run < MAX_RUNS && allocated > LIMIT_BYTES; run++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                executor.run(feeds, built.outputs().values());
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertTrue(allocated <= LIMIT_BYTES, "a run allocates " + allocated + " bytes; is a kernel boxed?");
        }
    }

    private Graph build() {
        String x = graph.input("x", Type.f32(Dim.BATCH, Dim.of(TOKENS), Dim.of(WIDTH)));
        for (Activation kind : Activation.values()) {
            x = graph.add("act" + kind, new Activate(kind), x);
        }
        x = graph.add("norm", new LayerNorm(1e-6), x, weight("gamma", WIDTH), weight("beta", WIDTH));
        x = graph.add("attention", new Attention(2, 0.2), x, x, x);
        x = graph.add("linear", new Linear(), x, weight("w", WIDTH, WIDTH), weight("b", WIDTH));
        x = graph.add("sum", new Add(), x, weight("positions", TOKENS, WIDTH));
        graph.add(
                "router",
                new Router(RouterSettings.softmaxThenTopK(5, 2, List.of())),
                List.of(x, weight("gate", 5, WIDTH)),
                List.of("ids", "weights"));
        graph.add("dispatch", new Dispatch(5), List.of(x, "ids"), List.of("queue", "offsets", "slots"));
        graph.add(
                "experts",
                new Experts(Activation.SILU),
                "queue",
                "offsets",
                weight("fc1", 5, WIDTH, WIDTH),
                weight("b1", 5, WIDTH),
                weight("fc2", 5, WIDTH, WIDTH),
                weight("b2", 5, WIDTH));
        graph.add("moe", new Combine(2), "experts", "slots", "weights");
        graph.output("out", graph.add("token", new SelectTokens(0, 1), "moe"));
        return graph.build();
    }

    private String weight(String name, int... dims) {
        long[] sizes = new long[dims.length];
        int elements = 1;
        for (int i = 0; i < dims.length; i++) {
            sizes[i] = dims[i];
            elements *= dims[i];
        }
        return graph.parameter(name, Type.f32(sizes), Compared.data(Compared.numbers(random, elements, 0.2)));
    }
}
