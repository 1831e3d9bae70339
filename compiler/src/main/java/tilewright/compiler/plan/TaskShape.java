package tilewright.compiler.plan;

import java.util.List;

/**
 * The steps that compute one task.
 *
 * @param task its name
 * @param steps in order
 * @param resultBytes bytes of the result
 */
public record TaskShape(String task, List<StepShape> steps, long resultBytes) {
    /** Copies the list. */
    public TaskShape {
        steps = List.copyOf(steps);
    }

    /** Multiply-accumulates on one image. */
    public double macs() {
        return steps.stream().mapToDouble(StepShape::macs).sum();
    }
}
