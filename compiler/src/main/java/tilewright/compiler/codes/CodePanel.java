package tilewright.compiler.codes;

/**
 * Some rows of a matrix being quantised, one in each lane: columns in the order of {@link Feedback#inputs()}, weights and scales
 * in units of the scale.
 */
final class CodePanel {
    private static final int LANES = GroupSearch.LANES;

    final Feedback feedback;
    /** The highest code. */
    final float top;
    /** The number of zero points between two codes. */
    final float zeroSteps;
    /** [inputs][LANES] */
    final float[] weights;
    /** What is left to quantise: the weights and what they are to make up for, [inputs][LANES]. */
    final float[] pending;
    /** [inputs][LANES], whole numbers. */
    final float[] codes;
    /** [groups][LANES], in the order of {@link Feedback#groups()}. */
    final float[] scales;
    /** Zero points in codes, [groups][LANES]. */
    final float[] zeros;

    private final Grid grid;
    private final int row;

    /** Takes the rows from {@code row} on; lanes beyond the last row are 0. */
    CodePanel(Feedback feedback, Grid grid, float[] matrix, int row) {
        this.feedback = feedback;
        this.grid = grid;
        this.row = row;
        top = grid.top;
        zeroSteps = 1 << 8 - grid.bits;
        weights = new float[feedback.size() * LANES];
        codes = new float[feedback.size() * LANES];
        scales = new float[feedback.groups().length * LANES];
        zeros = new float[feedback.groups().length * LANES];
        float perUnit = 1 / grid.unit;
        int[] inputs = feedback.inputs();
        for (int lane = 0; lane < LANES; lane++) {
            boolean present = row + lane < grid.rows;
            int from = (row + lane) * grid.width;
            for (int i = 0; i < inputs.length; i++) {
                weights[i * LANES + lane] = present ? matrix[from + inputs[i]] * perUnit : 0;
            }
        }
        pending = weights.clone();
    }

    /** Gives the codes, scales and zero points to the grid. */
    void store() {
        int[] inputs = feedback.inputs();
        int[] groups = feedback.groups();
        for (int lane = 0; lane < LANES && row + lane < grid.rows; lane++) {
            for (int i = 0; i < inputs.length; i++) {
                grid.codes[(row + lane) * grid.width + inputs[i]] = (byte) codes[i * LANES + lane];
            }
            for (int g = 0; g < groups.length; g++) {
                int at = (row + lane) * grid.groups + groups[g];
                grid.scales[at] = GroupSearch.scaleByte(scales[g * LANES + lane]);
                grid.zeros[at] = (byte) (int) (zeros[g * LANES + lane] * zeroSteps);
            }
        }
    }
}
