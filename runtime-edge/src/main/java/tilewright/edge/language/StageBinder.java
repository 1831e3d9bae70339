package tilewright.edge.language;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tilewright.edge.matrix.ActivationPrecision;
import tilewright.edge.matrix.ExpertProduct;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.MatrixKernels;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Add;
import tilewright.model.graph.AttentionSettings;
import tilewright.model.graph.CausalConv;
import tilewright.model.graph.Clamp;
import tilewright.model.graph.Collect;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Embed;
import tilewright.model.graph.ExpertLinear;
import tilewright.model.graph.Experts;
import tilewright.model.graph.GatedExperts;
import tilewright.model.graph.GatedUnit;
import tilewright.model.graph.Graph;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.JoinHeads;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.LightningAttention;
import tilewright.model.graph.Linear;
import tilewright.model.graph.LinearRecurrence;
import tilewright.model.graph.MaskedAttention;
import tilewright.model.graph.Multiply;
import tilewright.model.graph.Node;
import tilewright.model.graph.Op;
import tilewright.model.graph.PositionEmbed;
import tilewright.model.graph.PositionScale;
import tilewright.model.graph.RmsNorm;
import tilewright.model.graph.Rope;
import tilewright.model.graph.RopeFrequencies;
import tilewright.model.graph.RopeSettings;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.Scale;
import tilewright.model.graph.ScaleQueue;
import tilewright.model.graph.SelectiveScan;
import tilewright.model.graph.Split;
import tilewright.model.graph.SplitHeads;

/** Finds the stage of each operator: the one place that lists which operators the engine runs. */
final class StageBinder {
    private final EngineOptions options;
    private final MatrixKernels kernels;
    private final WeightStore weights = new WeightStore();
    private final ExpertProduct expertProduct;
    private final LoadedRows loaded;
    /** For routers, whose choices should not depend on rounded activations. */
    private final LoadedRows exact;

    private record AnglesKey(RopeFrequencies frequencies, RowSpace space) {}

    private final Map<AnglesKey, RopeStage.Angles> angles = new HashMap<>();
    /** Nodes with experts, numbered in the graph's order. */
    private final Map<String, Integer> expertLayers = new HashMap<>();

    private int routers;
    private int routersBound;
    /** The layer of experts that comes next. */
    private int expertsBound;

    private final Graph graph;
    /** The experts of the layers bound so far. */
    private final Map<Integer, ExpertWeights> bound = new HashMap<>();
    /** Tokens whose routing was replayed in the first layer. */
    private long replayed;

    StageBinder(EngineOptions options, Graph graph) {
        this.options = options;
        this.graph = graph;
        for (Node node : graph.nodes()) {
            routers += node.op() instanceof Router ? 1 : 0;
            if (node.op() instanceof Experts || node.op() instanceof GatedExperts) {
                expertLayers.put(node.name(), expertLayers.size());
            }
        }
        this.kernels = options.kernels().kernels(options.activations());
        this.expertProduct = new ExpertProduct(kernels);
        this.loaded = new LoadedRows(kernels, options.activations());
        this.exact = options.activations() == ActivationPrecision.FLOAT
                ? loaded
                : new LoadedRows(kernels, ActivationPrecision.FLOAT);
    }

    /** Whether an operator's row depends on other rows than its own: on tokens before it, or beside it. */
    static boolean mixesTokens(Op op) {
        return switch (op) {
            case MaskedAttention _, CausalConv _, SelectiveScan _, LinearRecurrence _, LightningAttention _ -> true;
            case Router(RouterSettings settings) -> !settings.capacity().isNone();
            default -> false;
        };
    }

    /** Packs all weights that are not experts'; calls after each of them. */
    void packDense(Runnable packed) {
        weights.packDense(packed);
    }

