package tilewright.compiler.plan;

import java.util.Comparator;
import java.util.List;

/**
 * What a design costs and how fast it is, estimated.
 *
 * @param program the model's name
 * @param bits width of activations and weights
 * @param clockMhz clock of the design
 * @param resources of the whole design
 * @param tasks one estimate per task, in the program's order
 */
public record Estimate(String program, int bits, double clockMhz, ResourceUse resources, List<TaskEstimate> tasks) {
    /** Copies the list. */
    public Estimate {
        tasks = List.copyOf(tasks);
    }

    /** The task that takes longest: the one to quote. */
    public TaskEstimate slowest() {
        return tasks.stream()
                .max(Comparator.comparingDouble(task -> task.work().cycles()))
                .orElseThrow();
    }

    /** Cycles per image of the slowest task. */
    public long cycles() {
        return slowest().cycles();
    }
}
