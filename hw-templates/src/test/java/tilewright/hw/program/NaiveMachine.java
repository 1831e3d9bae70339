package tilewright.hw.program;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.arith.OnlineSoftmax;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.arith.SoftmaxFormat;

/**
 * What the documentation of {@link Step} says, one value at a time in integers of any size.
 *
 * <p>Softmax, LayerNorm and activations are the units that tests of their own hold to exact references; sums, rounding,
 * saturation, selection and order are written anew here.
 */
final class NaiveMachine {
    private final Program program;
    private final Map<String, long[][]> memory = new HashMap<>();
    private int[][] chosen;
    private long[][] probabilities;

    NaiveMachine(Program program) {
        this.program = program;
    }

    /** A buffer's contents, {@code [tokens][features]}; zeros before the first step that writes it. */
    long[][] contents(Buffer buffer) {
        return memory.computeIfAbsent(buffer.name(), name -> new long[buffer.tokens()][buffer.features()]);
    }

    void run(Step step, byte[] image) {
        switch (step) {
            case Step.Embed embed -> embed(embed, image);
            case Step.Norm norm -> norm(norm);
            case Step.Linear linear -> linear(linear);
            case Step.Attention attention -> attention(attention);
            case Step.Route route -> route(route);
            case Step.Experts experts -> experts(experts);
        }
    }

    private void embed(Step.Embed step, byte[] image) {
        long[][] output = contents(step.output());
        int features = step.output().features();
        PatchGeometry geometry = step.geometry();
        int perRow = geometry.width() / geometry.patch();
        for (int t = 0; t < output.length; t++) {
            for (int f = 0; f < features; f++) {
                output[t][f] = step.table()[t * features + f];
            }
        }
        for (int p = 0; p < geometry.height() / geometry.patch() * perRow; p++) {
            List<Long> taps = new ArrayList<>();
            for (int c = 0; c < geometry.channels(); c++) {
                for (int y = 0; y < geometry.patch(); y++) {
                    for (int x = 0; x < geometry.patch(); x++) {
                        int row = p / perRow * geometry.patch() + y;
                        int column = p % perRow * geometry.patch() + x;
                        int pixel = image[(c * geometry.height() + row) * geometry.width() + column];
                        taps.add(Byte.toUnsignedLong((byte) pixel) - 128);
                    }
                }
            }
            long[] token = output[step.firstPatchToken() + p];
            for (int f = 0; f < features; f++) {
                long result =
                        layer(step.linear(), f, taps::get, null, step.output().bits());
                token[f] = saturate(
                        BigInteger.valueOf(token[f] + result), step.output().bits());
            }
        }
    }

    private void norm(Step.Norm step) {
        LayerNormUnit unit =
                new LayerNormUnit(step.input().features(), step.input().bits());
        for (int t = step.tokens().first();
                t < step.tokens().first() + step.tokens().count();
                t++) {
            int[] row = IntStream.range(0, step.input().features()).toArray();
            for (int f = 0; f < row.length; f++) {
                row[f] = (int) contents(step.input())[t][f];
            }
            int[] normalised = new int[row.length];
            unit.apply(row, 0, step.parameters(), step.output().bits(), normalised, 0);
            for (int f = 0; f < row.length; f++) {
                contents(step.output())[t][f] = normalised[f];
            }
        }
    }

    private void linear(Step.Linear step) {
        long[][] output = contents(step.output());
        int bits = step.output().bits();
        for (int row = 0; row < step.tokens().count(); row++) {
            long[] input = contents(step.input())[step.tokens().first() + row];
            for (int o = 0; o < step.linear().outputs(); o++) {
                long result = layer(step.linear(), o, i -> input[i], step.activation(), bits);
                output[row][o] =
                        step.accumulate() ? saturate(BigInteger.valueOf(output[row][o] + result), bits) : result;
            }
        }
    }

    private void attention(Step.Attention step) {
        int tokens = step.input().tokens();
        int size = step.input().groupSize();
        long[][] input = contents(step.input());
        OnlineSoftmax softmax = new OnlineSoftmax(program.softmax());
        for (int head = 0; head < step.heads(); head++) {
            int queries = head * size;
            int keys = (step.heads() + head) * size;
            int values = (2 * step.heads() + head) * size;
            for (int t = 0; t < tokens; t++) {
                long[] scores = new long[tokens];
                softmax.reset();
                for (int k = 0; k < tokens; k++) {
                    BigInteger sum = BigInteger.ZERO;
                    for (int i = 0; i < size; i++) {
                        sum = sum.add(product(input[t][queries + i], input[k][keys + i]));
                    }
                    scores[k] = requantise(sum, step.score(), SoftmaxFormat.SCORE_BITS);
                    softmax.add(scores[k]);
                }
                softmax.finish();
                for (int i = 0; i < size; i++) {
                    BigInteger sum = BigInteger.ZERO;
                    for (int k = 0; k < tokens; k++) {
                        sum = sum.add(product(softmax.probability(scores[k]), input[k][values + i]));
                    }
                    contents(step.output())[t][head * size + i] =
                            requantise(sum, step.context(), step.output().bits());
                }
            }
        }
    }

