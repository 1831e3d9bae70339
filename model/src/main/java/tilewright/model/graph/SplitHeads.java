package tilewright.model.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts every head of the last axis into parts, and gathers each part of all heads.
 *
 * <p>Operand: x [..., heads*sum(widths)], head by head. Outputs: one value [..., heads*widths[j]] per width. One head is a
 * plain split of the row into parts of different widths.
 *
 * @param heads at least 1
 * @param widths of the parts of one head
 */
public record SplitHeads(int heads, List<Integer> widths) implements Op {
    /** Copies the list. */
    public SplitHeads {
        widths = List.copyOf(widths);
    }

    @Override
    public String mnemonic() {
        return "split_heads";
    }

    @Override
    public String attributes() {
        return "heads=" + heads + ", widths=" + widths;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x");
        Shape x = operands.matchRows(0);
        long width = width(heads, widths);
        if (x.size(-1) != heads * width) {
            throw operands.problem(
                    0,
                    "has shape " + x + ", expected a last dimension of " + heads * width + ": " + heads
                            + (heads == 1 ? " head" : " heads") + " of " + widths);
        }
        List<Type> types = new ArrayList<>();
        for (int part : widths) {
            types.add(new Type(x.with(-1, Dim.of((long) heads * part)), ElementType.F32));
        }
        return types;
    }

    /** The sum of the widths; refuses what is not positive. */
    static long width(int heads, List<Integer> widths) {
        Operands.atLeast("heads", heads, 1);
        if (widths.isEmpty()) {
            throw new InvalidGraphException("has no widths, expected at least one");
        }
        long sum = 0;
        for (int width : widths) {
            Operands.atLeast("width", width, 1);
            sum += width;
        }
        return sum;
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.getFirst();
        int whole = x.dim(-1) / heads;
        List<Tensor64> out = new ArrayList<>();
        int start = 0;
        for (int width : widths) {
            int[] dims = x.dims().clone();
            dims[dims.length - 1] = heads * width;
            Tensor64 part = Tensor64.zeros(dims);
            for (int head = 0; head < x.rows() * heads; head++) {
                System.arraycopy(x.data(), head * whole + start, part.data(), head * width, width);
            }
            out.add(part);
            start += width;
        }
        return out;
    }
}
