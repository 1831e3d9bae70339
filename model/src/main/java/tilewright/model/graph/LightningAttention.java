package tilewright.model.graph;

import java.util.Arrays;
import java.util.List;

/**
 * Linear attention in blocks of positions with tables of decay, as files of MiniMax hold them (MiniMax 2025, arXiv 2501.08313;
 * Qin et al. 2024, arXiv 2401.04658).
 *
 * <p>With tables that are powers of one decay it is {@link LinearRecurrence}; files hold them rounded, each by itself.
 *
 * <p>Operands: q, k [B,T,heads*keyWidth], v [B,T,heads*valueWidth]; {@code within}, {@code before}, {@code after}
 * [heads,block]; {@code across} [heads]. Output: [B,T,heads*valueWidth]. Per head, from a state S [keyWidth,valueWidth] of zeros,
 * position i of a block gives {@code before[i] S^T q_i + sum over j <= i of within[i-j] (q_i k_j) v_j}, and behind the block
 * {@code S = across S + sum over j of after[j] k_j v_j^T}. Blocks begin at multiples of {@code block} tokens.
 *
 * @param heads of queries, keys and values
 * @param keyWidth columns of a query or key head
 * @param valueWidth columns of a value head
 * @param block tokens of a block
 */
public record LightningAttention(int heads, int keyWidth, int valueWidth, int block) implements Op {
    @Override
    public String mnemonic() {
        return "lightning_attention";
    }

    @Override
    public String attributes() {
        return "heads=" + heads + ", key_width=" + keyWidth + ", value_width=" + valueWidth + ", block=" + block;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands.atLeast("heads", heads, 1);
        Operands.atLeast("key_width", keyWidth, 1);
        Operands.atLeast("value_width", valueWidth, 1);
        Operands.atLeast("block", block, 1);
        Operands operands = new Operands(inputs, "q", "k", "v", "within", "before", "after", "across");
        Shape q = operands.match(0, "batch", "tokens", Dim.of((long) heads * keyWidth));
        operands.match(1, q.dims().toArray());
        operands.match(2, q.dim(0), q.dim(1), Dim.of((long) heads * valueWidth));
        for (int table = 3; table < 6; table++) {
            operands.match(table, heads, block);
        }
        operands.match(6, heads);
        return List.of(inputs.get(2));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 out = Tensor64.zeros(inputs.get(2).dims());
        int tokens = out.dim(1);
        for (int sequence = 0; sequence < out.dim(0); sequence++) {
            for (int head = 0; head < heads; head++) {
                double[] state = new double[keyWidth * valueWidth];
                for (int from = 0; from < tokens; from += block) {
                    int count = Math.min(block, tokens - from);
                    attend(inputs, sequence * tokens + from, count, head, state, out.data());
                    if (count == block) {
                        absorb(inputs, sequence * tokens + from, head, state);
                    }
                }
            }
        }
        return List.of(out);
    }

    private void attend(List<Tensor64> inputs, int row, int count, int head, double[] state, double[] out) {
        double[] q = inputs.get(0).data();
        double[] k = inputs.get(1).data();
        double[] v = inputs.get(2).data();
        double[] within = inputs.get(3).data();
        double[] before = inputs.get(4).data();
        for (int i = 0; i < count; i++) {
            int query = ((row + i) * heads + head) * keyWidth;
            int to = ((row + i) * heads + head) * valueWidth;
            for (int d = 0; d < keyWidth; d++) {
                for (int e = 0; e < valueWidth; e++) {
                    out[to + e] += before[head * block + i] * q[query + d] * state[d * valueWidth + e];
                }
            }
            for (int j = 0; j <= i; j++) {
                int key = ((row + j) * heads + head) * keyWidth;
                double score = 0;
                for (int d = 0; d < keyWidth; d++) {
                    score += q[query + d] * k[key + d];
                }
                score *= within[head * block + i - j];
                for (int e = 0; e < valueWidth; e++) {
                    out[to + e] += score * v[((row + j) * heads + head) * valueWidth + e];
                }
            }
        }
    }

    private void absorb(List<Tensor64> inputs, int row, int head, double[] state) {
        double[] k = inputs.get(1).data();
        double[] v = inputs.get(2).data();
        double[] after = inputs.get(5).data();
        double across = inputs.get(6).data()[head];
        Arrays.setAll(state, i -> across * state[i]);
        for (int j = 0; j < block; j++) {
            int key = ((row + j) * heads + head) * keyWidth;
            int value = ((row + j) * heads + head) * valueWidth;
            for (int i = 0; i < state.length; i++) {
                state[i] += after[head * block + j] * k[key + i / valueWidth] * v[value + i % valueWidth];
            }
        }
    }
}
