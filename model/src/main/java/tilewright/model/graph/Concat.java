package tilewright.model.graph;

import java.util.Arrays;
import java.util.List;

/**
 * Joins tokens along the token axis, in operand order.
 *
 * <p>Operands: values [B,n,D], or parameters [n,D] which are repeated for every image; at least one is a value. Output:
 * [B, sum of n, D].
 */
public record Concat() implements Op {
    @Override
    public String mnemonic() {
        return "concat";
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        String[] roles = new String[Math.max(2, inputs.size())];
        Arrays.fill(roles, "tokens");
        Operands operands = new Operands(inputs, roles);
        int first = 0;
        while (first < inputs.size() && operands.shape(first).rank() != 3) {
            first++;
        }
        if (first == inputs.size()) {
            throw operands.mismatch(0, "at least one operand [batch, tokens, hidden]");
        }
        Shape value = operands.match(first, "batch", "tokens", "hidden");
        long tokens = 0;
        for (int i = 0; i < inputs.size(); i++) {
            if (operands.shape(i).rank() == 2) {
                operands.match(i, "tokens", value.dim(2));
            } else {
                operands.match(i, value.dim(0), "tokens", value.dim(2));
            }
            tokens += operands.fixed(i, operands.shape(i).rank() - 2);
        }
        return List.of(Type.f32(value.dim(0), Dim.of(tokens), value.dim(2)));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        int hidden = inputs.getFirst().dim(-1);
        int batch = 1;
        int tokens = 0;
        for (Tensor64 input : inputs) {
            batch = input.dims().length == 3 ? input.dim(0) : batch;
            tokens += input.dim(-2);
        }
        Tensor64 out = Tensor64.zeros(batch, tokens, hidden);
        int at = 0;
        for (int b = 0; b < batch; b++) {
            for (Tensor64 input : inputs) {
                int count = input.dim(-2) * hidden;
                int from = input.dims().length == 3 ? b * count : 0;
                System.arraycopy(input.data(), from, out.data(), at, count);
                at += count;
            }
        }
        return List.of(out);
    }
}
