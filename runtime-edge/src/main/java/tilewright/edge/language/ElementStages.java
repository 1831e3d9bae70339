package tilewright.edge.language;

import tilewright.model.graph.Activation;
import tilewright.model.graph.GatedUnit;
import tilewright.model.graph.InvalidGraphException;

/** Stages that compute each element from those at the same place: results may take their operand's place. */
final class ElementStages {
    private ElementStages() {}

    /** A loop over neighbouring elements of one operand. */
    @FunctionalInterface
    private interface Loop {
        void run(float[] x, int xAt, float[] out, int at, int count);
    }

    /** A loop over neighbouring elements of two operands. */
    @FunctionalInterface
    private interface PairLoop {
        void run(float[] x, int xAt, float[] y, int yAt, float[] out, int at, int count);
    }

    private static Stage each(Rows x, Rows out, int cost, Loop loop) {
        return pass -> pass.team().ranges(x.rows(), x.elements() * cost, (from, to, _) -> {
            if (x.contiguous() && out.contiguous()) {
                loop.run(x.data(), x.at(from), out.data(), out.at(from), (to - from) * x.width());
            } else {
                for (int row = from; row < to; row++) {
                    loop.run(x.data(), x.at(row), out.data(), out.at(row), x.width());
                }
            }
        });
    }

    private static Stage pairs(Rows x, Rows y, Rows out, int cost, PairLoop loop) {
        return pass -> pass.team().ranges(x.rows(), x.elements() * cost, (from, to, _) -> {
            if (x.contiguous() && y.contiguous() && out.contiguous()) {
                loop.run(x.data(), x.at(from), y.data(), y.at(from), out.data(), out.at(from), (to - from) * x.width());
            } else {
                for (int row = from; row < to; row++) {
                    loop.run(x.data(), x.at(row), y.data(), y.at(row), out.data(), out.at(row), x.width());
                }
            }
        });
    }

    /** {@code out = x * factor}. */
    static Stage scale(float factor, Rows x, Rows out) {
        return each(x, out, 1, (in, inAt, to, at, count) -> ElementLoops.scale(in, inAt, factor, to, at, count));
    }

    /** {@code out = min(max(x, low), high)}. */
    static Stage clamp(float low, float high, Rows x, Rows out) {
        return each(x, out, 1, (in, inAt, to, at, count) -> ElementLoops.clamp(in, inAt, low, high, to, at, count));
    }

    /** {@code out = kind(x)}. */
    static Stage activate(Activation kind, Rows x, Rows out) {
        return each(x, out, 8, (in, inAt, to, at, count) -> ElementLoops.activate(kind, in, inAt, to, at, count));
    }

    /**
     * Adds the stage of an {@link tilewright.model.graph.Add} to a plan.
     *
     * @throws InvalidGraphException when a parameter is added that has more than one row
     */
    static void bindAdd(PlanBuilder plan) {
        Rows x = plan.rows(0);
        if (plan.operand(1) instanceof Constant constant) {
            if (constant.shape().rank() != 1) {
                throw new InvalidGraphException("adds a parameter of shape " + constant.shape()
                        + ", expected one row: the number of tokens is not fixed");
            }
            plan.add(add(x, constant.values(), plan.outLike(0)));
        } else {
            plan.add(add(x, plan.rows(1), plan.outLike(0)));
        }
    }

    /** Adds the stage of a {@link tilewright.model.graph.Multiply} to a plan. */
    static void bindMultiply(PlanBuilder plan) {
        Rows x = plan.rows(0);
        plan.add(
                plan.operand(1) instanceof Constant constant
                        ? multiply(x, constant.values(), plan.outLike(0))
                        : multiply(x, plan.rows(1), plan.outLike(0)));
    }

    /** {@code out = x + y}. */
    static Stage add(Rows x, Rows y, Rows out) {
        return pairs(x, y, out, 1, ElementLoops::add);
    }

    /** {@code out = x + y} with one row y. */
    static Stage add(Rows x, float[] y, Rows out) {
        return rows(x, out, (row, from, to, at) -> ElementLoops.add(x.data(), from, y, 0, to, at, x.width()));
    }

    /** {@code out = x * y} with y [rows, groups]. */
    static Stage multiply(Rows x, Rows y, Rows out) {
        if (y.width() == x.width()) {
            return pairs(x, y, out, 1, ElementLoops::multiply);
        }
        return rows(
                x,
                out,
                (row, from, to, at) -> groups(x.data(), from, y.data(), y.at(row), y.width(), to, at, x.width()));
    }

    /** {@code out = x * y} with one row y [groups]. */
    static Stage multiply(Rows x, float[] y, Rows out) {
        if (y.length == x.width()) {
            return rows(x, out, (row, from, to, at) -> ElementLoops.multiply(x.data(), from, y, 0, to, at, y.length));
        }
        return rows(x, out, (row, from, to, at) -> groups(x.data(), from, y, 0, y.length, to, at, x.width()));
    }

    private static void groups(float[] x, int from, float[] y, int yAt, int groups, float[] to, int at, int width) {
        int group = width / groups;
        for (int g = 0; g < groups; g++) {
            ElementLoops.scale(x, from + g * group, y[yAt + g], to, at + g * group, group);
        }
    }

    /** A loop over one row: its number, where it begins in the operand, and where the result goes. */
    @FunctionalInterface
    private interface RowLoop {
        void run(int row, int from, float[] out, int at);
    }

    private static Stage rows(Rows x, Rows out, RowLoop loop) {
        return pass -> pass.team().ranges(x.rows(), x.elements(), (first, last, _) -> {
            for (int row = first; row < last; row++) {
                loop.run(row, x.at(row), out.data(), out.at(row));
            }
        });
    }

    /** {@code out = act(min(gate, limit)) * (clamp(up, -limit, limit) + offset)}. */
    static Stage gatedUnit(GatedUnit unit, Rows gate, Rows up, Rows out) {
        return pairs(
                gate, up, out, 10, (g, gAt, u, uAt, to, at, count) -> gatedUnit(unit, g, gAt, u, uAt, to, at, count));
    }

    /** The product of a gated unit over neighbouring elements; {@code out} may be the place of {@code gate} only. */
    static void gatedUnit(
            GatedUnit unit, float[] gate, int gateAt, float[] up, int upAt, float[] out, int at, int count) {
        float limit = (float) unit.limit();
        float offset = (float) unit.upOffset();
        if (limit == Float.POSITIVE_INFINITY && offset == 0) {
            ElementLoops.activate(unit.activation(), gate, gateAt, out, at, count);
            ElementLoops.multiply(out, at, up, upAt, out, at, count);
            return;
        }
        ElementLoops.clamp(gate, gateAt, Float.NEGATIVE_INFINITY, limit, out, at, count);
        ElementLoops.activate(unit.activation(), out, at, out, at, count);
        for (int i = 0; i < count; i++) {
            out[at + i] *= Math.min(Math.max(up[upAt + i], -limit), limit) + offset;
        }
    }
}
