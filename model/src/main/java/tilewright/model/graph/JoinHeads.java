package tilewright.model.graph;

import java.util.Arrays;
import java.util.List;

/**
 * Puts the parts of every head side by side: the inverse of {@link SplitHeads}.
 *
 * <p>Operands: one value per width, [..., heads*widths[j]], or [..., widths[j]] which all heads share. Output: [...,
 * heads*sum(widths)], head by head. One head is a plain concatenation of rows.
 *
 * @param heads at least 1
 * @param widths of the parts of one head
 */
public record JoinHeads(int heads, List<Integer> widths) implements Op {
    /** Copies the list. */
    public JoinHeads {
        widths = List.copyOf(widths);
    }

    @Override
    public String mnemonic() {
        return "join_heads";
    }

    @Override
    public String attributes() {
        return "heads=" + heads + ", widths=" + widths;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        long width = SplitHeads.width(heads, widths);
        String[] roles = new String[widths.size()];
        Arrays.fill(roles, "part");
        Operands operands = new Operands(inputs, roles);
        Shape first = operands.matchRows(0);
        for (int part = 0; part < roles.length; part++) {
            int own = widths.get(part);
            boolean shared = operands.matchRows(part).size(-1) == own;
            operands.match(
                    part,
                    first.with(-1, Dim.of(shared ? own : (long) heads * own))
                            .dims()
                            .toArray());
        }
        return List.of(new Type(first.with(-1, Dim.of(heads * width)), ElementType.F32));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        int whole = widths.stream().mapToInt(Integer::intValue).sum();
        int[] dims = inputs.getFirst().dims().clone();
        dims[dims.length - 1] = heads * whole;
        Tensor64 out = Tensor64.zeros(dims);
        int start = 0;
        for (int part = 0; part < inputs.size(); part++) {
            Tensor64 x = inputs.get(part);
            int width = widths.get(part);
            int repeat = x.dim(-1) == width ? heads : 1;
            for (int head = 0; head < out.rows() * heads; head++) {
                System.arraycopy(x.data(), head / repeat * width, out.data(), head * whole + start, width);
            }
            start += width;
        }
        return List.of(out);
    }
}
