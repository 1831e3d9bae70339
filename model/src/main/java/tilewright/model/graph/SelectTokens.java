package tilewright.model.graph;

import java.util.List;

/**
 * Keeps a range of tokens.
 *
 * <p>Operand: x [B,T,D]. Output: [B,count,D].
 *
 * @param start first token kept
 * @param count tokens kept; -1 for all up to the end
 */
public record SelectTokens(int start, int count) implements Op {
    @Override
    public String mnemonic() {
        return "select_tokens";
    }

    @Override
    public String attributes() {
        return "start=" + start + ", count=" + count;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x");
        Shape x = operands.match(0, "batch", "tokens", "hidden");
        int tokens = operands.fixed(0, 1);
        int kept = kept(tokens);
        if (start < 0 || kept < 1 || start + kept > tokens) {
            throw operands.problem(
                    0, "has " + tokens + " tokens, expected enough for start " + start + " and count " + count);
        }
        return List.of(new Type(x.with(1, Dim.of(kept)), ElementType.F32));
    }

    private int kept(int tokens) {
        return count == -1 ? tokens - start : count;
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.getFirst();
        int hidden = x.dim(2);
        int kept = kept(x.dim(1));
        Tensor64 out = Tensor64.zeros(x.dim(0), kept, hidden);
        for (int b = 0; b < x.dim(0); b++) {
            System.arraycopy(x.data(), (b * x.dim(1) + start) * hidden, out.data(), b * kept * hidden, kept * hidden);
        }
        return List.of(out);
    }
}
