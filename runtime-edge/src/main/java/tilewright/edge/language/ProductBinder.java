package tilewright.edge.language;

import tilewright.edge.matrix.ActivationPrecision;
import tilewright.edge.matrix.MatrixKernels;
import tilewright.edge.matrix.MatrixWeights;

/** Binds products of rows and weights: those of one value that follow each other become one stage. */
final class ProductBinder {
    private final MatrixKernels kernels;
    private final WeightStore weights;
    private final LoadedRows loaded;
    /** For routers, whose choices should not depend on rounded activations. */
    private final LoadedRows exact;

    ProductBinder(MatrixKernels kernels, ActivationPrecision precision, WeightStore weights) {
        this.kernels = kernels;
        this.weights = weights;
        this.loaded = new LoadedRows(kernels, precision);
        this.exact =
                precision == ActivationPrecision.FLOAT ? loaded : new LoadedRows(kernels, ActivationPrecision.FLOAT);
    }

    /** Adds the product of a {@link tilewright.model.graph.Linear} to a plan. */
    void linear(PlanBuilder plan) {
        Rows x = plan.rows(0);
        MatrixWeights matrix = weights.matrix(plan.constant(1));
        add(plan, loaded, x, matrix, plan.numbers(2), plan.out(0, x.space()));
    }

    /** Adds the scores that a router's matrix gives rows to a plan. */
    void scores(PlanBuilder plan, Rows x, Constant matrix, Rows out) {
        add(plan, exact, x, weights.matrix(matrix), null, out);
    }

    /** The stage of {@link #scores} by itself. */
    Stage scores(Rows x, Constant matrix, Rows out) {
        LinearStage stage = new LinearStage(kernels, exact, x);
        stage.add(weights.matrix(matrix), null, out);
        return stage;
    }

    /** Adds the stage of an {@link tilewright.model.graph.ExpertLinear} to a plan. */
    void expertLinear(PlanBuilder plan) {
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

    private void add(PlanBuilder plan, LoadedRows form, Rows x, MatrixWeights matrix, float[] bias, Rows out) {
        if (plan.last() instanceof LinearStage stage && stage.reads(x, form)) {
            stage.add(matrix, bias, out);
            plan.joins();
        } else {
            LinearStage stage = new LinearStage(kernels, form, x);
            stage.add(matrix, bias, out);
            plan.add(stage);
        }
    }
}
