package tilewright.model.graph;

import java.util.List;

/**
 * Multiplies each row by a matrix: {@code y = x W^T + b}.
 *
 * <p>Operands: x [...,in], weight [out,in], bias [out] (optional). Output: [...,out].
 */
public record Linear() implements Op {
    @Override
    public String mnemonic() {
        return "linear";
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, 2, "x", "weight", "bias");
        Shape x = operands.matchRows(0);
        Dim out = operands.match(1, "out", x.dim(-1)).dim(0);
        if (operands.has(2)) {
            operands.match(2, out);
        }
        return List.of(new Type(x.with(-1, out), ElementType.F32));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.get(0);
        Tensor64 weight = inputs.get(1);
        double[] bias = inputs.size() > 2 ? inputs.get(2).data() : null;
        int[] dims = x.dims().clone();
        dims[dims.length - 1] = weight.dim(0);
        Tensor64 out = Tensor64.zeros(dims);
        multiply(x.data(), 0, x.rows(), weight.dim(1), weight.data(), 0, bias, 0, weight.dim(0), out.data());
        return List.of(out);
    }

    /**
     * Rows {@code firstRow .. lastRow-1} of {@code y = x W^T + b}; four outputs at a time, so that four sums are in flight.
     *
     * @param weightAt where the matrix [outputs, width] begins in {@code weight}
     * @param bias null for none
     * @param biasAt where the bias begins
     */
    static void multiply(
            double[] x,
            int firstRow,
            int lastRow,
            int width,
            double[] weight,
            int weightAt,
            double[] bias,
            int biasAt,
            int outputs,
            double[] y) {
        for (int row = firstRow; row < lastRow; row++) {
            int from = row * width;
            int to = row * outputs;
            int o = 0;
            for (; o + 4 <= outputs; o += 4) {
                int w0 = weightAt + o * width;
                int w1 = w0 + width;
                int w2 = w1 + width;
                int w3 = w2 + width;
                double sum0 = 0;
                double sum1 = 0;
                double sum2 = 0;
                double sum3 = 0;
                for (int i = 0; i < width; i++) {
                    double value = x[from + i];
                    sum0 += value * weight[w0 + i];
                    sum1 += value * weight[w1 + i];
                    sum2 += value * weight[w2 + i];
                    sum3 += value * weight[w3 + i];
                }
                y[to + o] = sum0;
                y[to + o + 1] = sum1;
                y[to + o + 2] = sum2;
                y[to + o + 3] = sum3;
            }
            for (; o < outputs; o++) {
                double sum = 0;
                for (int i = 0; i < width; i++) {
                    sum += x[from + i] * weight[weightAt + o * width + i];
                }
                y[to + o] = sum;
            }
            if (bias != null) {
                for (int i = 0; i < outputs; i++) {
                    y[to + i] += bias[biasAt + i];
                }
            }
        }
    }
}
