package tilewright.compiler.codes;

import java.util.Arrays;
import tilewright.model.InvalidInputException;

/**
 * What calibration rows say about a matrix whose inputs have changed because matrices before it were quantised, and the weights by
 * which it makes up for that best.
 *
 * <p>With inputs h of the model and k as they are now, the sum of {@code (W h - Q k)^2} over rows is, up to a constant,
 * {@code (V - Q) K (V - Q)^T} with K the second moments of k, C those of h with k, and {@code V = W C K^-1}: to quantise V with the
 * moments K is asymmetric calibration (GPTAQ, Li et al. 2025, arXiv 2504.02692). What few rows show is partly chance: the change V - W
 * of each output is shortened by the share of what it explains that chance would explain as well (James and Stein 1961).
 *
 * <p>Inputs in different blocks of the moments count as unrelated. Not safe for use by several threads; results do not depend on the
 * machine.
 */
public final class ChangedInputs {
    private static final int LANES = GroupSearch.LANES;
    /** What is added to the diagonal of the moments, as a fraction of its mean. */
    private static final double DAMPING = 0.01;
    /** Rows per input that what is known without changes counts for. */
    private static final double PRIOR = 0.5;

    /**
     * What to quantise instead of a matrix.
     *
     * @param weights [outputs, width]
     * @param moments of the changed inputs
     */
    public record Target(float[] weights, InputMoments moments) {}

    private final int width;
    private final int block;
    private final Block[] blocks;
    /** The rows' weights. */
    private double sum;

    private double squares;

