package tilewright.model.graph;

import java.util.Arrays;
import java.util.List;

/**
 * Limits every element to a range.
 *
 * <p>Operand: x of any shape. Output: the same shape: {@code min(max(x, low), high)}.
 *
 * @param low may be minus infinity
 * @param high may be infinite; not below {@code low}
 */
public record Clamp(double low, double high) implements Op {
    /** The range {@code -limit .. limit}. */
    public Clamp(double limit) {
        this(-limit, limit);
    }

    @Override
    public String mnemonic() {
        return "clamp";
    }

    @Override
    public String attributes() {
        return "low=" + low + ", high=" + high;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x");
        if (!(low <= high)) {
            throw new InvalidGraphException("has range " + low + " to " + high + ", expected low not above high");
        }
        operands.match(0, operands.shape(0).dims().toArray());
        return inputs;
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.getFirst();
        return List.of(new Tensor64(
                x.dims(),
                Arrays.stream(x.data())
                        .map(v -> Math.min(Math.max(v, low), high))
                        .toArray()));
    }
}
