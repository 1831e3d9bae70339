package tilewright.model.graph;

import java.util.Arrays;
import java.util.List;

/**
 * The selective state space recurrence of Mamba (Gu and Dao 2023, arXiv 2312.00752).
 *
 * <p>Operands: x [B,T,I], dt [B,T,I] (time steps, after softplus), a [I,N] (negative), b [B,T,N], c [B,T,N], d [I]. Output:
 * [B,T,I]. Per channel i, from a state of zeros: {@code h_n = exp(dt a_n) h_n + dt b_n x; y = sum_n c_n h_n + d x}.
 */
public record SelectiveScan() implements Op {
    @Override
    public String mnemonic() {
        return "selective_scan";
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x", "dt", "a", "b", "c", "d");
        Shape x = operands.match(0, "batch", "tokens", "channels");
        operands.match(1, x.dims().toArray());
        Dim states = operands.match(2, x.dim(2), "states").dim(1);
        operands.fixed(2, 1);
        operands.match(3, x.dim(0), x.dim(1), states);
        operands.match(4, x.dim(0), x.dim(1), states);
        operands.match(5, x.dim(2));
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.get(0);
        double[] dt = inputs.get(1).data();
        double[] a = inputs.get(2).data();
        double[] b = inputs.get(3).data();
        double[] c = inputs.get(4).data();
        double[] d = inputs.get(5).data();
        int channels = x.dim(2);
        int states = inputs.get(2).dim(1);
        Tensor64 out = Tensor64.zeros(x.dims());
        double[] state = new double[channels * states];
        for (int row = 0; row < x.rows(); row++) {
            if (row % x.dim(1) == 0) {
                Arrays.fill(state, 0);
            }
            for (int i = 0; i < channels; i++) {
                int at = row * channels + i;
                double sum = d[i] * x.data()[at];
                for (int n = 0; n < states; n++) {
                    int s = i * states + n;
                    state[s] = Math.exp(dt[at] * a[s]) * state[s] + dt[at] * b[row * states + n] * x.data()[at];
                    sum += c[row * states + n] * state[s];
                }
                out.data()[at] = sum;
            }
        }
        return List.of(out);
    }
}