    /**
     * Nothing seen yet.
     *
     * @param width inputs
     * @param block inputs whose products are counted, as in {@link InputMoments}
     */
    public ChangedInputs(int width, int block) {
        this.width = width;
        this.block = block;
        blocks = new Block[Math.ceilDiv(width, block)];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = new Block(i * block, Math.min(block, width - i * block));
        }
    }

    /**
     * Adds rows.
     *
     * @param exact inputs by the model's own matrices, [count, width]
     * @param now inputs as they are, [count, width]
     * @param weights how much each row's squared error counts, from index {@code weightsAt} on
     */
    public void add(float[] exact, float[] now, float[] weights, int weightsAt, int count) {
        for (int row = weightsAt; row < weightsAt + count; row++) {
            sum += weights[row];
            squares += (double) weights[row] * weights[row];
        }
        for (Block each : blocks) {
            each.add(exact, now, weights, weightsAt, count);
        }
    }

    /**
     * What to quantise instead of a matrix.
     *
     * @param weights [outputs, width]; overwritten
     * @param moments of the inputs by the model's own matrices, perhaps over more rows than were added here
     * @throws InvalidInputException when the moments are no means of products
     */
    public Target target(float[] weights, int outputs, InputMoments moments) {
        if (moments.width() != width || moments.block() != block) {
            throw new IllegalArgumentException(
                    moments + ", expected those of " + width + " inputs in blocks of " + block);
        }
        if (!(sum > 0)) {
            return new Target(weights, moments);
        }
        double count = sum * sum / squares;
        double own = count / (count + PRIOR * block);
        double mean = 0;
        float[] values = moments.values().clone();
        int at = 0;
        for (Block each : blocks) {
            for (int i = 0; i < each.side; i++) {
                for (int j = 0; j < each.side; j++, at++) {
                    values[at] = (float) (own * each.mean(each.changed, i, j) + (1 - own) * values[at]);
                    mean += i == j ? values[at] / width : 0;
                }
            }
        }
        InputMoments now = new InputMoments(width, block, moments.samples(), values);
        try {
            for (Block each : blocks) {
                each.fit(weights, outputs, now, DAMPING * mean, count);
            }
        } catch (ArithmeticException e) {
            throw new InvalidInputException(
                    moments + " are no means of products: " + e.getMessage() + "; is the profile damaged?", e);
        }
        return new Target(weights, now);
    }

    /** Inputs that belong together: sums over rows in panels of {@link #LANES} inputs, [panels][side][LANES]. */
    private final class Block {
        private final int first;
        private final int side;
        /** Of the inputs as they are. */
        private final float[][] changed;
        /** Of what they lack with the inputs as they are. */
        private final float[][] cross;
        /** Of what they lack. */
        private final float[][] lacks;

        Block(int first, int side) {
            this.first = first;
            this.side = side;
            int panels = Math.ceilDiv(side, LANES);
            changed = new float[panels][side * LANES];
            cross = new float[panels][side * LANES];
            lacks = new float[panels][side * LANES];
        }

        void add(float[] exact, float[] now, float[] weights, int weightsAt, int count) {
            float[] inputs = new float[count * side];
            float[] lack = new float[count * side];
            for (int row = 0; row < count; row++) {
                for (int i = 0; i < side; i++) {
                    int at = row * width + first + i;
                    inputs[row * side + i] = now[at];
                    lack[row * side + i] = exact[at] - now[at];
                }
            }
            float[] source = new float[count * LANES];
            for (int panel = 0; panel < changed.length; panel++) {
                weigh(source, inputs, panel, weights, weightsAt, count);
                PanelProduct.subtract(changed[panel], 0, side, inputs, side, 0, source, 0, count);
                weigh(source, lack, panel, weights, weightsAt, count);
                PanelProduct.subtract(cross[panel], 0, side, inputs, side, 0, source, 0, count);
                PanelProduct.subtract(lacks[panel], 0, side, lack, side, 0, source, 0, count);
            }
        }

        private void weigh(float[] source, float[] values, int panel, float[] weights, int weightsAt, int count) {
            int present = Math.min(LANES, side - panel * LANES);
            Arrays.fill(source, 0);
            for (int row = 0; row < count; row++) {
                for (int lane = 0; lane < present; lane++) {
                    source[row * LANES + lane] = -weights[weightsAt + row] * values[row * side + panel * LANES + lane];
                }
            }
        }

        /** The mean of a product with input {@code j}. */
        private float mean(float[][] sums, int i, int j) {
            return (float) (sums[i / LANES][j * LANES + i % LANES] / sum);
        }

        private float[] means(float[][] sums) {
            float[] means = new float[side * side];
            for (int i = 0; i < side; i++) {
                for (int j = 0; j < side; j++) {
                    means[i * side + j] = mean(sums, i, j);
                }
            }
            return means;
        }

        /** U with U^T U the inverse of the damped moments. */
        private float[] root(InputMoments now, double damping) {
            double known = now.samples() / (now.samples() + side / 2.0);
            double[] h = new double[side * side];
            for (int i = 0; i < side; i++) {
                for (int j = 0; j < side; j++) {
                    double value = 0.5 * now.value(first + i, first + j) + 0.5 * now.value(first + j, first + i);
                    h[i * side + j] = i == j ? value + damping : value * known;
                }
            }
            double[] inverse = InverseRoot.of(h, side, side);
            float[] root = new float[inverse.length];
            for (int i = 0; i < root.length; i++) {
                root[i] = (float) inverse[i];
            }
            return root;
        }

        /** Changes the block's columns of a matrix. */
        void fit(float[] weights, int outputs, InputMoments now, double damping, double count) {
            float[] root = root(now, damping);
            float[] transposed = new float[root.length];
            for (int i = 0; i < side; i++) {
                for (int j = 0; j < side; j++) {
                    transposed[j * side + i] = root[i * side + j];
                }
            }
            float[] slopes = means(cross);
            float[] squared = means(lacks);
            double chance = (double) side / count;
            float[] panel = new float[side * LANES];
            for (int row = 0; row < outputs; row += LANES) {
                int present = Math.min(LANES, outputs - row);
                Arrays.fill(panel, 0);
                for (int lane = 0; lane < present; lane++) {
                    for (int i = 0; i < side; i++) {
                        panel[i * LANES + lane] = weights[(row + lane) * width + first + i];
                    }
                }
                double[] lost = products(panel, negative(panel, squared));
                // -W D, then W D U^T, then -W D U^T U = -W D K^-1.
                float[] half = negative(negative(panel, slopes), transposed);
                double[] explained = products(half, half);
                float[] change = negative(half, root);
                for (int lane = 0; lane < present; lane++) {
                    // What is lost is -lost: the product was with the negative.
                    double share = explained[lane] > 0 ? Math.max(0, 1 + chance * lost[lane] / explained[lane]) : 0;
                    for (int i = 0; i < side; i++) {
                        weights[(row + lane) * width + first + i] -= (float) (share * change[i * LANES + lane]);
                    }
                }
            }
        }

        /** The negative product of a panel of rows with a matrix. */
        private float[] negative(float[] panel, float[] matrix) {
            float[] product = new float[panel.length];
            PanelProduct.subtract(product, 0, side, matrix, side, 0, panel, 0, side);
            return product;
        }

        private double[] products(float[] a, float[] b) {
            double[] sums = new double[LANES];
            for (int i = 0; i < a.length; i++) {
                sums[i % LANES] += (double) a[i] * b[i];
            }
            return sums;
        }
    }
}
