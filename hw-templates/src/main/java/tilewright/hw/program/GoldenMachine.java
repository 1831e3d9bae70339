package tilewright.hw.program;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.FixedPoint;
import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.arith.OnlineSoftmax;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.arith.TopK;

/**
 * Runs a program in integers: the reference that every emitted design must equal bit for bit.
 *
 * <p>It knows no tiles and no memory layout. One machine holds the buffers of one image and is used by one thread.
 */
public final class GoldenMachine {
    private final Program program;
    private final int activationBits;
    private final int residualBits;
    private final OnlineSoftmax softmax;
    private final Map<String, int[]> memory = new HashMap<>();
    private Routing routing;

    /** Called after each step. */
    @FunctionalInterface
    public interface StepListener {
        /** Sees the machine after a step. */
        void after(int index, Step step);
    }

    /** Makes a machine for a program. */
    public GoldenMachine(Program program) {
        this.program = program;
        activationBits = program.format().activationBits();
        residualBits = program.format().residualBits();
        softmax = new OnlineSoftmax(program.softmax());
        program.buffers().forEach((name, buffer) -> memory.put(name, new int[buffer.tokens() * buffer.features()]));
    }

    /** The contents of a buffer, {@code [tokens, features]}; writing to it forces a value. */
    public int[] contents(Buffer buffer) {
        return memory.get(buffer.name());
    }

    /** The routing that the last router step decided, or null. */
    public Routing routing() {
        return routing;
    }

    /**
     * Runs a task on an image and returns a copy of the result buffer.
     *
     * @param image {@code [channels, height, width]} pixels, 0 to 255
     */
    public int[] run(TaskProgram task, byte[] image) {
        run(task, image, 0, task.steps().size(), (index, step) -> {});
        return contents(task.result()).clone();
    }

    /** Runs the steps {@code first} (inclusive) to {@code last} (exclusive) of a task. */
    public void run(TaskProgram task, byte[] image, int first, int last, StepListener listener) {
        for (int i = first; i < last; i++) {
            Step step = task.steps().get(i);
            switch (step) {
                case Step.Embed embed -> embed(embed, image);
                case Step.Norm norm -> norm(norm);
                case Step.Linear linear -> linear(linear);
                case Step.Attention attention -> attention(attention);
                case Step.Route route -> route(route);
                case Step.Experts experts -> experts(experts);
            }
            listener.after(i, step);
        }
    }

