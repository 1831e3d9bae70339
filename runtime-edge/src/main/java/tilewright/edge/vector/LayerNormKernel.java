package tilewright.edge.vector;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import tilewright.model.graph.InvalidGraphException;

/** {@link tilewright.model.graph.LayerNorm}: the mean first, then the variance around it, so that nothing cancels. */
record LayerNormKernel(float epsilon) implements Kernel {
    @Override
    public List<Value> run(List<Operand> operands, Context context) {
        if (operands.size() != 3) {
            throw new InvalidGraphException("has no gamma or beta, which the float executor does not support yet");
        }
        Operand x = operands.get(0);
        Operand gamma = operands.get(1);
        Operand beta = operands.get(2);
        int width = x.dim(-1);
        Value out = context.make(x.dims());
        context.workers().forBlocks(x.rows(), ElementKernels.blockRows(width), (from, to, _) -> {
            for (int row = from; row < to; row++) {
                normalise(x.data(), x.row(row), width, gamma, beta, out.data(), out.row(row));
            }
        });
        return List.of(out);
    }

    private void normalise(float[] x, int at, int width, Operand gamma, Operand beta, float[] out, int outAt) {
        int whole = SPECIES.loopBound(width);
        VectorMask<Float> rest = SPECIES.indexInRange(whole, width);
        FloatVector sums = FloatVector.zero(SPECIES);
        for (int i = 0; i < whole; i += LANES) {
            sums = sums.add(FloatVector.fromArray(SPECIES, x, at + i));
        }
        if (whole < width) {
            sums = sums.add(FloatVector.fromArray(SPECIES, x, at + whole, rest));
        }
        // The output row is not written yet: it takes the lanes of the sums.
        int lanes = Math.min(width, LANES);
        VectorMask<Float> used = SPECIES.indexInRange(0, lanes);
        sums.intoArray(out, outAt, used);
        float mean = VectorMath.sum(out, outAt, lanes) / width;
        FloatVector squares = FloatVector.zero(SPECIES);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector centred = FloatVector.fromArray(SPECIES, x, at + i).sub(mean);
            squares = centred.fma(centred, squares);
        }
        if (whole < width) {
            FloatVector centred =
                    FloatVector.fromArray(SPECIES, x, at + whole, rest).sub(mean);
            squares = squares.add(centred.mul(centred), rest);
        }
        squares.intoArray(out, outAt, used);
        float variance = VectorMath.sum(out, outAt, lanes) / width;
        float inverse = (float) (1 / Math.sqrt(variance + epsilon));
        float[] g = gamma.data();
        int gAt = gamma.offset();
        float[] b = beta.data();
        int bAt = beta.offset();
        for (int i = 0; i < whole; i += LANES) {
            FloatVector.fromArray(SPECIES, x, at + i)
                    .sub(mean)
                    .mul(inverse)
                    .fma(FloatVector.fromArray(SPECIES, g, gAt + i), FloatVector.fromArray(SPECIES, b, bAt + i))
                    .intoArray(out, outAt + i);
        }
        if (whole < width) {
            FloatVector.fromArray(SPECIES, x, at + whole, rest)
                    .sub(mean)
                    .mul(inverse)
                    .fma(
                            FloatVector.fromArray(SPECIES, g, gAt + whole, rest),
                            FloatVector.fromArray(SPECIES, b, bAt + whole, rest))
                    .intoArray(out, outAt + whole, rest);
        }
    }
}
