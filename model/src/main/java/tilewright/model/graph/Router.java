package tilewright.model.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Chooses experts for each token.
 *
 * <p>Operands: x [B,T,D], then gate weights [E,D], one per task until the graph is specialised and one after. Outputs: ids
 * [B,T,k] (largest weight first; ties to the lowest index) and weights [B,T,k].
 *
 * @param settings the variant
 */
public record Router(RouterSettings settings) implements Op {
    @Override
    public String mnemonic() {
        return "router";
    }

    @Override
    public String attributes() {
        return "experts=" + settings.experts() + ", top_k=" + settings.topK() + ", score=" + lower(settings.score())
                + ", normalise=" + lower(settings.normalise()) + ", select=" + lower(settings.select())
                + ", renormalise=" + settings.renormalise()
                + (settings.gateTasks().isEmpty() ? "" : ", gate_tasks=" + settings.gateTasks());
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        int gates = Math.max(1, settings.gateTasks().size());
        String[] roles = new String[1 + gates];
        Arrays.fill(roles, "gate");
        roles[0] = "x";
        Operands operands = new Operands(inputs, roles);
        if (settings.topK() < 1 || settings.topK() > settings.experts()) {
            throw new InvalidGraphException(
                    "has top_k " + settings.topK() + ", expected 1 to the number of experts, " + settings.experts());
        }
        Shape x = operands.match(0, "batch", "tokens", "hidden");
        for (int gate = 1; gate <= gates; gate++) {
            operands.match(gate, settings.experts(), x.dim(2));
        }
        Shape routes = x.with(2, Dim.of(settings.topK()));
        return List.of(new Type(routes, ElementType.I32), new Type(routes, ElementType.F32));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        if (inputs.size() > 2) {
            throw new InvalidGraphException("has a gate for each of the tasks " + settings.gateTasks()
                    + "; specialise the graph to one task first");
        }
        Tensor64 x = inputs.get(0);
        int experts = settings.experts();
        int topK = settings.topK();
        double[] scores = new double[x.rows() * experts];
        Linear.multiply(x.data(), 0, x.rows(), x.dim(2), inputs.get(1).data(), 0, null, 0, experts, scores);
        Tensor64 ids = Tensor64.zeros(x.dim(0), x.dim(1), topK);
        Tensor64 weights = Tensor64.zeros(x.dim(0), x.dim(1), topK);
        for (int token = 0; token < x.rows(); token++) {
            switch (settings.normalise()) {
                case SOFTMAX_BEFORE_SELECT -> softmax(scores, token * experts, experts);
                case SIGMOID -> {
                    for (int e = token * experts; e < (token + 1) * experts; e++) {
                        scores[e] = 1 / (1 + Math.exp(-scores[e]));
                    }
                }
                case SOFTMAX_AFTER_SELECT -> {}
            }
            select(scores, token * experts, ids.data(), weights.data(), token * topK);
            if (settings.normalise() == RouterSettings.Normalise.SOFTMAX_AFTER_SELECT) {
                softmax(weights.data(), token * topK, topK);
            }
            if (settings.renormalise()) {
                double sum = 0;
                for (int j = token * topK; j < (token + 1) * topK; j++) {
                    sum += weights.data()[j];
                }
                for (int j = token * topK; j < (token + 1) * topK; j++) {
                    weights.data()[j] /= sum;
                }
            }
        }
        return List.of(ids, weights);
    }

    private void select(double[] scores, int from, double[] ids, double[] weights, int to) {
        boolean[] taken = new boolean[settings.experts()];
        for (int j = 0; j < settings.topK(); j++) {
            int best = -1;
            for (int e = 0; e < taken.length; e++) {
                // Strictly greater: the lowest index wins a tie.
                if (!taken[e] && (best < 0 || scores[from + e] > scores[from + best])) {
                    best = e;
                }
            }
            taken[best] = true;
            ids[to + j] = best;
            weights[to + j] = scores[from + best];
        }
    }

    /** Replaces {@code count} scores by their softmax. */
    static void softmax(double[] scores, int from, int count) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = from; i < from + count; i++) {
            max = Math.max(max, scores[i]);
        }
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            scores[i] = Math.exp(scores[i] - max);
            sum += scores[i];
        }
        for (int i = from; i < from + count; i++) {
            scores[i] /= sum;
        }
    }
}
