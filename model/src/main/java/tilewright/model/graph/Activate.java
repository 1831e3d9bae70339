package tilewright.model.graph;

import java.util.Arrays;
import java.util.List;

/**
 * Applies a scalar function to every element.
 *
 * <p>Operand: x of any shape. Output: the same shape.
 *
 * @param kind the function
 */
public record Activate(Activation kind) implements Op {
    @Override
    public String mnemonic() {
        return "activate";
    }

    @Override
    public String attributes() {
        return "kind=" + kind.label();
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x");
        operands.match(0, operands.shape(0).dims().toArray());
        return inputs;
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.getFirst();
        return List.of(
                new Tensor64(x.dims(), Arrays.stream(x.data()).map(kind::apply).toArray()));
    }
}
