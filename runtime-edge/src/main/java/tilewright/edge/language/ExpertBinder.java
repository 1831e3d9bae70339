package tilewright.edge.language;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import tilewright.edge.matrix.ExpertProduct;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.MatrixKernels;
import tilewright.model.graph.Experts;
import tilewright.model.graph.GatedExperts;
import tilewright.model.graph.Graph;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.Node;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;

/**
 * Binds routers and layers of experts, whose weights are the model's or come from {@link EngineOptions#experts()} as they are
 * needed.
 *
 * <p>Experts on demand bring two more stages: one that leaves out experts of little weight, and one that guesses which the next
 * layer will need. Where {@link EngineOptions#routing()} names a trace, its choices take the place of the routers'.
 */
final class ExpertBinder {
    private final EngineOptions options;
    private final Graph graph;
    private final WeightStore weights;
    private final ProductBinder products;
    private final ExpertProduct expertProduct;
    /** The layers of experts, numbered in the order of the graph's nodes. */
    private final Map<String, Integer> layers = new HashMap<>();
    /** The experts of the layers bound so far. */
    private final Map<Integer, ExpertWeights> bound = new HashMap<>();

    private int routers;
    private int routersBound;
    /** The layer of experts that comes next. */
    private int nextLayer;
    /** Tokens whose routing was replayed in the first layer. */
    private long replayed;

    ExpertBinder(
            EngineOptions options, Graph graph, MatrixKernels kernels, WeightStore weights, ProductBinder products) {
        this.options = options;
        this.graph = graph;
        this.weights = weights;
        this.products = products;
        this.expertProduct = new ExpertProduct(kernels);
        for (Node node : graph.nodes()) {
            routers += node.op() instanceof Router ? 1 : 0;
            if (node.op() instanceof Experts || node.op() instanceof GatedExperts) {
                layers.put(node.name(), layers.size());
            }
        }
    }

    /**
     * Adds a router's stages to a plan.
     *
     * @throws InvalidGraphException when it has gates of several tasks
     */
    void router(RouterSettings settings, PlanBuilder plan) {
        if (settings.gates() > 1) {
            throw new InvalidGraphException("has a gate for each of the tasks " + settings.gateTasks()
                    + "; specialise the graph to one task first");
        }
        Rows x = plan.rows(0);
        Indices ids = plan.outIndices(0, x.space(), settings.topK());
        Rows routing = plan.out(1, x.space());
        Rows scores = x;
        if (settings.gates() == 1) {
            scores = plan.temporary(x.space(), settings.experts());
            products.scores(plan, x, plan.constant(1), scores);
        }
        plan.add(RouterStage.of(settings, plan::numbers, scores, ids, routing));
        if (options.routing() != null) {
            int layer = routersBound++;
            plan.add(QueueStages.replay(options.routing(), layer, routers, settings.experts(), ids));
            if (layer == 0) {
                plan.add(_ -> replayed += ids.space().rows());
            }
        }
        int layer = nextLayer;
        if (options.experts() != null && settings.topK() > 1) {
            plan.add(QueueStages.leaveOut(settings.experts(), () -> bound.get(layer), ids, routing));
        }
        if (settings.gates() == 1) {
            plan.release(scores);
        }
    }

    /** Adds the stages of a layer of plain experts to a plan. */
    void plain(Experts op, Node node, PlanBuilder plan) {
        boolean biased = plan.has(4);
        ExpertProduct.Layer layer = new ExpertProduct.Layer(
                weights(node, plan.constant(2), null, plan.constant(biased ? 4 : 3)),
                biased ? plan.numbers(3) : null,
                null,
                biased ? plan.numbers(5) : null,
                (gate, _, at, count) -> ElementLoops.activate(op.activation(), gate, at, gate, at, count));
        add(node, layer, plan);
    }

    /** Adds the stages of a layer of gated experts to a plan. */
    void gated(GatedExperts op, Node node, PlanBuilder plan) {
        ExpertProduct.Layer layer = new ExpertProduct.Layer(
                weights(node, plan.constant(2), plan.constant(3), plan.constant(4)),
                plan.numbers(5),
                plan.numbers(6),
                plan.numbers(7),
                (gate, up, at, count) -> ElementStages.gatedUnit(op.unit(), gate, at, up, at, gate, at, count));
        add(node, layer, plan);
    }

    private ExpertWeights weights(Node node, Constant gate, Constant up, Constant down) {
        if (options.experts() == null) {
            return weights.experts(node.name(), gate, up, down);
        }
        int layer = layers.get(node.name());
        ExpertWeights found = options.experts().layer(layer, () -> weights.experts(node.name(), gate, up, down));
        if (found.experts() != gate.dim(0)
                || found.hidden() != gate.dim(1)
                || found.width() != gate.dim(2)
                || found.outputs() != down.dim(1)) {
            throw new InvalidGraphException("gets " + found.experts() + " experts of " + found.width() + " to "
                    + found.hidden() + " to " + found.outputs() + " elements for its layer " + layer + ", expected "
                    + gate.dim(0) + " of " + gate.dim(2) + " to " + gate.dim(1) + " to " + down.dim(1));
        }
        return found;
    }

    private void add(Node node, ExpertProduct.Layer layer, PlanBuilder plan) {
        int number = layers.get(node.name());
        bound.put(number, layer.weights());
        nextLayer = number + 1;
        if (options.experts() != null) {
            guess(number, plan);
        }
        Rows queue = plan.rows(0);
        plan.add(ExpertStages.experts(
                expertProduct, layer, options.activations(), queue, plan.indices(1), plan.out(0, queue.space())));
    }

    /** Adds the guess of the next layer's experts, where the graph allows one. */
    private void guess(int layer, PlanBuilder plan) {
        ExpertRouting here = ExpertRouting.of(graph, layer);
        ExpertRouting next = ExpertRouting.of(graph, layer + 1);
        Rows state = here == null ? null : plan.alive(here.state());
        boolean replays = options.routing() != null;
        if (state == null || next == null || replays && !options.routing().guesses()) {
            return;
        }
        Indices ids = new Indices(state.space(), next.settings().topK());
        List<Stage> stages = replays
                ? List.of(GuessStage.drawn(
                        options.routing(),
                        () -> replayed,
                        layer + 1,
                        routers,
                        next.settings().experts(),
                        ids))
                : guessed(next, state, ids, plan);
        plan.add(new GuessStage(stages, ids, () -> bound.get(layer + 1)));
    }

    /** A layer's norm, scores and router, over a state that is not yet what they will see. */
    private List<Stage> guessed(ExpertRouting next, Rows state, Indices ids, PlanBuilder plan) {
        RouterSettings settings = next.settings();
        Rows normed = plan.temporary(state.space(), state.width());
        Rows scores = plan.temporary(state.space(), settings.experts());
        Rows routing = plan.temporary(state.space(), settings.topK());
        Constant gate = plan.constant(next.router().inputs().get(1));
        List<Stage> stages = List.of(
                NormStages.of(next.norm().op(), numbers(next.norm(), plan), state, normed),
                products.scores(normed, gate, scores),
                RouterStage.of(settings, numbers(next.router(), plan), scores, ids, routing));
        plan.release(normed);
        plan.release(scores);
        plan.release(routing);
        return stages;
    }

    /** The values of a node's operands by number; null for those that it has not. */
    private static IntFunction<float[]> numbers(Node node, PlanBuilder plan) {
        return operand -> operand < node.inputs().size()
                ? plan.constant(node.inputs().get(operand)).values()
                : null;
    }
}
