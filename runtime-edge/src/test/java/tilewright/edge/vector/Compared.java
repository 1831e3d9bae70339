package tilewright.edge.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import tilewright.edge.Tensor;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.ParameterData;
import tilewright.model.graph.Tensor64;

/** Runs a graph here and in the float64 interpreter. */
final class Compared {
    private Compared() {}

    /** A tensor of normally distributed numbers. */
    static Tensor random(Random random, int... dims) {
        int elements = 1;
        for (int dim : dims) {
            elements *= dim;
        }
        return new Tensor(dims, numbers(random, elements, 1));
    }

    /** Normally distributed numbers with this deviation. */
    static float[] numbers(Random random, int count, double deviation) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) (random.nextGaussian() * deviation);
        }
        return numbers;
    }

    /** Parameter data that loads these numbers. */
    static ParameterData data(float[] numbers) {
        return numbers::clone;
    }

    /** Fetched values are within {@code tolerance} times their largest magnitude (at least 1) of the float64 ones. */
    static Map<String, Tensor> assertAgrees(
            Graph graph, Map<String, Tensor> feeds, Collection<String> fetch, int threads, double tolerance) {
        Map<String, Tensor64> wide = new LinkedHashMap<>();
        feeds.forEach((name, tensor) -> wide.put(name, Tensor64.of(tensor.dims(), tensor.data())));
        Map<String, Tensor64> expected = Interpreter.run(graph, wide, fetch);
        try (VectorExecutor executor = VectorExecutor.prepare(graph, threads)) {
            Map<String, Tensor> found = executor.run(feeds, fetch);
            assertEquals(expected.keySet(), found.keySet());
            expected.forEach((name, tensor) -> {
                assertArrayEquals(tensor.dims(), found.get(name).dims(), name);
                double scale = 1;
                for (double value : tensor.data()) {
                    scale = Math.max(scale, Math.abs(value));
                }
                for (int i = 0; i < tensor.data().length; i++) {
                    assertEquals(
                            tensor.data()[i],
                            found.get(name).data()[i],
                            tolerance * scale,
                            name + "[" + i + "] of " + tensor);
                }
            });
            return found;
        }
    }
}
