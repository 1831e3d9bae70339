package tilewright.model.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * Multi-head attention of language models: grouped key and value heads, masks, biases, sinks.
 *
 * <p>Operands: q [B,T,heads*keyWidth], k [B,S,keyValueHeads*keyWidth], v [B,S,keyValueHeads*valueWidth], then, where the
 * settings ask for them, sinks [heads] and a relative bias table [buckets,heads]. S is T, or the source's length in a cross
 * attention. Output: [B,T,heads*valueWidth].
 *
 * <p>A score is {@code q.k * scale}, soft capped, plus biases; hidden keys are left out; the softmax runs over the visible keys and
 * the sink, which is then dropped. Query and key positions both count from 0 at the first token of their sequence.
 *
 * @param settings the variant
 */
public record MaskedAttention(AttentionSettings settings) implements Op {
    @Override
    public String mnemonic() {
        return "masked_attention";
    }

    @Override
    public String attributes() {
        return settings.toString();
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        settings.checkSettings();
        List<String> roles = new ArrayList<>(List.of("q", "k", "v"));
        if (settings.sinks()) {
            roles.add("sinks");
        }
        if (settings.relativeBias() != null) {
            roles.add("relative_bias");
        }
        Operands operands = new Operands(inputs, roles.toArray(new String[0]));
        long keyValueHeads = settings.keyValueHeads();
        Shape q = operands.match(0, "batch", "tokens", Dim.of((long) settings.heads() * settings.keyWidth()));
        Shape k = operands.match(1, q.dim(0), "keys", Dim.of(keyValueHeads * settings.keyWidth()));
        operands.match(2, k.dim(0), k.dim(1), Dim.of(keyValueHeads * settings.valueWidth()));
        if (settings.sinks()) {
            operands.match(3, settings.heads());
        }
        if (settings.relativeBias() != null) {
            operands.match(roles.size() - 1, settings.relativeBias().buckets(), settings.heads());
        }
        return List.of(new Type(q.with(2, Dim.of((long) settings.heads() * settings.valueWidth())), ElementType.F32));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 q = inputs.get(0);
        Tensor64 v = inputs.get(2);
        double[] sinks = settings.sinks() ? inputs.get(3).data() : null;
        double[] bias =
                settings.relativeBias() == null ? null : inputs.getLast().data();
        int tokens = q.dim(1);
        int keys = v.dim(1);
        int heads = settings.heads();
        int valueWidth = settings.valueWidth();
        int valueRow = v.dim(2);
        Tensor64 out = Tensor64.zeros(q.dim(0), tokens, heads * valueWidth);
        double[] scores = new double[keys + 1];
        for (int b = 0; b < q.dim(0); b++) {
            for (int t = 0; t < tokens; t++) {
                int first = (int) settings.firstVisible(t);
                int count = (int) settings.lastVisible(t, keys) + 1 - first;
                for (int h = 0; h < heads; h++) {
                    int shared = h / (heads / settings.keyValueHeads());
                    scores(q, inputs.get(1), bias, b, t, h, first, count, scores);
                    if (sinks != null) {
                        scores[count] = sinks[h];
                    }
                    Router.softmax(scores, 0, sinks == null ? count : count + 1);
                    int to = ((b * tokens + t) * heads + h) * valueWidth;
                    for (int s = 0; s < count; s++) {
                        int from = (b * keys + first + s) * valueRow + shared * valueWidth;
                        for (int i = 0; i < valueWidth; i++) {
                            out.data()[to + i] += scores[s] * v.data()[from + i];
                        }
                    }
                }
            }
        }
        return List.of(out);
    }

    /** The scores of query {@code t} of head {@code h} with keys {@code first .. first+count-1}. */
    private void scores(
            Tensor64 q, Tensor64 k, double[] bias, int b, int t, int h, int first, int count, double[] scores) {
        int width = settings.keyWidth();
        int query = (b * q.dim(1) + t) * q.dim(2) + h * width;
        int shared = h / (settings.heads() / settings.keyValueHeads());
        for (int s = 0; s < count; s++) {
            int key = (b * k.dim(1) + first + s) * k.dim(2) + shared * width;
            double score = 0;
            for (int i = 0; i < width; i++) {
                score += q.data()[query + i] * k.data()[key + i];
            }
            score *= settings.scale();
            if (settings.softcap() > 0) {
                score = settings.softcap() * Math.tanh(score / settings.softcap());
            }
            if (!settings.slopes().isEmpty()) {
                score += settings.slopes().get(h) * (first + s - t);
            }
            if (bias != null) {
                score += bias[settings.relativeBias().bucket(t, first + s) * settings.heads() + h];
            }
            scores[s] = score;
        }
    }
}