    /** Adds a node's stage to a plan. */
    void bind(Node node, PlanBuilder plan) {
        switch (node.op()) {
            case Embed _ -> {
                Indices ids = plan.indices(0);
                Constant table = plan.constant(1);
                plan.add(TokenStages.embed(ids, weights.matrix(table), plan.out(0, ids.space())));
            }
            case PositionEmbed(int offset) -> {
                Rows x = plan.rows(0);
                plan.add(TokenStages.positionEmbed(offset, x, plan.constant(1), plan.outLike(0)));
            }
            case PositionScale op -> plan.add(TokenStages.positionScale(op, plan.rows(0), plan.outLike(0)));
            case Rope(RopeSettings settings) -> {
                Rows x = plan.rows(0);
                RopeStage.Angles shared = angles.computeIfAbsent(
                        new AnglesKey(settings.frequencies(), x.space()),
                        key -> new RopeStage.Angles(key.frequencies(), key.space()));
                plan.add(new RopeStage(settings, shared, x, plan.outLike(0)));
            }
            case Scale(double factor) -> plan.add(ElementStages.scale((float) factor, plan.rows(0), plan.outLike(0)));
            case Clamp(double low, double high) ->
                plan.add(ElementStages.clamp((float) low, (float) high, plan.rows(0), plan.outLike(0)));
            case Activate(var kind) -> plan.add(ElementStages.activate(kind, plan.rows(0), plan.outLike(0)));
            case GatedUnit unit -> plan.add(ElementStages.gatedUnit(unit, plan.rows(0), plan.rows(1), plan.outLike(0)));
            case Add _ -> add(plan);
            case Multiply _ -> multiply(plan);
            case RmsNorm(double epsilon, int groups) ->
                plan.add(NormStages.rms(epsilon, groups, plan.rows(0), plan.numbers(1), plan.outLike(0)));
            case LayerNorm(double epsilon, int groups) ->
                plan.add(NormStages.layer(
                        epsilon, groups, plan.rows(0), plan.numbers(1), plan.numbers(2), plan.outLike(0)));
            case Split(int parts) ->
                views(plan, Collections.nCopies(parts, plan.rows(0).width() / parts));
            case SplitHeads op -> split(op, plan);
            case JoinHeads op -> join(op, plan);
            case Linear _ -> {
                Rows x = plan.rows(0);
                product(plan, loaded, x, weights.matrix(plan.constant(1)), plan.numbers(2), plan.out(0, x.space()));
            }
            case MaskedAttention(AttentionSettings settings) -> attention(settings, plan);
            case CausalConv _ -> conv(plan);
            case SelectiveScan _ -> scan(plan);
            case LinearRecurrence op -> recurrence(op, plan);
            case LightningAttention op -> lightning(op, plan);
            case Router(RouterSettings settings) -> router(settings, plan);
            case Dispatch op -> dispatch(op, plan);
            case ScaleQueue _ ->
                plan.add(QueueStages.scaleQueue(plan.rows(0), plan.indices(1), plan.rows(2), plan.outLike(0)));
            case Combine(int topK, boolean weighted) -> {
                Rows routing = weighted ? plan.rows(2) : null;
                RowSpace space = weighted ? routing.space() : plan.indices(2).space();
                Rows out = plan.out(0, space);
                plan.add(QueueStages.combine(topK, plan.rows(0), plan.indices(1), routing, out));
            }
            case Collect(int topK) -> {
                Rows out = plan.out(0, plan.indices(2).space());
                plan.add(QueueStages.collect(topK, plan.rows(0), plan.indices(1), out));
            }
            case Experts op -> experts(op, node, plan);
            case GatedExperts op -> gatedExperts(op, node, plan);
            case ExpertLinear _ -> {
                Rows queue = plan.rows(0);
                plan.add(ExpertStages.linear(
                        kernels,
                        loaded,
                        weights.perExpert(plan.constant(2)),
                        plan.numbers(3),
                        queue,
                        plan.indices(1),
                        plan.out(0, queue.space())));
            }
            default -> throw new InvalidGraphException("is no operator of language models; the engine cannot run it");
        }
    }

