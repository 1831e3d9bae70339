package tilewright.hw.program;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;

/** Runs the golden machine on many images, a machine per processor; the results do not depend on their number. */
public final class GoldenRuns {
    private GoldenRuns() {}

    /**
     * Applies a function to images, each call with a machine that no other call uses at the time.
     *
     * @param count number of images
     * @param work of a machine and an image's number
     * @return the results in the images' order
     */
    public static <T> List<T> map(Program program, int count, BiFunction<GoldenMachine, Integer, T> work) {
        int threads = Math.max(1, Math.min(count, Runtime.getRuntime().availableProcessors()));
        List<Future<List<T>>> parts = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            for (int thread = 0; thread < threads; thread++) {
                int from = (int) ((long) count * thread / threads);
                int to = (int) ((long) count * (thread + 1) / threads);
                parts.add(executor.submit(() -> {
                    GoldenMachine machine = new GoldenMachine(program);
                    List<T> results = new ArrayList<>();
                    for (int i = from; i < to; i++) {
                        results.add(work.apply(machine, i));
                    }
                    return results;
                }));
            }
        }
        List<T> results = new ArrayList<>();
        for (Future<List<T>> part : parts) {
            try {
                results.addAll(part.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException("the golden machine failed: " + e.getCause(), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
        return results;
    }
}
