package tilewright.model.graph;

import java.util.List;

/**
 * Adds the table row of each token's position.
 *
 * <p>Operands: x [B,T,D], table [P,D]. Output: the shape of x: {@code x + table[position + offset]}; positions count from 0 at
 * the first token of a sequence.
 *
 * @param offset rows in front of the row of position 0, such as 2 in OPT
 */
public record PositionEmbed(int offset) implements Op {
    @Override
    public String mnemonic() {
        return "position_embed";
    }

    @Override
    public String attributes() {
        return "offset=" + offset;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x", "table");
        Operands.atLeast("offset", offset, 0);
        Shape x = operands.match(0, "batch", "tokens", "hidden");
        operands.match(1, "positions", x.dim(2));
        if (operands.fixed(1, 0) <= offset) {
            throw operands.problem(1, "has shape " + operands.shape(1) + ", expected more rows than offset " + offset);
        }
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.get(0);
        Tensor64 table = inputs.get(1);
        int row = x.dim(1) * x.dim(2);
        if (x.dim(1) + offset > table.dim(0)) {
            throw new InvalidGraphException("has a sequence of " + x.dim(1) + " tokens, expected at most "
                    + (table.dim(0) - offset) + " as its table has rows");
        }
        double[] out = x.data().clone();
        for (int i = 0; i < out.length; i++) {
            out[i] += table.data()[offset * x.dim(2) + i % row];
        }
        return List.of(new Tensor64(x.dims(), out));
    }
}
