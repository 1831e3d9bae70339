package tilewright.model.graph;

import java.util.List;

/**
 * A depthwise convolution over the tokens that looks only back.
 *
 * <p>Operands: x [B,T,C], weight [C,K], bias [C] (optional). Output: the shape of x: {@code y_t = sum_j weight[:,j] * x_(t-K+1+j) +
 * bias}, with zeros before the first token of a sequence.
 */
public record CausalConv() implements Op {
    @Override
    public String mnemonic() {
        return "causal_conv";
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, 2, "x", "weight", "bias");
        Dim channels = operands.match(0, "batch", "tokens", "channels").dim(2);
        operands.match(1, channels, "taps");
        operands.fixed(1, 1);
        if (operands.has(2)) {
            operands.match(2, channels);
        }
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.get(0);
        double[] weight = inputs.get(1).data();
        double[] bias = inputs.size() > 2 ? inputs.get(2).data() : null;
        int tokens = x.dim(1);
        int channels = x.dim(2);
        int taps = inputs.get(1).dim(1);
        Tensor64 out = Tensor64.zeros(x.dims());
        for (int row = 0; row < x.rows(); row++) {
            int t = row % tokens;
            for (int c = 0; c < channels; c++) {
                double sum = bias == null ? 0 : bias[c];
                for (int j = Math.max(0, taps - 1 - t); j < taps; j++) {
                    sum += weight[c * taps + j] * x.data()[(row - taps + 1 + j) * channels + c];
                }
                out.data()[row * channels + c] = sum;
            }
        }
        return List.of(out);
    }
}
