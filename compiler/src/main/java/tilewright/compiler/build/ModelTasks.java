package tilewright.compiler.build;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tilewright.compiler.CompileException;
import tilewright.compiler.OptionException;
import tilewright.compiler.pass.Passes;
import tilewright.compiler.quant.TaskModel;
import tilewright.edge.vector.VectorExecutor;
import tilewright.edge.vector.WeightCache;
import tilewright.model.family.Families;
import tilewright.model.family.LoadedModel;
import tilewright.model.graph.Graph;
import tilewright.model.tensor.NearestName;

/**
 * A model and its tasks in float: graphs after the standard passes, with executors that share weights.
 *
 * @param model open until this is closed
 * @param tasks at least one
 */
public record ModelTasks(LoadedModel model, List<TaskModel> tasks) implements AutoCloseable {
    /**
     * Opens a model.
     *
     * @param folder of the model
     * @param task the only task wanted, or null for all
     * @param threads of each executor
     * @throws tilewright.model.InvalidInputException when the model is damaged
     * @throws CompileException when there is no such task
     */
    public static ModelTasks open(Path folder, String task, int threads) {
        LoadedModel model = Families.load(folder);
        try {
            Graph graph = model.graph();
            WeightCache weights = new WeightCache();
            List<TaskModel> tasks = new ArrayList<>();
            for (String name : wanted(graph, task)) {
                Graph specialised = graph.tasks().isEmpty()
                        ? Passes.run(onlyOutput(graph, name), Passes.standard())
                        : Passes.run(graph, Passes.standard(name));
                tasks.add(new TaskModel(name, specialised, VectorExecutor.prepare(specialised, weights, threads)));
            }
            return new ModelTasks(model, List.copyOf(tasks));
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /** All tasks, or the one asked for; a graph without tasks has its first output as the only one. */
    private static List<String> wanted(Graph graph, String task) {
        List<String> all = graph.tasks().isEmpty()
                ? List.of(graph.outputs().keySet().iterator().next())
                : graph.tasks();
        if (task == null) {
            return all;
        }
        if (!all.contains(task)) {
            throw new OptionException("model '" + graph.name() + "' has no task '" + task + "'; it has "
                    + String.join(", ", all) + NearestName.hint(task, all));
        }
        return List.of(task);
    }

    private static Graph onlyOutput(Graph graph, String output) {
        return new Graph(
                graph.name(),
                graph.inputs(),
                graph.parameters(),
                graph.nodes(),
                Map.of(output, graph.outputs().get(output)),
                List.of());
    }

    /** Ends the executors and unmaps the model. */
    @Override
    public void close() {
        tasks.forEach(task -> task.executor().close());
        model.close();
    }
}
