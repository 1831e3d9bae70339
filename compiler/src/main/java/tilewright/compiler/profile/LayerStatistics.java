package tilewright.compiler.profile;

import java.util.Arrays;
import tilewright.compiler.codes.InputMoments;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.tensor.DType;

/** What is gathered about one layer of experts while calibration text runs. */
final class LayerStatistics {
    private final int experts;
    private final int width;
    private final int hidden;
    private final int outputs;
    private final int inputBlock;
    private final int hiddenBlock;
    private final int inputLength;
    private final int hiddenLength;
    private final int sampleRows;
    private final double[] tokens;
    private final double[] weight;
    private final double[] squaredWeight;
    private final double[] outputWeight;
    private final double[] energy;
    private final double[] coactivation;
    /** Sums by expert. */
    private final Table inputMoments;

    private final Table hiddenMoments;
    /** Inputs, a row each. */
    private final Table samples;

    private final float[] sampleWeights;
    private InputMoments pooled;

    /**
     * Statistics of nothing.
     *
     * @param index the layer's number
     * @param nextExperts experts of the next layer; 0 for none
     * @param inputBlock side of the blocks of second moments of the inputs
     * @param hiddenBlock likewise between the matrices
     * @param sampleRows rows of each expert to keep
     */
    LayerStatistics(
            State state,
            int index,
            RoutedLayer layer,
            int outputs,
            int nextExperts,
            int inputBlock,
            int hiddenBlock,
            int sampleRows) {
        this.experts = layer.experts().experts();
        this.width = layer.experts().width(ExpertMatrix.GATE);
        this.hidden = layer.experts().width(ExpertMatrix.DOWN);
        this.outputs = outputs;
        this.inputBlock = inputBlock;
        this.hiddenBlock = hiddenBlock;
        this.inputLength = Math.toIntExact(InputMoments.length(width, inputBlock));
        this.hiddenLength = Math.toIntExact(InputMoments.length(hidden, hiddenBlock));
        this.sampleRows = sampleRows;
        String prefix = index + ".";
        tokens = state.doubles(prefix + "tokens", experts);
        weight = state.doubles(prefix + "weight", experts);
        squaredWeight = state.doubles(prefix + "squared_weight", experts);
        outputWeight = state.doubles(prefix + "output_weight", experts);
        energy = state.doubles(prefix + "energy", experts);
        coactivation = state.doubles(prefix + "coactivation", (long) experts * nextExperts);
        inputMoments = state.table(prefix + "input_moments", experts, inputLength, DType.F32);
        hiddenMoments = state.table(prefix + "hidden_moments", experts, hiddenLength, DType.F32);
        samples = state.table(prefix + "samples", (long) experts * sampleRows, width, DType.F32);
        sampleWeights = state.floats(prefix + "sample_weights", (long) experts * sampleRows);
    }

    /**
     * Adds one expert's rows of a step; different experts may be added by different threads.
     *
     * @param hiddenRows this expert's [rows, hidden]
     * @param outputRows this expert's [rows, outputs]
     * @param scratch of this thread, {@link #scratch} numbers
     */
    void add(int expert, Queues queues, float[] hiddenRows, float[] outputRows, float[] scratch) {
        count(expert, queues, outputRows);
        int first = queues.offsets()[expert];
        inputMoments.read(expert, 0, inputLength, scratch, 0);
        for (int row = first; row < queues.offsets()[expert + 1]; row++) {
            moments(queues.rows(), row * width, width, inputBlock, factor(queues, row), scratch);
        }
        inputMoments.write(expert, scratch, 0);
        hiddenMoments.read(expert, 0, hiddenLength, scratch, 0);
        for (int row = first; row < queues.offsets()[expert + 1]; row++) {
            moments(hiddenRows, (row - first) * hidden, hidden, hiddenBlock, factor(queues, row), scratch);
        }
        hiddenMoments.write(expert, scratch, 0);
    }

    /** How many numbers {@link #add} needs room for. */
    int scratch() {
        return Math.max(inputLength, hiddenLength);
    }

    private static float factor(Queues queues, int row) {
        return (float) ((double) queues.weights()[row] * queues.weights()[row]);
    }

    private void count(int expert, Queues queues, float[] outputRows) {
        int first = queues.offsets()[expert];
        for (int row = first; row < queues.offsets()[expert + 1]; row++) {
            sample(expert, (long) tokens[expert], queues, row);
            double routing = queues.routing()[row];
            double factor = (double) queues.weights()[row] * queues.weights()[row];
            tokens[expert]++;
            weight[expert] += routing;
            squaredWeight[expert] += routing * routing;
            outputWeight[expert] += factor;
            double square = 0;
            for (int i = (row - first) * outputs; i < (row - first + 1) * outputs; i++) {
                square += (double) outputRows[i] * outputRows[i];
            }
            energy[expert] += factor * square;
        }
    }

    private static void moments(float[] x, int at, int width, int block, float factor, float[] sums) {
        int place = 0;
        for (int first = 0; first < width; first += block) {
            int side = Math.min(block, width - first);
            for (int i = 0; i < side; i++) {
                float scaled = factor * x[at + first + i];
                for (int j = 0; j < side; j++) {
                    sums[place + j] += scaled * x[at + first + j];
                }
                place += side;
            }
        }
    }

