package tilewright.edge.vector;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Arrays for intermediate values, reused within a run and by the next run of the same batch size; for one thread. */
final class Buffers {
    private final Map<Integer, Deque<float[]>> free = new HashMap<>();
    private final Set<Integer> used = new HashSet<>();

    /** An array of this length with any content. */
    float[] take(int length) {
        used.add(length);
        Deque<float[]> fitting = free.get(length);
        return fitting == null || fitting.isEmpty() ? new float[length] : fitting.pop();
    }

    /** Takes an array back. */
    void give(float[] buffer) {
        free.computeIfAbsent(buffer.length, length -> new ArrayDeque<>()).push(buffer);
    }

    /** Ends a run: drops the arrays of lengths that it did not use. */
    void endRun() {
        free.keySet().retainAll(used);
        used.clear();
    }
}