    private void embed(Step.Embed step, byte[] image) {
        PatchGeometry geometry = step.geometry();
        int taps = geometry.patchSize();
        int features = step.output().features();
        int[] output = contents(step.output());
        System.arraycopy(step.table(), 0, output, 0, output.length);
        double[] rows = new double[geometry.patches() * taps];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (image[geometry.pixelIndex(i / taps, i % taps)] & 0xFF) - PatchGeometry.PIXEL_OFFSET;
        }
        int[] results = layer(step.linear(), null, rows, geometry.patches(), residualBits);
        addRows(output, step.firstPatchToken() * features, results, residualBits);
    }

    private void norm(Step.Norm step) {
        int features = step.input().features();
        LayerNormUnit unit = new LayerNormUnit(features, residualBits);
        int[] input = contents(step.input());
        int[] output = contents(step.output());
        int end = step.tokens().first() + step.tokens().count();
        for (int t = step.tokens().first(); t < end; t++) {
            unit.apply(input, t * features, step.parameters(), activationBits, output, t * features);
        }
    }

    private void linear(Step.Linear step) {
        int inputs = step.linear().inputs();
        int tokens = step.tokens().count();
        double[] rows = new double[tokens * inputs];
        int[] input = contents(step.input());
        for (int i = 0; i < rows.length; i++) {
            rows[i] = input[step.tokens().first() * inputs + i];
        }
        int bits = step.output().bits();
        int[] results = layer(step.linear(), step.activation(), rows, tokens, bits);
        int[] output = contents(step.output());
        if (step.accumulate()) {
            addRows(output, 0, results, bits);
        } else {
            System.arraycopy(results, 0, output, 0, results.length);
        }
    }

    /** Runs a linear layer on rows of exact integers: products, requantisation, activation. */
    private static int[] layer(LinearParameters linear, ActivationUnit activation, double[] rows, int count, int bits) {
        int outputs = linear.outputs();
        long[] sums = new long[count * outputs];
        multiply(linear, rows, count, sums);
        int width = activation == null ? bits : activation.inputBits();
        int[] results = new int[sums.length];
        for (int i = 0; i < sums.length; i++) {
            int code = (int) linear.scales()[i % outputs].apply(sums[i], width);
            results[i] = activation == null ? code : activation.apply(code);
        }
        return results;
    }

    private static void multiply(LinearParameters linear, double[] rows, int count, long[] sums) {
        ExactProducts.multiply(rows, count, linear.weights(), linear.outputs(), linear.inputs(), linear.bias(), sums);
    }

    private void attention(Step.Attention step) {
        int tokens = step.input().tokens();
        int size = step.input().groupSize();
        int heads = step.heads();
        int[] output = contents(step.output());
        long[] products = new long[tokens * tokens];
        long[] scores = new long[tokens];
        double[] probabilities = new double[tokens * tokens];
        long[] context = new long[tokens * size];
        for (int head = 0; head < heads; head++) {
            short[] queryCodes = group(step.input(), head, false);
            short[] keys = group(step.input(), heads + head, false);
            short[] values = group(step.input(), 2 * heads + head, true);
            double[] queries = new double[queryCodes.length];
            Arrays.setAll(queries, i -> queryCodes[i]);
            ExactProducts.multiply(queries, tokens, keys, tokens, size, null, products);
            for (int query = 0; query < tokens; query++) {
                softmax.reset();
                for (int key = 0; key < tokens; key++) {
                    scores[key] = step.score().apply(products[query * tokens + key], SoftmaxFormat.SCORE_BITS);
                    softmax.add(scores[key]);
                }
                softmax.finish();
                for (int key = 0; key < tokens; key++) {
                    probabilities[query * tokens + key] = softmax.probability(scores[key]);
                }
            }
            ExactProducts.multiply(probabilities, tokens, values, size, tokens, null, context);
            for (int i = 0; i < context.length; i++) {
                output[i / size * heads * size + head * size + i % size] =
                        (int) step.context().apply(context[i], step.output().bits());
            }
        }
    }

    /** One group of a buffer's features: {@code [tokens, size]}, or transposed. */
    private short[] group(Buffer buffer, int group, boolean transposed) {
        int[] contents = contents(buffer);
        int size = buffer.groupSize();
        int tokens = buffer.tokens();
        short[] rows = new short[tokens * size];
        for (int t = 0; t < tokens; t++) {
            for (int i = 0; i < size; i++) {
                rows[transposed ? i * tokens + t : t * size + i] =
                        (short) contents[t * buffer.features() + group * size + i];
            }
        }
        return rows;
    }

    private void route(Step.Route step) {
        int tokens = step.input().tokens();
        int experts = step.linear().outputs();
        int topK = step.topK();
        double[] rows = Arrays.stream(contents(step.input())).asDoubleStream().toArray();
        long[] sums = new long[tokens * experts];
        multiply(step.linear(), rows, tokens, sums);
        int[] ids = contents(step.output());
        long[] probabilities = new long[tokens * topK];
        long[] scores = new long[experts];
        int[] selected = new int[topK];
        for (int t = 0; t < tokens; t++) {
            softmax.reset();
            for (int e = 0; e < experts; e++) {
                scores[e] = step.linear().scales()[e].apply(sums[t * experts + e], SoftmaxFormat.SCORE_BITS);
                softmax.add(scores[e]);
            }
            softmax.finish();
            TopK.select(scores, selected);
            if (step.overSelected()) {
                softmax.reset();
                for (int expert : selected) {
                    softmax.add(scores[expert]);
                }
                softmax.finish();
            }
            for (int k = 0; k < topK; k++) {
                ids[t * topK + k] = selected[k];
                probabilities[t * topK + k] = softmax.probability(scores[selected[k]]);
            }
        }
        routing = new Routing(experts, topK, ids.clone(), probabilities);
    }

    private void experts(Step.Experts step) {
        int[] input = contents(step.input());
        int[] output = contents(step.output());
        int features = step.output().features();
        int shift = program.softmax().probabilityBits();
        for (int expert = 0; expert < routing.experts(); expert++) {
            int[] slots = routing.queue(expert);
            if (slots.length == 0) {
                continue;
            }
            double[] rows = new double[slots.length * features];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = input[slots[i / features] / routing.topK() * features + i % features];
            }
            int[] hidden = layer(step.first().get(expert), step.activation(), rows, slots.length, activationBits);
            System.arraycopy(hidden, 0, contents(step.hidden()), 0, hidden.length);
            double[] hiddenRows = Arrays.stream(hidden).asDoubleStream().toArray();
            int[] results = layer(step.second().get(expert), null, hiddenRows, slots.length, residualBits);
            for (int i = 0; i < results.length; i++) {
                int slot = slots[i / features];
                int at = slot / routing.topK() * features + i % features;
                long weighted = FixedPoint.shiftHalfEven(results[i] * routing.probabilities()[slot], shift);
                output[at] = (int) FixedPoint.saturate(output[at] + weighted, residualBits);
            }
        }
    }

    private static void addRows(int[] output, int offset, int[] rows, int bits) {
        for (int i = 0; i < rows.length; i++) {
            output[offset + i] = (int) FixedPoint.saturate((long) output[offset + i] + rows[i], bits);
        }
    }
}
