package tilewright.model.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Linear attention with decay, and the gated delta rule: Mamba-2 (arXiv 2405.21060), Lightning attention (arXiv 2501.08313) and
 * gated DeltaNet (arXiv 2412.06464) are settings of it.
 *
 * <p>Operands: q, k [B,T,keyHeads*keyWidth], v [B,T,heads*valueWidth], log decay g [B,T,heads] or [heads], and beta [B,T,heads] when
 * {@code delta}. Output: [B,T,heads*valueWidth]. Per head, from a state S [keyWidth,valueWidth] of zeros: {@code S = exp(g) S; u
 * = delta ? beta (v - S^T k) : v; S = S + k u^T; out = S^T q}.
 *
 * @param heads value heads
 * @param keyHeads divides heads; head h reads key head {@code h / (heads / keyHeads)}
 * @param keyWidth columns of a query or key head
 * @param valueWidth columns of a value head
 * @param delta whether the state is corrected towards the value instead of added to
 */
public record LinearRecurrence(int heads, int keyHeads, int keyWidth, int valueWidth, boolean delta) implements Op {
    @Override
    public String mnemonic() {
        return "linear_recurrence";
    }

    @Override
    public String attributes() {
        return "heads=" + heads + ", key_heads=" + keyHeads + ", key_width=" + keyWidth + ", value_width=" + valueWidth
                + ", delta=" + delta;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands.atLeast("heads", heads, 1);
        Operands.atLeast("key_heads", keyHeads, 1);
        Operands.atLeast("key_width", keyWidth, 1);
        Operands.atLeast("value_width", valueWidth, 1);
        if (heads % keyHeads != 0) {
            throw new InvalidGraphException(
                    "has " + heads + " heads, expected a multiple of the " + keyHeads + " key heads");
        }
        List<String> roles = new ArrayList<>(List.of("q", "k", "v", "decay"));
        if (delta) {
            roles.add("beta");
        }
        Operands operands = new Operands(inputs, roles.toArray(new String[0]));
        Shape q = operands.match(0, "batch", "tokens", Dim.of((long) keyHeads * keyWidth));
        operands.match(1, q.dims().toArray());
        operands.match(2, q.dim(0), q.dim(1), Dim.of((long) heads * valueWidth));
        if (operands.shape(3).rank() == 1) {
            operands.match(3, heads);
        } else {
            operands.match(3, q.dim(0), q.dim(1), heads);
        }
        if (delta) {
            operands.match(4, q.dim(0), q.dim(1), heads);
        }
        return List.of(inputs.get(2));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 q = inputs.get(0);
        double[] decay = inputs.get(3).data();
        double[] beta = delta ? inputs.get(4).data() : null;
        Tensor64 out = Tensor64.zeros(inputs.get(2).dims());
        double[] state = new double[keyWidth * valueWidth];
        double[] update = new double[valueWidth];
        for (int h = 0; h < heads; h++) {
            int shared = h / (heads / keyHeads);
            for (int row = 0; row < q.rows(); row++) {
                if (row % q.dim(1) == 0) {
                    Arrays.fill(state, 0);
                }
                int key = (row * keyHeads + shared) * keyWidth;
                int value = (row * heads + h) * valueWidth;
                double keep = Math.exp(decay[(row * heads + h) % decay.length]);
                for (int i = 0; i < state.length; i++) {
                    state[i] *= keep;
                }
                System.arraycopy(inputs.get(2).data(), value, update, 0, valueWidth);
                if (delta) {
                    add(state, inputs.get(1).data(), key, -1, update);
                    for (int j = 0; j < valueWidth; j++) {
                        update[j] *= beta[row * heads + h];
                    }
                }
                for (int i = 0; i < state.length; i++) {
                    state[i] += inputs.get(1).data()[key + i / valueWidth] * update[i % valueWidth];
                }
                Arrays.fill(update, 0);
                add(state, q.data(), key, 1, update);
                System.arraycopy(update, 0, out.data(), value, valueWidth);
            }
        }
        return List.of(out);
    }

    /** Adds {@code sign * S^T x} to {@code sum}. */
    private void add(double[] state, double[] x, int from, int sign, double[] sum) {
        for (int i = 0; i < keyWidth; i++) {
            for (int j = 0; j < valueWidth; j++) {
                sum[j] += sign * x[from + i] * state[i * valueWidth + j];
            }
        }
    }
}
