package tilewright.model.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Chooses experts for each token.
 *
 * <p>Operands: x [B,T,D], then gate weights [E,D], one per task until the graph is specialised and one after, or x [B,T,E] alone when
 * the scores are given; then, where the settings ask for them, gate bias [E] and selection bias [E]. Outputs: ids [B,T,k] in
 * the order of selection (largest first; ties to the lowest index) and weights [B,T,k].
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
        StringBuilder text = new StringBuilder("experts=" + settings.experts() + ", top_k=" + settings.topK()
                + ", score=" + lower(settings.score()) + ", normalise=" + lower(settings.normalise()) + ", select="
                + lower(settings.select()) + ", renormalise=" + settings.renormalise());
        if (!settings.gateTasks().isEmpty()) {
            text.append(", gate_tasks=").append(settings.gateTasks());
        }
        if (settings.gateBias()) {
            text.append(", gate_bias=true");
        }
        RouterSettings.Selection selection = settings.selection();
        if (!selection.equals(RouterSettings.Selection.PLAIN)) {
            text.append(", selection_bias=" + selection.bias() + ", groups=" + selection.groups() + ", kept_groups="
                    + selection.keptGroups() + ", group_score=" + lower(selection.groupScore()) + ", jitter="
                    + selection.jitter());
        }
        RouterSettings.Weighting weighting = settings.weighting();
        if (!weighting.equals(RouterSettings.Weighting.PLAIN)) {
            text.append(", norm=" + weighting.norm() + ", epsilon=" + weighting.epsilon() + ", minimum="
                    + weighting.minimum() + ", scale=" + weighting.scale());
        }
        RouterSettings.Capacity capacity = settings.capacity();
        if (!capacity.isNone()) {
            text.append(", capacity=" + capacity.tokens() + ", capacity_fraction=" + capacity.fraction()
                    + ", capacity_before_weighting=" + capacity.beforeWeighting());
        }
        return text.toString();
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        List<String> roles = new ArrayList<>(List.of("x"));
        for (int gate = 0; gate < settings.gates(); gate++) {
            roles.add("gate");
        }
        if (settings.gateBias()) {
            roles.add("gate_bias");
        }
        if (settings.selection().bias()) {
            roles.add("selection_bias");
        }
        Operands operands = new Operands(inputs, roles.toArray(new String[0]));
        settings.checkSettings();
        boolean given = settings.score() == RouterSettings.Score.GIVEN;
        Shape x = operands.match(0, "batch", "tokens", given ? (Object) settings.experts() : "hidden");
        for (int operand = 1; operand < inputs.size(); operand++) {
            if (operand <= settings.gates()) {
                operands.match(operand, settings.experts(), x.dim(2));
            } else {
                operands.match(operand, settings.experts());
            }
        }
        Shape routes = x.with(2, Dim.of(settings.topK()));
        return List.of(new Type(routes, ElementType.I32), new Type(routes, ElementType.F32));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        if (settings.gates() > 1) {
            throw new InvalidGraphException("has a gate for each of the tasks " + settings.gateTasks()
                    + "; specialise the graph to one task first");
        }
        Tensor64 x = inputs.get(0);
        int experts = settings.experts();
        int topK = settings.topK();
        double[] scores = scores(inputs);
        double[] bias = settings.selection().bias() ? inputs.getLast().data() : null;
        Tensor64 ids = Tensor64.zeros(x.dim(0), x.dim(1), topK);
        Tensor64 weights = Tensor64.zeros(x.dim(0), x.dim(1), topK);
        for (int token = 0; token < x.rows(); token++) {
            double[] row = Arrays.copyOfRange(scores, token * experts, (token + 1) * experts);
            int[] chosen = new int[topK];
            double[] chosenWeights = new double[topK];
            Routing.choose(settings, row, bias, chosen, chosenWeights);
            for (int j = 0; j < topK; j++) {
                ids.data()[token * topK + j] = chosen[j];
                weights.data()[token * topK + j] = chosenWeights[j];
            }
        }
        int sequence = x.dim(1) * topK;
        for (int b = 0; b < x.dim(0); b++) {
            Routing.weigh(settings, ids.data(), weights.data(), b * sequence, x.dim(1));
        }
        return List.of(ids, weights);
    }

    private double[] scores(List<Tensor64> inputs) {
        Tensor64 x = inputs.get(0);
        int experts = settings.experts();
        if (settings.score() == RouterSettings.Score.GIVEN) {
            double[] scores = x.data().clone();
            if (settings.gateBias()) {
                for (int i = 0; i < scores.length; i++) {
                    scores[i] += inputs.get(1).data()[i % experts];
                }
            }
            return scores;
        }
        double[] gate = inputs.get(1).data();
        double[] gateBias = settings.gateBias() ? inputs.get(2).data() : null;
        double[] scores = new double[x.rows() * experts];
        Linear.multiply(x.data(), 0, x.rows(), x.dim(2), gate, 0, gateBias, 0, experts, scores);
        return scores;
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
