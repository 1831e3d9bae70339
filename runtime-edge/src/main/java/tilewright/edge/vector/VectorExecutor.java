package tilewright.edge.vector;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.edge.Executor;
import tilewright.edge.Tensor;
import tilewright.model.graph.Graph;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.Node;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.Type;
import tilewright.model.graph.Verifier;

/**
 * Runs a graph in float32 with the JDK's Vector API.
 *
 * <p>Operators run one after the other over the whole batch; each splits its rows over a fixed set of threads. No sum is split
 * between threads, so the result does not depend on their number, nor an image's result on the rest of its batch. One run at a
 * time: a second caller waits.
 */
public final class VectorExecutor implements Executor {
    private final Graph graph;
    private final Map<String, Type> types;
    private final Map<Node, Kernel> kernels = new IdentityHashMap<>();
    private final WeightCache cache;
    private final Workers workers;
    private final Buffers buffers = new Buffers();

    private VectorExecutor(Graph graph, WeightCache cache, int threads) {
        this.graph = graph;
        this.types = graph.types();
        this.cache = cache;
        this.workers = new Workers(threads);
        graph.nodes().forEach(node -> kernels.put(node, Kernel.of(node.op())));
        graph.needed(Set.of(), graph.outputs().values()).forEach(this::load);
    }

    private void load(Node node) {
        for (int i = 0; i < node.inputs().size(); i++) {
            Parameter parameter = graph.parameters().get(node.inputs().get(i));
            if (parameter != null) {
                kernels.get(node).load(cache.weight(parameter), i);
            }
        }
    }

    /** {@link #prepare(Graph, WeightCache, int)} with weights of its own. */
    public static VectorExecutor prepare(Graph graph, int threads) {
        return prepare(graph, new WeightCache(), threads);
    }

    /**
     * Checks a graph and loads and packs the weights that its outputs need; others are loaded when a run needs them.
     *
     * @param graph specialised to one task if it has tasks
     * @param cache where weights are looked up and kept; executors of one model may share it
     * @param threads at least 1
     * @throws InvalidGraphException when the graph breaks a rule of the IR or still chooses among tasks
     */
    public static VectorExecutor prepare(Graph graph, WeightCache cache, int threads) {
        if (!graph.tasks().isEmpty()) {
            throw new InvalidGraphException("graph '" + graph.name() + "' chooses among the tasks "
                    + String.join(", ", graph.tasks()) + "; specialise it to one of them first");
        }
        Verifier.check(graph);
        return new VectorExecutor(graph, cache, threads);
    }

    @Override
    public synchronized Map<String, Tensor> run(Map<String, Tensor> feeds, Collection<String> fetch) {
        Map<String, int[]> shapes = new HashMap<>();
        feeds.forEach((name, tensor) -> shapes.put(name, tensor.dims()));
        Graph.checkFeeds(types, shapes);
        for (String value : fetch) {
            if (!types.containsKey(value)) {
                throw new InvalidGraphException("graph '" + graph.name() + "' has no value '" + value + "'");
            }
        }
        List<Node> needed = graph.needed(feeds.keySet(), fetch);
        Map<String, Integer> uses = new HashMap<>();
        needed.forEach(node -> node.inputs().forEach(input -> uses.merge(input, 1, Integer::sum)));
        fetch.forEach(value -> uses.merge(value, 1, Integer::sum));
        Map<String, Value> values = new HashMap<>();
        feeds.forEach((name, tensor) -> put(values, name, Value.of(tensor)));
        Kernel.Context context = new Kernel.Context(buffers, workers);
        for (Node node : needed) {
            List<Operand> operands = new ArrayList<>();
            for (String input : node.inputs()) {
                operands.add(operand(values, input));
            }
            List<Value> results = run(node, operands, context);
            for (int i = 0; i < results.size(); i++) {
                String output = node.outputs().get(i);
                // A fed value stays as fed even when its node runs for another output.
                if (!values.containsKey(output)) {
                    put(values, output, results.get(i));
                }
            }
            node.outputs().stream().filter(output -> !uses.containsKey(output)).forEach(o -> drop(values, o));
            for (String input : node.inputs()) {
                if (uses.merge(input, -1, Integer::sum) == 0) {
                    drop(values, input);
                }
            }
        }
        Map<String, Tensor> fetched = new LinkedHashMap<>();
        for (String value : fetch) {
            fetched.computeIfAbsent(value, name -> tensor(operand(values, name)));
        }
        List.copyOf(values.keySet()).forEach(value -> drop(values, value));
        buffers.endRun();
        return fetched;
    }

    private List<Value> run(Node node, List<Operand> operands, Kernel.Context context) {
        try {
            return kernels.get(node).run(operands, context);
        } catch (InvalidGraphException e) {
            throw new InvalidGraphException(
                    "node '" + node.name() + "': " + node.op().mnemonic() + " " + e.getMessage());
        }
    }

    private static void put(Map<String, Value> values, String name, Value value) {
        value.retain();
        values.put(name, value);
    }

    private void drop(Map<String, Value> values, String name) {
        Value value = values.remove(name);
        if (value != null) {
            value.release(buffers);
        }
    }

    private Operand operand(Map<String, Value> values, String name) {
        Value value = values.get(name);
        if (value != null) {
            return value;
        }
        if (!graph.parameters().containsKey(name)) {
            throw new InvalidGraphException(
                    "graph '" + graph.name() + "': input '" + name + "' is needed but was not fed");
        }
        return cache.weight(graph.parameters().get(name));
    }

    private static Tensor tensor(Operand operand) {
        return operand instanceof Value value
                ? value.toTensor()
                : new Tensor(operand.dims().clone(), operand.data().clone());
    }

    @Override
    public void close() {
        workers.close();
    }
}
