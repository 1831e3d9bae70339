package tilewright.edge.probe;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import tilewright.edge.matrix.ActivationPrecision;
import tilewright.edge.matrix.Activations;
import tilewright.edge.matrix.KernelChoice;
import tilewright.edge.matrix.MatrixKernels;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.edge.matrix.Parallel;
import tilewright.edge.matrix.WeightMemory;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/** Measures how fast one row is multiplied with stored weights: what decoding does all the time. */
public final class KernelSpeed {
    private static final int SIZE = 2048;
    /** Rows that are encoded; the rest repeats them, as encoding is slow. */
    private static final int ENCODED_ROWS = 64;
    /** Many times what a last-level cache holds: a third of a set of 96 MiB was found to be read from one of 32 MiB. */
    private static final long SET_BYTES = 512L << 20;

    private static final double SECONDS = 0.8;
    /** On a busy machine the JIT compiler comes late, so time alone does not tell whether the loops are warm. */
    private static final int PASSES = 40;

    private KernelSpeed() {}

    /**
     * Multiplies matrices of normal random numbers for about a second.
     *
     * @param format how the weights are stored
     * @param threads that multiply at the same time, each with all of the matrices
     * @return bytes of stored weights per second of all threads, each in its middle pass: what a run of many tokens gets
     */
    public static double measure(DType format, ActivationPrecision precision, int threads) {
        long rowBytes = format.bytesFor(SIZE);
        try (Arena arena = Arena.ofShared()) {
            EncodedMatrix matrix = matrix(format, arena);
            MatrixKernels kernels = KernelChoice.AUTO.kernels(precision);
            WeightMemory memory = new WeightMemory();
            MatrixWeights[] weights = new MatrixWeights[(int) Math.ceilDiv(SET_BYTES, SIZE * rowBytes)];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = MatrixWeights.of("probe " + i, List.of(matrix), memory);
                weights[i].pack();
            }
            double[] rates = new double[threads];
            List<Thread> running = IntStream.range(0, threads)
                    .mapToObj(i ->
                            Thread.ofPlatform().daemon().start(() -> rates[i] = multiply(kernels, weights, precision)))
                    .toList();
            for (Thread thread : running) {
                thread.join();
            }
            return Arrays.stream(rates).sum() * rowBytes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring kernels", e);
        }
    }

    /** Rows per second of one thread. */
    private static double multiply(MatrixKernels kernels, MatrixWeights[] weights, ActivationPrecision precision) {
        Activations x = Activations.of(kernels, normal(SIZE), 0, SIZE, 1, SIZE, precision);
        Parallel alone = Parallel.serial();
        float[] y = new float[SIZE];
        List<Double> rates = new ArrayList<>();
        long start = System.nanoTime();
        double ran;
        do {
            long from = System.nanoTime();
            for (MatrixWeights each : weights) {
                kernels.multiply(alone, each, x, null, 0, y, 0, SIZE);
            }
            long now = System.nanoTime();
            ran = (now - start) * 1e-9;
            rates.add(weights.length * (double) SIZE / ((now - from) * 1e-9));
        } while (ran < SECONDS || rates.size() < PASSES);
        rates.sort(null);
        return rates.get(rates.size() / 2);
    }

    private static EncodedMatrix matrix(DType format, Arena arena) {
        long rowBytes = format.bytesFor(SIZE);
        MemorySegment bytes = arena.allocate(SIZE * rowBytes, 64);
        float[] values = normal(ENCODED_ROWS * SIZE);
        format.codec().encode(values, 0, values.length, bytes, 0);
        for (int row = ENCODED_ROWS; row < SIZE; row += ENCODED_ROWS) {
            MemorySegment.copy(bytes, 0, bytes, row * rowBytes, ENCODED_ROWS * rowBytes);
        }
        return new EncodedMatrix(format, SIZE, SIZE, bytes);
    }

    private static float[] normal(int count) {
        Random random = new Random(1);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() / 40;
        }
        return values;
    }
}
