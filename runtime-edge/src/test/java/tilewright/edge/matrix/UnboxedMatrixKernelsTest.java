package tilewright.edge.matrix;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.format.GroupedCodes;
import tilewright.model.tensor.DType;

/**
 * The compiled kernels of stored weights keep their vectors in registers.
 *
 * <p>A method that the compiler gives up on boxes every vector on the heap and is some twenty times slower, silently; it shows
 * in what a product allocates.
 */
class UnboxedMatrixKernelsTest {
    private static final int OUTPUTS = 64;
    private static final int WIDTH = 512;

    /** One boxed vector per word of codes would be a hundred times this. */
    private static final long LIMIT_BYTES = 2_000;

    private static final int MAX_RUNS = 60_000;

    static Stream<DType> formats() {
        return Stored.FORMATS.stream();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aWarmProductAllocatesNoVectors(DType format) {
        Random random = new Random(5);
        MatrixWeights weights = MatrixWeights.of("w", List.of(Stored.random(random, format, OUTPUTS, WIDTH)));
        check(random, weights, format.label());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 8})
    void aWarmProductWithNestedCodesAllocatesNoVectors(int bits) {
        Random random = new Random(6);
        GroupedCodes codes = GroupedPanelsTest.random(random, bits, OUTPUTS, WIDTH);
        check(random, GroupedPanelsTest.packed(codes, true), bits + " bits");
        check(random, GroupedPanelsTest.packed(codes, false), bits + " bits, base only");
    }

    private static void check(Random random, MatrixWeights weights, String name) {
        float[] x = Stored.activations(random, 20 * WIDTH);
        float[] y = new float[20 * OUTPUTS];
        KernelScratch scratch = new KernelScratch();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (ActivationPrecision precision : ActivationPrecision.values()) {
            for (int rows : new int[] {1, 20}) {
                Activations rowsOfX = Activations.of(x, 0, WIDTH, rows, WIDTH, precision);
                long allocated = Long.MAX_VALUE;
                for (int run = 0; run < MAX_RUNS && allocated > LIMIT_BYTES; run++) {
                    long before = threads.getCurrentThreadAllocatedBytes();
                    VectorKernels.INSTANCE.multiply(
                            weights, rowsOfX, 0, rows, 0, weights.panels(), null, 0, y, 0, OUTPUTS, scratch);
                    allocated = threads.getCurrentThreadAllocatedBytes() - before;
                }
                assertTrue(
                        allocated <= LIMIT_BYTES,
                        name + ", " + precision + ", " + rows + " rows: a product allocates " + allocated
                                + " bytes; is a kernel boxed?");
            }
        }
    }
}