    private void add(PlanBuilder plan) {
        Rows x = plan.rows(0);
        if (plan.operand(1) instanceof Constant constant) {
            if (constant.shape().rank() != 1) {
                throw new InvalidGraphException("adds a parameter of shape " + constant.shape()
                        + ", expected one row: the number of tokens is not fixed");
            }
            plan.add(ElementStages.add(x, constant.values(), plan.outLike(0)));
        } else {
            plan.add(ElementStages.add(x, plan.rows(1), plan.outLike(0)));
        }
    }

    private void multiply(PlanBuilder plan) {
        Rows x = plan.rows(0);
        plan.add(
                plan.operand(1) instanceof Constant constant
                        ? ElementStages.multiply(x, constant.values(), plan.outLike(0))
                        : ElementStages.multiply(x, plan.rows(1), plan.outLike(0)));
    }

    private static void views(PlanBuilder plan, List<Integer> widths) {
        Rows x = plan.rows(0);
        int first = 0;
        for (int part = 0; part < widths.size(); part++) {
            plan.view(part, x, first);
            first += widths.get(part);
        }
    }

    private static void split(SplitHeads op, PlanBuilder plan) {
        if (op.heads() == 1 || op.widths().size() == 1) {
            views(plan, op.widths().stream().map(width -> width * op.heads()).toList());
            return;
        }
        Rows x = plan.rows(0);
        int start = 0;
        for (int part = 0; part < op.widths().size(); part++) {
            int width = op.widths().get(part);
            plan.add(HeadStages.split(op.heads(), x.width() / op.heads(), start, width, x, plan.out(part, x.space())));
            start += width;
        }
    }

    private static void join(JoinHeads op, PlanBuilder plan) {
        List<Rows> parts = new ArrayList<>();
        for (int part = 0; part < op.widths().size(); part++) {
            parts.add(plan.rows(part));
        }
        plan.add(HeadStages.join(
                op.heads(), op.widths(), parts, plan.out(0, parts.getFirst().space())));
    }

    private void product(PlanBuilder plan, LoadedRows form, Rows x, MatrixWeights matrix, float[] bias, Rows out) {
        if (plan.last() instanceof LinearStage stage && stage.reads(x, form)) {
            stage.add(matrix, bias, out);
            plan.joins();
        } else {
            LinearStage stage = new LinearStage(kernels, form, x);
            stage.add(matrix, bias, out);
            plan.add(stage);
        }
    }

    private void attention(AttentionSettings settings, PlanBuilder plan) {
        Rows q = plan.rows(0);
        boolean cross = plan.crosses(1);
        if (cross != plan.crosses(2)) {
            throw new InvalidGraphException("reads keys '" + plan.name(1) + "' and values '" + plan.name(2)
                    + "', of which the encoder makes only one");
        }
        if (!cross && !plan.ofEncoder() && !settings.causal()) {
            throw new InvalidGraphException(
                    "sees tokens after its own, which have not come yet; expected causal attention in a decoder");
        }
        PageShape shape = new PageShape(
                settings.keyValueHeads(),
                settings.keyWidth(),
                settings.valueWidth(),
                options.pageTokens(),
                plan.ofEncoder() ? CacheFormat.F32 : options.cacheFormat());
        int cache = plan.cache(shape, settings, cross);
        if (cross) {
            crossings.add(new Crossing(cache, plan.name(1), plan.name(2)));
        }
        int table = 3 + (settings.sinks() ? 1 : 0);
        RelativeBiases biases = settings.relativeBias() == null
                ? null
                : new RelativeBiases(settings.relativeBias(), plan.numbers(table), settings.heads());
        plan.add(new AttentionStage(
                settings,
                shape,
                cache,
                q,
                cross ? null : plan.rows(1),
                cross ? null : plan.rows(2),
                settings.sinks() ? plan.numbers(3) : null,
                biases,
                plan.out(0, q.space())));
    }

