package tilewright.hw.program;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.FixedPoint;
import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.arith.OnlineSoftmax;
import tilewright.hw.arith.Requantizer;
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
        int features = step.output().features();
        int[] output = contents(step.output());
        System.arraycopy(step.table(), 0, output, 0, output.length);
        int[] patch = new int[geometry.patchSize()];
        int[] row = new int[features];
        for (int p = 0; p < geometry.patches(); p++) {
            for (int i = 0; i < patch.length; i++) {
                patch[i] = (image[geometry.pixelIndex(p, i)] & 0xFF) - PatchGeometry.PIXEL_OFFSET;
            }
            LinearKernel.apply(step.linear(), patch, 0, residualBits, row);
            addRow(output, (step.firstPatchToken() + p) * features, row);
        }
    }

    private void norm(Step.Norm step) {
        int features = step.input().features();
        LayerNormUnit unit = new LayerNormUnit(features, residualBits);
        for (int t = step.tokens().first();
                t < step.tokens().first() + step.tokens().count();
                t++) {
            unit.apply(
                    contents(step.input()),
                    t * features,
                    step.parameters(),
                    activationBits,
                    contents(step.output()),
                    t * features);
        }
    }

    private void linear(Step.Linear step) {
        int[] input = contents(step.input());
        int[] output = contents(step.output());
        int outputs = step.linear().outputs();
        int firstOutput = step.tokens().count() == step.output().tokens()
                ? 0
                : step.tokens().first();
        int[] row = new int[outputs];
        for (int t = 0; t < step.tokens().count(); t++) {
            int source = (step.tokens().first() + t) * step.input().features();
            int target = t * outputs;
            applyLayer(
                    step.linear(),
                    step.activation(),
                    input,
                    source,
                    step.output().bits(),
                    row);
            if (step.accumulate()) {
                addRow(output, target, row, step.output().bits());
            } else {
                System.arraycopy(row, 0, output, target, outputs);
            }
        }
    }

    private void applyLayer(
            LinearParameters linear, ActivationUnit activation, int[] input, int offset, int bits, int[] row) {
        LinearKernel.apply(linear, input, offset, activation == null ? bits : activation.inputBits(), row);
        if (activation != null) {
            for (int i = 0; i < row.length; i++) {
                row[i] = activation.apply(row[i]);
            }
        }
    }

    private void attention(Step.Attention step) {
        int tokens = step.input().tokens();
        int width = step.input().features();
        int size = step.input().groupSize();
        int model = step.heads() * size;
        int[] qkv = contents(step.input());
        int[] output = contents(step.output());
        long[] scores = new long[tokens];
        long[] context = new long[size];
        for (int head = 0; head < step.heads(); head++) {
            for (int query = 0; query < tokens; query++) {
                softmax.reset();
                for (int key = 0; key < tokens; key++) {
                    long sum = 0;
                    for (int i = 0; i < size; i++) {
                        sum += (long) qkv[query * width + head * size + i] * qkv[key * width + model + head * size + i];
                    }
                    scores[key] = step.score().apply(sum, SoftmaxFormat.SCORE_BITS);
                    softmax.add(scores[key]);
                }
                softmax.finish();
                Arrays.fill(context, 0);
                for (int key = 0; key < tokens; key++) {
                    long probability = softmax.probability(scores[key]);
                    int value = key * width + 2 * model + head * size;
                    for (int i = 0; i < size; i++) {
                        context[i] += probability * qkv[value + i];
                    }
                }
                for (int i = 0; i < size; i++) {
                    output[query * model + head * size + i] =
                            (int) step.context().apply(context[i], step.output().bits());
                }
            }
        }
    }

    private void route(Step.Route step) {
        int tokens = step.input().tokens();
        int experts = step.linear().outputs();
        int[] ids = contents(step.output());
        int[] input = contents(step.input());
        long[] probabilities = new long[tokens * step.topK()];
        long[] scores = new long[experts];
        int[] selected = new int[step.topK()];
        for (int t = 0; t < tokens; t++) {
            softmax.reset();
            for (int e = 0; e < experts; e++) {
                long sum = LinearKernel.accumulate(
                        step.linear(), e, input, t * step.input().features());
                scores[e] = step.linear().scales()[e].apply(sum, SoftmaxFormat.SCORE_BITS);
                softmax.add(scores[e]);
            }
            softmax.finish();
            TopK.select(scores, selected);
            for (int k = 0; k < selected.length; k++) {
                ids[t * step.topK() + k] = selected[k];
                probabilities[t * step.topK() + k] = softmax.probability(scores[selected[k]]);
            }
        }
        routing = new Routing(experts, step.topK(), ids.clone(), probabilities);
    }

    private void experts(Step.Experts step) {
        int[] input = contents(step.input());
        int[] output = contents(step.output());
        int[] hidden = contents(step.hidden());
        int features = step.output().features();
        int width = step.hidden().features();
        int[] hiddenRow = new int[width];
        int[] row = new int[features];
        int shift = program.softmax().probabilityBits();
        for (int expert = 0; expert < routing.experts(); expert++) {
            int[] slots = routing.queue(expert);
            for (int n = 0; n < slots.length; n++) {
                int token = slots[n] / routing.topK();
                applyLayer(
                        step.first().get(expert),
                        step.activation(),
                        input,
                        token * features,
                        activationBits,
                        hiddenRow);
                System.arraycopy(hiddenRow, 0, hidden, n * width, width);
            }
            for (int n = 0; n < slots.length; n++) {
                LinearKernel.apply(step.second().get(expert), hidden, n * width, residualBits, row);
                long probability = routing.probabilities()[slots[n]];
                for (int i = 0; i < features; i++) {
                    row[i] = (int) FixedPoint.shiftHalfEven(row[i] * probability, shift);
                }
                addRow(output, slots[n] / routing.topK() * features, row);
            }
        }
    }

    private void addRow(int[] output, int offset, int[] row) {
        addRow(output, offset, row, residualBits);
    }

    private static void addRow(int[] output, int offset, int[] row, int bits) {
        for (int i = 0; i < row.length; i++) {
            output[offset + i] = (int) FixedPoint.saturate((long) output[offset + i] + row[i], bits);
        }
    }

    /** The inner product of the linear unit. */
    private static final class LinearKernel {
        static void apply(LinearParameters linear, int[] input, int offset, int bits, int[] output) {
            Requantizer[] scales = linear.scales();
            for (int o = 0; o < linear.outputs(); o++) {
                output[o] = (int) scales[o].apply(accumulate(linear, o, input, offset), bits);
            }
        }

        static long accumulate(LinearParameters linear, int output, int[] input, int offset) {
            short[] weights = linear.weights();
            int base = output * linear.inputs();
            long sum = linear.bias()[output];
            for (int i = 0; i < linear.inputs(); i++) {
                sum += (long) weights[base + i] * input[offset + i];
            }
            return sum;
        }
    }
}
