package tilewright.model.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** What PyTorch and transformers compute, see {@code operator-values.py} beside the values, and the inputs they got. */
final class OperatorValues {
    private static final Map<String, Tensor64> CASES = read();

    private OperatorValues() {}

    private static Map<String, Tensor64> read() {
        Map<String, Tensor64> cases = new HashMap<>();
        try (InputStream file = OperatorValues.class.getResourceAsStream("operator-values.txt")) {
            new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> {
                        String[] parts = line.split(" \\| ");
                        String[] head = parts[0].split(" ");
                        int[] dims = Arrays.stream(head[1].split(","))
                                .mapToInt(Integer::parseInt)
                                .toArray();
                        double[] values = Arrays.stream(parts[1].split(" "))
                                .mapToDouble(Double::parseDouble)
                                .toArray();
                        cases.put(head[0], new Tensor64(dims, values));
                    });
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The values of a case. */
    static Tensor64 of(String name) {
        assertNotNull(CASES.get(name), name);
        return CASES.get(name);
    }

    /** The input that the script makes of this seed. */
    static Tensor64 sample(int seed, int... dims) {
        Tensor64 tensor = Tensor64.zeros(dims);
        long state = seed;
        for (int i = 0; i < tensor.data().length; i++) {
            state = (state * 1103515245L + 12345) % 2147483648L;
            tensor.data()[i] = ((state >> 16) % 17 - 8) / 4.0;
        }
        return tensor;
    }

    /** A tensor times a number. */
    static Tensor64 times(Tensor64 tensor, double factor) {
        return new Tensor64(
                tensor.dims(),
                Arrays.stream(tensor.data()).map(value -> value * factor).toArray());
    }

    /** Compares with a case; the tolerance is relative to values above 1. */
    static void assertCase(String name, Tensor64 found, double tolerance) {
        Tensor64 expected = of(name);
        assertEquals(Arrays.toString(expected.dims()), Arrays.toString(found.dims()), name);
        for (int i = 0; i < expected.data().length; i++) {
            double value = expected.data()[i];
            assertEquals(value, found.data()[i], tolerance * Math.max(1, Math.abs(value)), name + " at " + i);
        }
    }
}
