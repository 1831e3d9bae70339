package tilewright.tests;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import tilewright.edge.matrix.ActivationPrecision;
import tilewright.edge.matrix.Activations;
import tilewright.edge.matrix.GroupedPanels;
import tilewright.edge.matrix.KernelChoice;
import tilewright.edge.matrix.MatrixKernels;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.edge.matrix.PanelLayout;
import tilewright.edge.matrix.Parallel;
import tilewright.edge.matrix.WeightMemory;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/**
 * Products with stored weights on one thread: GB/s of stored weight bytes and GFLOP/s (2mkn over time), on a set of
 * matrices larger than the last cache; read them beside {@link MachineLimitsBenchmark}.
 *
 * <p>By CPU time on two busy Zen 4 cores at 3.7 GHz (one thread reads 28 to 32 GB/s, two 53; FMA peak 118 GFLOP/s), GB/s for one row with
 * FLOAT / INT8: Q8_0 15 / 17 to 20, Q4_0 9 / 17 to 19, Q4_K 8 / 15, Q6_K 7 / 13, BF16 28, F32 29; 98 to 102 GFLOP/s for 512
 * rows of every format. With kernels in C on the same cores, far busier, one row and INT8: Q4_0 32, Q8_0 29, W2 21, W3 21, W4
 * 29, W5 22, W6 24, W8 25; 265 to 290 GFLOP/s for 512 rows of nested codes. In Java: W4 5 / 7, W8 9 / 10.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class MatrixBenchmark {
    private static final int SIZE = 2048;
    private static final long SET_BYTES = 128L << 20;

    /** The layout; of stored formats or of nested codes. */
    @Param({"F32", "BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K", "MXFP4", "W2", "W3", "W4", "W5", "W6", "W8"})
    public PanelLayout layout;

    /** Rows of activations. */
    @Param({"1", "4", "512"})
    public int rows;

    /** The arithmetic. */
    @Param({"FLOAT", "INT8"})
    public ActivationPrecision precision;

    /** Which kernels; those in C only where they can be compiled. */
    @Param({"JAVA", "NATIVE"})
    public KernelChoice choice;

    private MatrixKernels kernels;
    private MatrixWeights[] weights;
    private Activations x;
    private float[] y;
    private Parallel thread;
    private int next;
    private long bytes;

    /** What one second has seen. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Rates {
        /** Of stored weights read. */
        public double gigabytes;
        /** Multiplications and additions. */
        public double gigaflops;

        /** Begins an iteration. */
        @Setup(Level.Iteration)
        public void clear() {
            gigabytes = 0;
            gigaflops = 0;
        }
    }

    /** Packs as many copies of one random matrix as fill the set. */
    @Setup
    public void prepare() {
        Random random = new Random(1);
        IntFunction<MatrixWeights> copies = layout.isNested() ? nested(random) : stored(random);
        weights = new MatrixWeights[Math.toIntExact(Math.ceilDiv(SET_BYTES, bytes))];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = copies.apply(i);
        }
        float[] values = new float[rows * SIZE];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        kernels = choice.kernels();
        x = Activations.of(kernels, values, 0, SIZE, rows, SIZE, precision);
        y = new float[rows * SIZE];
        thread = Parallel.serial();
    }

    /** Encodes normal random numbers. */
    private IntFunction<MatrixWeights> stored(Random random) {
        DType format = layout.format();
        bytes = SIZE * format.bytesFor(SIZE);
        MemorySegment encoded = Arena.ofAuto().allocate(bytes, 64);
        float[] row = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
            for (int j = 0; j < SIZE; j++) {
                row[j] = (float) random.nextGaussian() / 40;
            }
            format.codec().encode(row, 0, SIZE, encoded, i * format.bytesFor(SIZE));
        }
        EncodedMatrix matrix = new EncodedMatrix(format, SIZE, SIZE, encoded);
        WeightMemory memory = new WeightMemory();
        return i -> {
            MatrixWeights copy = MatrixWeights.of("w" + i, List.of(matrix), memory);
            copy.pack();
            return copy;
        };
    }

    /** Any codes, of scales near each other. */
    private IntFunction<MatrixWeights> nested(Random random) {
        int bits = layout.codeBits();
        byte[] codes = new byte[SIZE * SIZE];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) random.nextInt(1 << bits);
        }
        byte[] scales = new byte[SIZE * GroupedCodes.groups(SIZE)];
        byte[] zeros = new byte[scales.length];
        random.nextBytes(zeros);
        for (int i = 0; i < scales.length; i++) {
            scales[i] = (byte) (0x50 + random.nextInt(0x10));
        }
        GroupedCodes grouped = new GroupedCodes(bits, SIZE, SIZE, 1e-6f, scales, zeros, codes);
        long base = GroupedPanels.baseBytes(bits, SIZE, SIZE);
        bytes = base + GroupedPanels.residualBytes(bits, SIZE, SIZE);
        return i -> {
            MemorySegment panels = Arena.ofAuto().allocate(bytes, 4096);
            MemorySegment residual = panels.asSlice(base);
            GroupedPanels.write(grouped, panels.asSlice(0, base), residual);
            return MatrixWeights.packed("w" + i, bits, SIZE, SIZE, 1e-6f, panels.asSlice(0, base), residual);
        };
    }

    /** One product, with the next matrix of the set. */
    @Benchmark
    public float[] product(Rates rates) {
        kernels.multiply(thread, weights[next], x, null, 0, y, 0, SIZE);
        next = (next + 1) % weights.length;
        rates.gigabytes += bytes / 1e9;
        rates.gigaflops += 2e-9 * rows * SIZE * SIZE;
        return y;
    }
}
