package tilewright.model.graph;

import java.util.List;

/**
 * Multi-head attention without mask: softmax of scaled scores over the keys, then the weighted sum of the values
 * (Vaswani et al. 2017, arXiv 1706.03762).
 *
 * <p>Operands: q, k, v, each [B,T,D]; head {@code h} is columns {@code h*D/heads .. (h+1)*D/heads-1}. Output: [B,T,D].
 *
 * @param heads divides D
 * @param scale multiplies each score; 1 once it has been folded into q
 */
public record Attention(int heads, double scale) implements Op {
    @Override
    public String mnemonic() {
        return "attention";
    }

    @Override
    public String attributes() {
        return "heads=" + heads + ", scale=" + scale;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "q", "k", "v");
        Shape q = operands.match(0, "batch", "tokens", "hidden");
        if (heads < 1 || operands.fixed(0, 2) % heads != 0) {
            throw operands.problem(
                    0, "has shape " + q + ", expected a last dimension divisible by " + heads + " heads");
        }
        if (!Double.isFinite(scale)) {
            throw new InvalidGraphException("has scale " + scale + ", expected a finite number");
        }
        operands.match(1, q.dims().toArray());
        operands.match(2, q.dims().toArray());
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 q = inputs.get(0);
        double[] k = inputs.get(1).data();
        double[] v = inputs.get(2).data();
        int tokens = q.dim(1);
        int hidden = q.dim(2);
        int width = hidden / heads;
        Tensor64 out = Tensor64.zeros(q.dims());
        double[] scores = new double[tokens];
        for (int b = 0; b < q.dim(0); b++) {
            for (int h = 0; h < heads; h++) {
                int image = b * tokens * hidden + h * width;
                for (int t = 0; t < tokens; t++) {
                    int query = image + t * hidden;
                    for (int s = 0; s < tokens; s++) {
                        int key = image + s * hidden;
                        double sum = 0;
                        for (int i = 0; i < width; i++) {
                            sum += q.data()[query + i] * k[key + i];
                        }
                        scores[s] = sum * scale;
                    }
                    Router.softmax(scores, 0, tokens);
                    for (int s = 0; s < tokens; s++) {
                        int value = image + s * hidden;
                        for (int i = 0; i < width; i++) {
                            out.data()[query + i] += scores[s] * v[value + i];
                        }
                    }
                }
            }
        }
        return List.of(out);
    }
}