    private void route(Step.Route step) {
        int tokens = step.input().tokens();
        chosen = new int[tokens][step.topK()];
        probabilities = new long[tokens][step.topK()];
        for (int t = 0; t < tokens; t++) {
            long[] input = contents(step.input())[t];
            OnlineSoftmax softmax = new OnlineSoftmax(program.softmax());
            long[] scores = new long[step.linear().outputs()];
            for (int e = 0; e < scores.length; e++) {
                scores[e] = layer(step.linear(), e, i -> input[i], null, SoftmaxFormat.SCORE_BITS);
                softmax.add(scores[e]);
            }
            softmax.finish();
            List<Integer> order = IntStream.range(0, scores.length)
                    .boxed()
                    .sorted(Comparator.comparing((Integer e) -> -scores[e]).thenComparing(e -> e))
                    .toList();
            if (step.overSelected()) {
                softmax.reset();
                order.subList(0, step.topK()).forEach(e -> softmax.add(scores[e]));
                softmax.finish();
            }
            for (int k = 0; k < step.topK(); k++) {
                chosen[t][k] = order.get(k);
                probabilities[t][k] = softmax.probability(scores[order.get(k)]);
                contents(step.output())[t][k] = order.get(k);
            }
        }
    }

    private void experts(Step.Experts step) {
        long[][] output = contents(step.output());
        int bits = step.output().bits();
        BigInteger one = BigInteger.ONE.shiftLeft(program.softmax().probabilityBits());
        for (int e = 0; e < step.first().size(); e++) {
            LinearParameters first = step.first().get(e);
            LinearParameters second = step.second().get(e);
            int queued = 0;
            for (int t = 0; t < output.length; t++) {
                for (int k = 0; k < chosen[t].length; k++) {
                    if (chosen[t][k] != e) {
                        continue;
                    }
                    long[] input = contents(step.input())[t];
                    long[] hidden = contents(step.hidden())[queued++];
                    for (int h = 0; h < hidden.length; h++) {
                        hidden[h] = layer(
                                first,
                                h,
                                i -> input[i],
                                step.activation(),
                                step.hidden().bits());
                    }
                    for (int f = 0; f < output[t].length; f++) {
                        long result = layer(second, f, i -> hidden[i], null, bits);
                        BigInteger weighted = round(product(probabilities[t][k], result), one);
                        output[t][f] = saturate(BigInteger.valueOf(output[t][f]).add(weighted), bits);
                    }
                }
            }
        }
    }

    /** {@code requantise(bias[o] + sum_i weight[o][i] * x[i])}, then the activation if there is one. */
    private static long layer(
            LinearParameters linear, int output, IntToLongFunction input, ActivationUnit activation, int bits) {
        BigInteger sum = BigInteger.valueOf(linear.bias()[output]);
        for (int i = 0; i < linear.inputs(); i++) {
            sum = sum.add(product(linear.weights()[output * linear.inputs() + i], input.applyAsLong(i)));
        }
        Requantizer scale = linear.scales()[output];
        return activation == null
                ? requantise(sum, scale, bits)
                : activation.apply((int) requantise(sum, scale, activation.inputBits()));
    }

    private static BigInteger product(long a, long b) {
        return BigInteger.valueOf(a).multiply(BigInteger.valueOf(b));
    }

    private static long requantise(BigInteger value, Requantizer by, int bits) {
        BigInteger scaled = value.multiply(BigInteger.valueOf(by.multiplier()));
        return saturate(round(scaled, BigInteger.ONE.shiftLeft(by.shift())), bits);
    }

    /** A quotient by a power of two, rounded to nearest with ties to even. */
    private static BigInteger round(BigInteger value, BigInteger powerOfTwo) {
        return new BigDecimal(value)
                .divide(new BigDecimal(powerOfTwo))
                .setScale(0, RoundingMode.HALF_EVEN)
                .toBigIntegerExact();
    }

    private static long saturate(BigInteger value, int bits) {
        BigInteger limit = BigInteger.ONE.shiftLeft(bits - 1);
        return value.min(limit.subtract(BigInteger.ONE)).max(limit.negate()).longValueExact();
    }
}
