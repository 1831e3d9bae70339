package tilewright.compiler.quant;

import tilewright.edge.Executor;
import tilewright.model.graph.Graph;

/**
 * One task of a model in float: its graph after the standard passes, and an executor of it.
 *
 * @param task the name of the task, or of the only output
 * @param graph reads raw pixels from {@code pixels}
 * @param executor of that graph
 */
public record TaskModel(String task, Graph graph, Executor executor) {
    /** The name of the value that the task puts out. */
    public String outputValue() {
        return graph.outputs().values().iterator().next();
    }
}
