package tilewright.edge.language;

import java.util.Arrays;
import java.util.function.Supplier;
import tilewright.edge.expert.RoutingTrace;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.model.graph.Collect;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.InvalidGraphException;

/** Stages that bring rows to experts and back; no result may take an operand's place. */
final class QueueStages {
    private QueueStages() {}

    /** Adds the stage of a dispatch to a plan. */
    static void bind(Dispatch op, PlanBuilder plan) {
        Rows x = plan.rows(0);
        Indices ids = plan.indices(1);
        RowSpace routed = plan.routed(x.space(), ids.width());
        Rows queue = plan.out(0, routed);
        Indices offsets = plan.outIndices(1, null, op.experts() + 1);
        Indices slots = plan.outIndices(2, routed, 1);
        plan.add(dispatch(op.experts(), op.split(), x, ids, queue, offsets, slots));
    }

    /** Adds the stage of a combination to a plan. */
    static void bind(Combine op, PlanBuilder plan) {
        Rows routing = op.weighted() ? plan.rows(2) : null;
        RowSpace space = routing == null ? plan.indices(2).space() : routing.space();
        plan.add(combine(op.topK(), plan.rows(0), plan.indices(1), routing, plan.out(0, space)));
    }

    /** Adds the stage of a collection to a plan. */
    static void bind(Collect op, PlanBuilder plan) {
        Rows out = plan.out(0, plan.indices(2).space());
        plan.add(collect(op.topK(), plan.rows(0), plan.indices(1), out));
    }

    /** {@link Dispatch}. */
    static Stage dispatch(int experts, boolean split, Rows x, Indices ids, Rows queue, Indices offsets, Indices slots) {
        int topK = ids.width();
        int width = queue.width();
        int[] next = new int[experts];
        return pass -> {
            int[] chosen = ids.data();
            int[] first = offsets.data();
            int[] slot = slots.data();
            int routed = queue.rows();
            Arrays.fill(first, 0, experts + 1, 0);
            for (int i = 0; i < routed; i++) {
                if (chosen[i] < 0 || chosen[i] >= experts) {
                    throw new InvalidGraphException("reads expert " + chosen[i] + ", expected 0 to " + (experts - 1));
                }
                first[chosen[i] + 1]++;
            }
            for (int e = 0; e < experts; e++) {
                next[e] = first[e];
                first[e + 1] += first[e];
            }
            for (int i = 0; i < routed; i++) {
                slot[next[chosen[i]]++] = i;
            }
            pass.team().ranges(routed, queue.elements(), (from, to, _) -> {
                for (int row = from; row < to; row++) {
                    int at = x.at(slot[row] / topK) + (split ? slot[row] % topK * width : 0);
                    System.arraycopy(x.data(), at, queue.data(), queue.at(row), width);
                }
            });
        };
    }

    /**
     * Leaves out experts that have little weight for all tokens of a step, where their layer would rather do without them: each
     * token's first expert takes their place, with weight 0.
     *
     * @param experts that can be chosen
     */
    static Stage leaveOut(int experts, Supplier<ExpertWeights> layer, Indices ids, Rows weights) {
        int topK = ids.width();
        double[] shares = new double[experts];
        int[] tokens = new int[experts];
        return _ -> {
            ExpertWeights stored = layer.get();
            if (stored == null) {
                return;
            }
            if (stored.leavesOutByToken()) {
                for (int row = 0; row < weights.rows(); row++) {
                    leaveOutByToken(stored, ids, weights, row);
                }
                return;
            }
            Arrays.fill(shares, 0);
            Arrays.fill(tokens, 0);
            for (int row = 0; row < weights.rows(); row++) {
                double sum = sum(weights, row, topK);
                for (int j = 0; j < topK; j++) {
                    int expert = ids.data()[row * topK + j];
                    // What has no share, such as a weight that is no number, must stay.
                    double share = weights.data()[weights.at(row) + j] / sum;
                    shares[expert] = share >= 0 ? Math.max(shares[expert], share) : Double.POSITIVE_INFINITY;
                    tokens[expert]++;
                }
            }
            boolean any = false;
            for (int expert = 0; expert < Math.min(experts, stored.experts()); expert++) {
                boolean out = tokens[expert] > 0 && stored.leavesOut(expert, shares[expert], tokens[expert]);
                tokens[expert] = out ? -1 : tokens[expert];
                any |= out;
            }
            for (int row = 0; any && row < weights.rows(); row++) {
                leaveOut(tokens, ids, weights, row);
            }
        };
    }