    /**
     * A cross attention's cache and the encoder's values that fill it.
     *
     * @param cache its number in the decoder's states
     */
    record Crossing(int cache, String keys, String values) {}

    private final List<Crossing> crossings = new ArrayList<>();

    /** The cross attentions bound so far. */
    List<Crossing> crossings() {
        return crossings;
    }

    private static void conv(PlanBuilder plan) {
        Rows x = plan.rows(0);
        Constant weight = plan.constant(1);
        int state = plan.state((long) x.width() * (weight.dim(1) - 1));
        plan.add(new ConvStage(state, x, weight.values(), plan.numbers(2), plan.out(0, x.space())));
    }

    private static void scan(PlanBuilder plan) {
        Rows x = plan.rows(0);
        Rows b = plan.rows(3);
        int state = plan.state((long) x.width() * b.width());
        plan.add(new ScanStage(
                state, x, plan.rows(1), plan.numbers(2), b, plan.rows(4), plan.numbers(5), plan.out(0, x.space())));
    }

    private static void recurrence(LinearRecurrence op, PlanBuilder plan) {
        Rows q = plan.rows(0);
        int state = plan.state((long) op.heads() * op.keyWidth() * op.valueWidth());
        boolean fixed = plan.operand(3) instanceof Constant;
        plan.add(new RecurrenceStage(
                op,
                state,
                q,
                plan.rows(1),
                plan.rows(2),
                fixed ? null : plan.rows(3),
                fixed ? plan.numbers(3) : null,
                op.delta() ? plan.rows(4) : null,
                plan.out(0, q.space())));
    }

    private static void lightning(LightningAttention op, PlanBuilder plan) {
        Rows q = plan.rows(0);
        float[][] tables = {plan.numbers(3), plan.numbers(4), plan.numbers(5), plan.numbers(6)};
        int state = plan.state(LightningStage.stateLength(op));
        plan.add(new LightningStage(op, state, q, plan.rows(1), plan.rows(2), tables, plan.out(0, q.space())));
    }

    private void router(RouterSettings settings, PlanBuilder plan) {
        if (settings.gates() > 1) {
            throw new InvalidGraphException("has a gate for each of the tasks " + settings.gateTasks()
                    + "; specialise the graph to one task first");
        }
        Rows x = plan.rows(0);
        int bias = 1 + settings.gates();
        float[] gateBias = settings.gateBias() ? plan.numbers(bias) : null;
        float[] selectionBias = settings.selection().bias() ? plan.numbers(bias + (settings.gateBias() ? 1 : 0)) : null;
        Indices ids = plan.outIndices(0, x.space(), settings.topK());
        Rows routing = plan.out(1, x.space());
        Rows scores = x;
        if (settings.gates() == 1) {
            scores = plan.temporary(x.space(), settings.experts());
            product(plan, exact, x, weights.matrix(plan.constant(1)), null, scores);
        }
        plan.add(new RouterStage(settings, scores, gateBias, selectionBias, ids, routing));
        if (options.routing() != null) {
            int layer = routersBound++;
            plan.add(QueueStages.replay(options.routing(), layer, routers, settings.experts(), ids));
            if (layer == 0) {
                plan.add(_ -> replayed += ids.space().rows());
            }
        }
        int layerOfExperts = expertsBound;
        if (options.experts() != null && settings.topK() > 1) {
            plan.add(QueueStages.leaveOut(settings.experts(), () -> bound.get(layerOfExperts), ids, routing));
        }
        if (settings.gates() == 1) {
            plan.release(scores);
        }
    }

