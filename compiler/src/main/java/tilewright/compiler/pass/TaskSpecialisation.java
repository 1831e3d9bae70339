package tilewright.compiler.pass;

import tilewright.model.graph.Graph;

/**
 * Gives every router the gate of one task, and keeps that task's output only.
 *
 * @param task one of the graph's tasks
 */
public record TaskSpecialisation(String task) implements Pass {
    @Override
    public String name() {
        return "task-specialisation";
    }

    @Override
    public String contract() {
        return "Every router has the gate of task " + task + ", and the only output is that task's.";
    }

    @Override
    public Graph apply(Graph graph) {
        return graph.forTask(task);
    }
}