    private static void leaveOutByToken(ExpertWeights stored, Indices ids, Rows weights, int row) {
        int topK = ids.width();
        int at = weights.at(row);
        double sum = sum(weights, row, topK);
        int best = best(weights, row, topK);
        for (int j = 0; j < topK; j++) {
            int expert = ids.data()[row * topK + j];
            if (expert < stored.experts() && stored.leavesOut(expert, weights.data()[at + j] / sum, 1) && j != best) {
                ids.data()[row * topK + j] = ids.data()[row * topK + best];
                weights.data()[at + j] = 0;
            }
        }
    }

    private static double sum(Rows weights, int row, int topK) {
        double sum = 0;
        for (int j = 0; j < topK; j++) {
            sum += weights.data()[weights.at(row) + j];
        }
        return sum;
    }

    private static int best(Rows weights, int row, int topK) {
        int best = 0;
        for (int j = 0; j < topK; j++) {
            best = weights.data()[weights.at(row) + j] > weights.data()[weights.at(row) + best] ? j : best;
        }
        return best;
    }

    /** Puts a token's first expert in the place of those that have a negative number. */
    private static void leaveOut(int[] tokens, Indices ids, Rows weights, int row) {
        int topK = ids.width();
        int at = weights.at(row);
        int first = ids.data()[row * topK + best(weights, row, topK)];
        for (int j = 0; j < topK; j++) {
            if (tokens[ids.data()[row * topK + j]] < 0) {
                ids.data()[row * topK + j] = first;
                weights.data()[at + j] = 0;
            }
        }
    }

    /** Puts the choices of a trace, token after token, in the place of a router's. */
    static Stage replay(RoutingTrace trace, int layer, int layers, int experts, Indices ids) {
        int topK = ids.width();
        long[] next = {0};
        return _ -> {
            for (int row = 0; row < ids.space().rows(); row++) {
                trace.route(next[0]++, layer, layers, experts, ids.data(), row * topK, topK);
            }
        };
    }

    /** {@link tilewright.model.graph.ScaleQueue}. */
    static Stage scaleQueue(Rows queue, Indices slots, Rows weights, Rows out) {
        int topK = weights.width();
        return pass -> pass.team().ranges(queue.rows(), queue.elements(), (from, to, _) -> {
            for (int row = from; row < to; row++) {
                int slot = slots.data()[row];
                float weight = weights.data()[weights.at(slot / topK) + slot % topK];
                ElementLoops.scale(queue.data(), queue.at(row), weight, out.data(), out.at(row), queue.width());
            }
        });
    }

    /**
     * {@link Combine}.
     *
     * @param weights null when every weight is 1
     */
    static Stage combine(int topK, Rows outputs, Indices slots, Rows weights, Rows out) {
        Indices rowOfSlot = new Indices(outputs.space(), 1);
        return pass -> {
            int[] rows = invert(slots, outputs.rows(), rowOfSlot);
            pass.team().ranges(out.rows(), outputs.elements(), (from, to, _) -> {
                for (int token = from; token < to; token++) {
                    int at = out.at(token);
                    Arrays.fill(out.data(), at, at + out.width(), 0);
                    for (int j = 0; j < topK; j++) {
                        float weight = weights == null ? 1 : weights.data()[weights.at(token) + j];
                        int row = rows[token * topK + j];
                        ElementLoops.addScaled(outputs.data(), outputs.at(row), weight, out.data(), at, out.width());
                    }
                }
            });
        };
    }

    /** {@link Collect}. */
    static Stage collect(int topK, Rows outputs, Indices slots, Rows out) {
        int width = outputs.width();
        return pass -> pass.team().ranges(outputs.rows(), outputs.elements(), (from, to, _) -> {
            for (int row = from; row < to; row++) {
                int slot = slots.data()[row];
                int at = out.at(slot / topK) + slot % topK * width;
                System.arraycopy(outputs.data(), outputs.at(row), out.data(), at, width);
            }
        });
    }

    private static int[] invert(Indices slots, int routed, Indices rowOfSlot) {
        int[] slot = slots.data();
        int[] rows = rowOfSlot.data();
        for (int row = 0; row < routed; row++) {
            rows[slot[row]] = row;
        }
        return rows;
    }
}
