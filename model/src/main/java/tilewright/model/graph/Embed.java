package tilewright.model.graph;

import java.util.List;

/**
 * Looks up one row of a table for every token.
 *
 * <p>Operands: ids [B,T] (indices), table [V,D]. Output: [B,T,D].
 */
public record Embed() implements Op {
    @Override
    public String mnemonic() {
        return "embed";
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "ids", "table");
        Shape ids = operands.matchIndices(0, "batch", "tokens");
        Shape table = operands.match(1, "vocabulary", "hidden");
        operands.fixed(1, 0);
        return List.of(Type.f32(ids.dim(0), ids.dim(1), table.dim(1)));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 ids = inputs.get(0);
        Tensor64 table = inputs.get(1);
        int hidden = table.dim(1);
        Tensor64 out = Tensor64.zeros(ids.dim(0), ids.dim(1), hidden);
        for (int token = 0; token < ids.data().length; token++) {
            double id = ids.data()[token];
            if (!(id >= 0 && id < table.dim(0))) {
                throw new InvalidGraphException(
                        "has id " + (long) id + " at token " + token + ", expected 0 to " + (table.dim(0) - 1));
            }
            System.arraycopy(table.data(), (int) id * hidden, out.data(), token * hidden, hidden);
        }
        return List.of(out);
    }
}
