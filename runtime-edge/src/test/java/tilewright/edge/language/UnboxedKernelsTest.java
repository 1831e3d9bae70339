package tilewright.edge.language;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.AttentionSettings;
import tilewright.model.graph.CausalConv;
import tilewright.model.graph.Clamp;
import tilewright.model.graph.GatedUnit;
import tilewright.model.graph.Graph;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.LinearRecurrence;
import tilewright.model.graph.MaskedAttention;
import tilewright.model.graph.Multiply;
import tilewright.model.graph.RmsNorm;
import tilewright.model.graph.Rope;
import tilewright.model.graph.RopeFrequencies;
import tilewright.model.graph.RopeSettings;
import tilewright.model.graph.Scale;
import tilewright.model.graph.SelectiveScan;

/**
 * The compiled stages keep their vectors in registers, and a step allocates next to nothing.
 *
 * <p>A method that the compiler gives up on boxes every vector on the heap and is some fifty times slower, silently; it shows
 * in what a step allocates.
 */
class UnboxedKernelsTest {
    private static final int WIDTH = 40;
    private static final int TOKENS = 21;

    /** One boxed vector per element-wise step of the smallest stage would be several times this. */
    private static final long LIMIT_BYTES = 60_000;

    private static final int MAX_STEPS = 20_000;

    @ParameterizedTest
    @EnumSource(CacheFormat.class)
    void aWarmStepThroughEveryStageAllocatesNoVectors(CacheFormat format) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        EngineOptions options = TestGraph.exact().withCacheFormat(format);
        boolean nativeLoops = ElementLoops.nativeLoops;
        ElementLoops.nativeLoops = false;
        try (LanguageEngine engine = LanguageEngine.load(build(), options)) {
            Sequence sequence = engine.newSequence();
            Chunk several = Chunk.last(sequence, new int[TOKENS]);
            Chunk one = Chunk.last(sequence, 0);
            long allocated = Long.MAX_VALUE;
            for (int step = 0; step < MAX_STEPS && allocated > LIMIT_BYTES; step++) {
                sequence.truncate(0);
                long before = threads.getCurrentThreadAllocatedBytes();
                engine.step(several);
                engine.step(one);
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertTrue(allocated <= LIMIT_BYTES, "a step allocates " + allocated + " bytes; is a stage boxed?");
        } finally {
            ElementLoops.nativeLoops = nativeLoops;
        }
    }

    private static Graph build() {
        TestGraph g = new TestGraph(5, 10);
        List<String> values = g.values(WIDTH, WIDTH, WIDTH, 4, 4);
        String x = values.getFirst();
        for (Activation kind : Activation.values()) {
            x = g.add("act" + kind, new Activate(kind), x);
        }
        x = g.add("unit", new GatedUnit(Activation.SILU, 2, 1), x, values.get(1));
        x = g.add("layer", new LayerNorm(1e-6), x, g.weight("gamma", 1, WIDTH), g.weight("shift", 1, WIDTH));
        x = g.add("rms", new RmsNorm(1e-6, 2), x, g.weight("weight", 1, WIDTH));
        x = g.add("product", new Multiply(), x, values.get(2));
        x = g.add("groups", new Multiply(), x, values.get(3));
        x = g.add("clamp", new Clamp(3), g.add("scale", new Scale(2), x));
        for (RopeSettings.Pairing pairing : RopeSettings.Pairing.values()) {
            x = g.add(
                    "rope" + pairing,
                    new Rope(RopeSettings.wholeHeads(1, WIDTH, pairing, RopeFrequencies.Fixed.of(10_000, WIDTH))),
                    x);
        }
        AttentionSettings settings = AttentionSettings.causal(2, 2, WIDTH / 2, WIDTH / 2, 0.2)
                .withSoftcap(5)
                .withSlopes(List.of(0.5, 0.25));
        String attention = g.add("attention", new MaskedAttention(settings), x, values.get(1), values.get(2));
        x = g.add("sum", new Add(), x, attention);
        x = g.add("conv", new CausalConv(), x, g.weight("conv.weight", 0.3, WIDTH, 4));
        String a = g.weight("a", 0.1, WIDTH, 4);
        x = g.add(
                "scan",
                new SelectiveScan(),
                x,
                values.get(1),
                a,
                values.get(3),
                values.get(4),
                g.weight("d", 1, WIDTH));
        LinearRecurrence recurrence = new LinearRecurrence(4, 4, WIDTH / 4, WIDTH / 4, true);
        String decay = g.add("decay", new Scale(-1), g.add("soft", new Activate(Activation.SOFTPLUS), values.get(3)));
        String beta = g.add("beta", new Activate(Activation.SIGMOID), values.get(4));
        String k = g.add("k", new RmsNorm(1e-6, 4), values.get(1));
        return g.build(g.add("recurrence", recurrence, values.get(2), k, x, decay, beta));
    }
}
