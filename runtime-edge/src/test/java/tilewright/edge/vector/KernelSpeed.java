package tilewright.edge.vector;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import tilewright.edge.Tensor;
import tilewright.model.family.Families;
import tilewright.model.family.LoadedModel;
import tilewright.model.graph.Graph;

/** Prints the speed of the matrix product beside the FMA peak, and, for a model folder given as argument, images/s. */
final class KernelSpeed {
    private static final int ROUNDS = 40;

    private KernelSpeed() {}

    /** Runs everything; best of several rounds by CPU time, images/s by elapsed time. */
    public static void main(String[] arguments) {
        double peak = peak();
        System.out.printf("FMA peak of one thread: %.1f GFLOP/s%n", peak);
        int[][] shapes = {{50, 96, 288}, {129, 192, 768}, {512, 1024, 1024}};
        for (int[] shape : shapes) {
            double speed = product(shape[0], shape[1], shape[2]);
            System.out.printf(
                    "%d x %d x %d: %.1f GFLOP/s, %.0f %%%n", shape[0], shape[1], shape[2], speed, 100 * speed / peak);
        }
        for (String folder : arguments) {
            for (int threads = 1; threads <= Runtime.getRuntime().availableProcessors(); threads++) {
                for (int batch : new int[] {1, 8, 32, 128}) {
                    System.out.printf(
                            "%s, %d threads, batch %d: %.0f images/s%n",
                            folder, threads, batch, images(Path.of(folder), threads, batch));
                }
            }
        }
    }

    private static double peak() {
        int steps = 2_000_000;
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long begin = cpuNanos();
            if (chains(steps) == 0) {
                throw new IllegalStateException("chains of FMAs vanished");
            }
            best = Math.min(best, cpuNanos() - begin);
        }
        return 2.0 * 12 * MatrixProduct.LANES * steps / best;
    }

    private static float chains(int steps) {
        FloatVector m = FloatVector.broadcast(MatrixProduct.SPECIES, 0.999f);
        FloatVector b = FloatVector.broadcast(MatrixProduct.SPECIES, 0.001f);
        FloatVector s0 = m;
        FloatVector s1 = m.mul(1f);
        FloatVector s2 = m.mul(2f);
        FloatVector s3 = m.mul(3f);
        FloatVector s4 = m.mul(4f);
        FloatVector s5 = m.mul(5f);
        FloatVector s6 = m.mul(6f);
        FloatVector s7 = m.mul(7f);
        FloatVector s8 = m.mul(8f);
        FloatVector s9 = m.mul(9f);
        FloatVector s10 = m.mul(10f);
        FloatVector s11 = m.mul(11f);
        for (int i = 0; i < steps; i++) {
            s0 = s0.fma(m, b);
            s1 = s1.fma(m, b);
            s2 = s2.fma(m, b);
            s3 = s3.fma(m, b);
            s4 = s4.fma(m, b);
            s5 = s5.fma(m, b);
            s6 = s6.fma(m, b);
            s7 = s7.fma(m, b);
            s8 = s8.fma(m, b);
            s9 = s9.fma(m, b);
            s10 = s10.fma(m, b);
            s11 = s11.fma(m, b);
        }
        FloatVector even = s0.add(s2).add(s4).add(s6).add(s8).add(s10);
        FloatVector odd = s1.add(s3).add(s5).add(s7).add(s9).add(s11);
        return even.add(odd).lane(0);
    }

    private static double product(int rows, int width, int outputs) {
        Random random = new Random(1);
        float[] a = Compared.numbers(random, rows * width, 1);
        PackedMatrix matrix = PackedMatrix.pack(Compared.numbers(random, outputs * width, 1), 1, width)[0];
        float[] bias = new float[PackedMatrix.padded(outputs)];
        float[] c = new float[rows * outputs];
        double operations = 2.0 * rows * width * outputs;
        int repeats = Math.max(1, (int) (2e8 / operations));
        int block = LinearKernel.blockRows(rows, width, 1);
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long begin = cpuNanos();
            for (int i = 0; i < repeats; i++) {
                for (int row = 0; row < rows; row += block) {
                    MatrixProduct.multiply(
                            a,
                            row * width,
                            width,
                            Math.min(block, rows - row),
                            matrix,
                            bias,
                            0,
                            c,
                            row * outputs,
                            outputs);
                }
            }
            best = Math.min(best, (cpuNanos() - begin) / (double) repeats);
        }
        return operations / best;
    }

    private static double images(Path folder, int threads, int batch) {
        try (LoadedModel model = Families.load(folder)) {
            Graph graph = model.graph();
            if (!graph.tasks().isEmpty()) {
                graph = graph.forTask(graph.tasks().getFirst());
            }
            int[] dims = {batch, model.channels(), model.height(), model.width()};
            Tensor pixels = Compared.random(new Random(2), dims);
            List<String> outputs = List.copyOf(graph.outputs().values());
            try (VectorExecutor executor = VectorExecutor.prepare(graph, threads)) {
                int repeats = Math.max(1, 512 / batch);
                double best = Double.MAX_VALUE;
                for (int round = 0; round < 12; round++) {
                    long begin = System.nanoTime();
                    for (int i = 0; i < repeats; i++) {
                        executor.run(Map.of("pixels", pixels), outputs);
                    }
                    best = Math.min(best, System.nanoTime() - begin);
                }
                return repeats * batch / best * 1e9;
            }
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
