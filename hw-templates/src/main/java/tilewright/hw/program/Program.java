package tilewright.hw.program;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.hw.arith.SoftmaxFormat;

/**
 * A whole accelerator program: all tasks of a model on one integer design.
 *
 * @param name of the model
 * @param format widths
 * @param softmax widths of every softmax, attention's and the routers'
 * @param geometry of the images
 * @param residual the buffer of the residual stream, shared by all tasks
 * @param tasks at least one; tasks share buffers and weights by name
 */
public record Program(
        String name,
        IntegerFormat format,
        SoftmaxFormat softmax,
        PatchGeometry geometry,
        Buffer residual,
        List<TaskProgram> tasks) {
    /** The program of a task. */
    public TaskProgram task(String task) {
        return tasks.stream()
                .filter(t -> t.task().equals(task))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no task '" + task + "'; there are "
                        + tasks.stream().map(TaskProgram::task).toList()));
    }

    /** All buffers by name, in order of first use. */
    public Map<String, Buffer> buffers() {
        Map<String, Buffer> buffers = new LinkedHashMap<>();
        for (TaskProgram task : tasks) {
            for (Step step : task.steps()) {
                buffers.putIfAbsent(step.output().name(), step.output());
                if (step instanceof Step.Experts experts) {
                    buffers.putIfAbsent(experts.hidden().name(), experts.hidden());
                }
            }
        }
        return buffers;
    }
}