    /** Keeps a row or not, so that in the end each has had the same chance; depends on its number alone. */
    private void sample(int expert, long number, Queues queues, int row) {
        long place = number;
        if (number >= sampleRows) {
            // The finaliser of SplitMix64.
            long mixed = (number + 1) * 0x9E3779B97F4A7C15L + expert;
            mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
            mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
            place = Long.remainderUnsigned(mixed ^ mixed >>> 31, number + 1);
        }
        if (place < sampleRows) {
            int at = expert * sampleRows + (int) place;
            sampleWeights[at] = queues.weights()[row];
            samples.write(at, queues.rows(), row * width);
        }
    }

    /** Counts, for each token, its experts here with its experts in the next layer. */
    void addPairs(Queues here, int topK, Queues next, int nextTopK, int nextExperts, int tokenCount) {
        int[] chosen = experts(next, nextTopK, tokenCount);
        for (int expert = 0; expert < experts; expert++) {
            for (int row = here.offsets()[expert]; row < here.offsets()[expert + 1]; row++) {
                int token = here.slots()[row] / topK;
                for (int j = token * nextTopK; j < (token + 1) * nextTopK; j++) {
                    if (chosen[j] >= 0) {
                        coactivation[expert * nextExperts + chosen[j]]++;
                    }
                }
            }
        }
    }

    private static int[] experts(Queues queues, int topK, int tokenCount) {
        int[] chosen = new int[tokenCount * topK];
        Arrays.fill(chosen, -1);
        for (int expert = 0; expert + 1 < queues.offsets().length; expert++) {
            for (int row = queues.offsets()[expert]; row < queues.offsets()[expert + 1]; row++) {
                chosen[queues.slots()[row]] = expert;
            }
        }
        return chosen;
    }

    /** Tokens routed to each expert. */
    float[] tokens() {
        return floats(tokens, null);
    }

    /** Tokens routed to an expert. */
    long tokens(int expert) {
        return (long) tokens[expert];
    }

    /** Mean routing weight by expert. */
    float[] meanWeight() {
        return floats(weight, tokens);
    }

    /** Mean squared routing weight by expert. */
    float[] meanSquaredWeight() {
        return floats(squaredWeight, tokens);
    }

    /** Pairs of experts. */
    float[] coactivation() {
        return floats(coactivation, null);
    }

    /** Mean square of what each expert adds to a token, over {@code all} tokens. */
    float[] energy(long all) {
        float[] mean = new float[experts];
        for (int i = 0; i < experts; i++) {
            mean[i] = (float) (energy[i] / all);
        }
        return mean;
    }

    /** An expert's normalised second moments of its inputs or between its matrices. */
    float[] means(int expert, boolean ofInput) {
        float[] means = (ofInput ? inputMoments : hiddenMoments).read(expert, 1);
        double by = outputWeight[expert];
        for (int i = 0; i < means.length; i++) {
            means[i] = by > 0 ? (float) (means[i] / by) : 0;
        }
        return means;
    }

    /** An expert's second moments. */
    InputMoments moments(int expert, boolean ofInput) {
        return new InputMoments(
                ofInput ? width : hidden,
                ofInput ? inputBlock : hiddenBlock,
                (long) tokens[expert],
                means(expert, ofInput));
    }

    /** The second moments by which one of an expert's matrices should be quantised; null when nothing is known. */
    InputMoments quantisingMoments(int expert, ExpertMatrix matrix) {
        return SteadyMoments.of(moments(expert, matrix != ExpertMatrix.DOWN), matrix, this::pooled);
    }

    /** The mean of the experts' second moments of their inputs; to be asked for when the text has been read. */
    private synchronized InputMoments pooled() {
        if (pooled == null) {
            double[] sums = new double[inputLength];
            double total = 0;
            long rows = 0;
            for (int expert = 0; expert < experts; expert++) {
                float[] of = inputMoments.read(expert, 1);
                for (int i = 0; i < inputLength; i++) {
                    sums[i] += of[i];
                }
                total += outputWeight[expert];
                rows += (long) tokens[expert];
            }
            float[] means = new float[inputLength];
            for (int i = 0; i < inputLength && total > 0; i++) {
                means[i] = (float) (sums[i] / total);
            }
            pooled = new InputMoments(width, inputBlock, rows, means);
        }
        return pooled;
    }

    /** How many rows of an expert are kept. */
    int samples(int expert) {
        return (int) Math.min(sampleRows, tokens[expert]);
    }

    /** An expert's kept rows. */
    float[] sampleRows(int expert) {
        return samples.read(expert * sampleRows, samples(expert));
    }

    /** By what the output of an expert's kept row is multiplied. */
    float sampleWeight(int expert, int sample) {
        return sampleWeights[expert * sampleRows + sample];
    }

    private static float[] floats(double[] values, double[] by) {
        float[] converted = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            converted[i] = (float) (by == null ? values[i] : by[i] > 0 ? values[i] / by[i] : 0);
        }
        return converted;
    }
}
