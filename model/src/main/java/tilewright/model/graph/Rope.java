package tilewright.model.graph;

import java.util.List;

/**
 * Rotates pairs of columns by an angle that grows with the position (Su et al. 2021, arXiv 2104.09864).
 *
 * <p>Operand: x [B,T,heads*width]. Output: the same shape. The pair (a, b) of frequency f becomes {@code (a cos - b sin, b cos +
 * a sin)} at angle {@code position * f}; positions count from 0 at the first token of a sequence.
 *
 * @param settings columns and frequencies
 */
public record Rope(RopeSettings settings) implements Op {
    @Override
    public String mnemonic() {
        return "rope";
    }

    @Override
    public String attributes() {
        return settings.toString();
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x");
        Operands.atLeast("heads", settings.heads(), 1);
        Operands.atLeast("width", settings.width(), 1);
        Operands.atLeast("start", settings.start(), 0);
        Operands.atLeast("rotary", settings.rotary(), 2);
        if (settings.rotary() % 2 != 0 || settings.start() + (long) settings.rotary() > settings.width()) {
            throw new InvalidGraphException("has rotary " + settings.rotary() + " from column " + settings.start()
                    + ", expected an even number within the head's " + settings.width() + " columns");
        }
        checkFrequencies(settings.frequencies());
        if (settings.frequencies() instanceof RopeFrequencies.ByLength byLength) {
            checkFrequencies(byLength.beyond());
        }
        operands.match(0, "batch", "tokens", Dim.of((long) settings.heads() * settings.width()));
        return List.of(inputs.getFirst());
    }

    private void checkFrequencies(RopeFrequencies frequencies) {
        if (frequencies.pairs() != settings.rotary() / 2) {
            throw new InvalidGraphException("has " + frequencies.pairs() + " frequencies, expected "
                    + settings.rotary() / 2 + ", one per pair of " + settings.rotary() + " columns");
        }
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.getFirst();
        int tokens = x.dim(1);
        RopeFrequencies.Fixed frequencies = settings.frequencies().at(tokens);
        double[] out = x.data().clone();
        for (int row = 0; row < x.rows(); row++) {
            for (int pair = 0; pair < settings.rotary() / 2; pair++) {
                double angle = row % tokens * frequencies.inverse().get(pair);
                double cos = Math.cos(angle) * frequencies.magnitude();
                double sin = Math.sin(angle) * frequencies.magnitude();
                for (int head = 0; head < settings.heads(); head++) {
                    int from = (row * settings.heads() + head) * settings.width();
                    int first = from + settings.first(pair);
                    int second = from + settings.second(pair);
                    out[first] = x.data()[first] * cos - x.data()[second] * sin;
                    out[second] = x.data()[second] * cos + x.data()[first] * sin;
                }
            }
        }
        return List.of(new Tensor64(x.dims(), out));
    }
}
