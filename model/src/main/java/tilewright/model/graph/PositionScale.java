package tilewright.model.graph;

import java.util.List;

/**
 * Scales each token by a factor that grows with the logarithm of its position: the attention temperature of Llama 4 and
 * Ministral 3.
 *
 * <p>Operand: x [B,T,D]. Output: the same shape: {@code x * (1 + scale * ln(1 + floor((position + offset) / floor)))}; positions
 * count from 0 at the first token of a sequence.
 *
 * @param scale weight of the logarithm
 * @param floor tokens per step of the logarithm's argument; above 0
 * @param offset is added to positions: 1 in Llama 4, 0 in Ministral 3; not negative
 */
public record PositionScale(double scale, double floor, int offset) implements Op {
    /** Positions counted from 1, as Llama 4 does. */
    public PositionScale(double scale, double floor) {
        this(scale, floor, 1);
    }

    @Override
    public String mnemonic() {
        return "position_scale";
    }

    @Override
    public String attributes() {
        return "scale=" + scale + ", floor=" + floor + (offset == 1 ? "" : ", offset=" + offset);
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x");
        if (!Double.isFinite(scale)) {
            throw new InvalidGraphException("has scale " + scale + ", expected a finite number");
        }
        if (!(floor > 0)) {
            throw new InvalidGraphException("has floor " + floor + ", expected a number above 0");
        }
        if (offset < 0) {
            throw new InvalidGraphException("has offset " + offset + ", expected 0 or more");
        }
        operands.match(0, "batch", "tokens", "hidden");
        return List.of(inputs.getFirst());
    }

    /** The factor of a position. */
    public double factor(long position) {
        return 1 + scale * Math.log1p(Math.floor((position + offset) / floor));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.getFirst();
        double[] out = new double[x.data().length];
        for (int i = 0; i < out.length; i++) {
            out[i] = x.data()[i] * factor(i / x.dim(2) % x.dim(1));
        }
        return List.of(new Tensor64(x.dims(), out));
    }
}
