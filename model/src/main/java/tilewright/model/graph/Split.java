package tilewright.model.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Cuts the last axis into equal parts.
 *
 * <p>Operand: x [...,parts*D]. Outputs: {@code parts} values [...,D].
 *
 * @param parts at least 2
 */
public record Split(int parts) implements Op {
    @Override
    public String mnemonic() {
        return "split";
    }

    @Override
    public String attributes() {
        return "parts=" + parts;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x");
        Shape x = operands.matchRows(0);
        int width = x.size(-1);
        if (parts < 2 || width % parts != 0) {
            throw operands.problem(0, "has shape " + x + ", expected a last dimension divisible by " + parts);
        }
        return Collections.nCopies(parts, new Type(x.with(-1, Dim.of(width / parts)), ElementType.F32));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.getFirst();
        int width = x.dim(-1) / parts;
        int[] dims = x.dims().clone();
        dims[dims.length - 1] = width;
        List<Tensor64> out = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            Tensor64 piece = Tensor64.zeros(dims);
            for (int row = 0; row < piece.rows(); row++) {
                System.arraycopy(x.data(), (row * parts + part) * width, piece.data(), row * width, width);
            }
            out.add(piece);
        }
        return out;
    }
}
