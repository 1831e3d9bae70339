package tilewright.edge.language;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import tilewright.edge.matrix.MatrixKernels;
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
    private final WeightStore weights = new WeightStore();
    private final ProductBinder products;
    private final ExpertBinder experts;

    private record AnglesKey(RopeFrequencies frequencies, RowSpace space) {}

    private final Map<AnglesKey, RopeStage.Angles> angles = new HashMap<>();

    StageBinder(EngineOptions options, Graph graph) {
        this.options = options;
        MatrixKernels kernels = options.kernels().kernels(options.activations());
        products = new ProductBinder(kernels, options.activations(), weights);
        experts = new ExpertBinder(options, graph, kernels, weights, products);
    }

    /** Whether an operator's row depends on other rows than its own: on tokens before it, or beside it. */
    static boolean mixesTokens(Op op) {
        return switch (op) {
            case MaskedAttention _, CausalConv _, SelectiveScan _, LinearRecurrence _, LightningAttention _ -> true;
            case Router(RouterSettings settings) -> !settings.capacity().isNone();
            default -> false;
        };
    }

    /**
     * Packs all weights that are not experts'.
     *
     * @param packed called after each of them
     */
    void packDense(Runnable packed) {
        weights.packDense(packed);
    }

    /**
     * Adds a node's stages to a plan.
     *
     * @throws InvalidGraphException when no language model has the operator, or not with these operands
     */
    void bind(Node node, PlanBuilder plan) {
        switch (node.op()) {
            case Embed _ -> {
                Indices ids = plan.indices(0);
                Constant table = plan.constant(1);
                plan.add(TokenStages.embed(ids, weights.matrix(table), plan.out(0, ids.space())));
            }
            case PositionEmbed(int offset) ->
                plan.add(TokenStages.positionEmbed(offset, plan.rows(0), plan.constant(1), plan.outLike(0)));
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
            case Add _ -> ElementStages.bindAdd(plan);
            case Multiply _ -> ElementStages.bindMultiply(plan);
            case RmsNorm _, LayerNorm _ ->
                plan.add(NormStages.of(node.op(), plan::numbers, plan.rows(0), plan.outLike(0)));
            case Split(int parts) ->
                plan.views(Collections.nCopies(parts, plan.rows(0).width() / parts));
            case SplitHeads op -> HeadStages.bind(op, plan);
            case JoinHeads op -> HeadStages.bind(op, plan);
            case Linear _ -> products.linear(plan);
            case MaskedAttention(AttentionSettings settings) -> AttentionStage.bind(settings, options, plan);
            case CausalConv _ -> ConvStage.bind(plan);
            case SelectiveScan _ -> ScanStage.bind(plan);
            case LinearRecurrence op -> RecurrenceStage.bind(op, plan);
            case LightningAttention op -> LightningStage.bind(op, plan);
            case Router(RouterSettings settings) -> experts.router(settings, plan);
            case Dispatch op -> QueueStages.bind(op, plan);
            case ScaleQueue _ ->
                plan.add(QueueStages.scaleQueue(plan.rows(0), plan.indices(1), plan.rows(2), plan.outLike(0)));
            case Combine op -> QueueStages.bind(op, plan);
            case Collect op -> QueueStages.bind(op, plan);
            case Experts op -> experts.plain(op, node, plan);
            case GatedExperts op -> experts.gated(op, node, plan);
            case ExpertLinear _ -> products.expertLinear(plan);
            default -> throw new InvalidGraphException("is no operator of language models; the engine cannot run it");
        }
    }
}