    private static void dispatch(Dispatch op, PlanBuilder plan) {
        Rows x = plan.rows(0);
        Indices ids = plan.indices(1);
        RowSpace routed = plan.routed(x.space(), ids.width());
        Rows queue = plan.out(0, routed);
        Indices offsets = plan.outIndices(1, null, op.experts() + 1);
        Indices slots = plan.outIndices(2, routed, 1);
        plan.add(QueueStages.dispatch(op.experts(), op.split(), x, ids, queue, offsets, slots));
    }

    private void experts(Experts op, Node node, PlanBuilder plan) {
        boolean biased = plan.has(4);
        ExpertProduct.Layer layer = new ExpertProduct.Layer(
                expertWeights(node, plan.constant(2), null, plan.constant(biased ? 4 : 3)),
                biased ? plan.numbers(3) : null,
                null,
                biased ? plan.numbers(5) : null,
                (gate, _, at, count) -> ElementLoops.activate(op.activation(), gate, at, gate, at, count));
        expertStage(node, layer, plan);
    }

    private void gatedExperts(GatedExperts op, Node node, PlanBuilder plan) {
        ExpertProduct.Layer layer = new ExpertProduct.Layer(
                expertWeights(node, plan.constant(2), plan.constant(3), plan.constant(4)),
                plan.numbers(5),
                plan.numbers(6),
                plan.numbers(7),
                (gate, up, at, count) -> ElementStages.gatedUnit(op.unit(), gate, at, up, at, gate, at, count));
        expertStage(node, layer, plan);
    }

    private ExpertWeights expertWeights(Node node, Constant gate, Constant up, Constant down) {
        if (options.experts() == null) {
            return weights.experts(node.name(), gate, up, down);
        }
        int layer = expertLayers.get(node.name());
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

    private void expertStage(Node node, ExpertProduct.Layer layer, PlanBuilder plan) {
        int number = expertLayers.get(node.name());
        bound.put(number, layer.weights());
        expertsBound = number + 1;
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
        if (state == null || next == null) {
            return;
        }
        RouterSettings settings = next.settings();
        Indices ids = new Indices(state.space(), settings.topK());
        List<Stage> stages = new ArrayList<>();
        if (options.routing() != null) {
            if (!options.routing().guesses()) {
                return;
            }
            stages.add(
                    GuessStage.drawn(options.routing(), () -> replayed, layer + 1, routers, settings.experts(), ids));
        } else {
            Rows normed = plan.temporary(state.space(), state.width());
            Rows scores = plan.temporary(state.space(), settings.experts());
            Rows routing = plan.temporary(state.space(), settings.topK());
            List<String> of = next.norm().inputs();
            stages.add(
                    next.norm().op() instanceof RmsNorm(double epsilon, int groups)
                            ? NormStages.rms(epsilon, groups, state, numbers(plan, of, 1), normed)
                            : NormStages.layer(
                                    ((LayerNorm) next.norm().op()).epsilon(),
                                    ((LayerNorm) next.norm().op()).groups(),
                                    state,
                                    numbers(plan, of, 1),
                                    numbers(plan, of, 2),
                                    normed));
            List<String> inputs = next.router().inputs();
            LinearStage product = new LinearStage(kernels, exact, normed);
            product.add(weights.matrix(plan.constant(inputs.get(1))), null, scores);
            stages.add(product);
            float[] gateBias = settings.gateBias() ? numbers(plan, inputs, 2) : null;
            float[] selectionBias =
                    settings.selection().bias() ? numbers(plan, inputs, settings.gateBias() ? 3 : 2) : null;
            stages.add(new RouterStage(settings, scores, gateBias, selectionBias, ids, routing));
            plan.release(normed);
            plan.release(scores);
            plan.release(routing);
        }
        plan.add(new GuessStage(stages, ids, () -> bound.get(layer + 1)));
    }

    private static float[] numbers(PlanBuilder plan, List<String> inputs, int operand) {
        return operand < inputs.size() ? plan.constant(inputs.get(operand)).values() : null;
    }
}
