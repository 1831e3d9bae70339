package tilewright.compiler.codes;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import tilewright.model.format.GroupedCodes;

/**
 * Searches each group's scale and zero point for the least squared error, weighted with the mean squares of the inputs when these
 * are known, and rounds every weight to the nearest value.
 *
 * <p>The alternation between codes and scale is that of k-quants and of HQQ's solvers, here within the values that the scale and
 * zero bytes can express.
 */
public final class ScaleSearch implements MatrixQuantiser {
    /** From the highest code of the width on: fewer codes pay for cutting off more of the range. */
    private static final float[] FAST_3 = {0.95f, 0.8f, 0.68f, 0.56f};

    private static final float[] FAST_7 = {1, 0.88f, 0.78f, 0.69f};
    private static final float[] FAST_15 = {0.98f, 0.9f, 0.83f};
    private static final float[] FAST_MORE = {1.04f, 1, 0.95f};
    private static final float[] THOROUGH = {
        1.06f, 1.02f, 1, 0.95f, 0.9f, 0.85f, 0.8f, 0.75f, 0.7f, 0.65f, 0.6f, 0.55f, 0.5f, 0.45f
    };
    /** Zero points in the middle of two codes' and beside: which of these is best depends on the few largest weights. */
    private static final float[] SHIFTS = {-0.33f, 0, 0.33f};

    /** The least importance of an input, as a fraction of the mean: what calibration never saw must still be kept. */
    private static final float FLOOR = 1e-3f;

    private final boolean thorough;

    private ScaleSearch(boolean thorough) {
        this.thorough = thorough;
    }

    /** A search from few starting points, several hundred megabytes of weights per second. */
    public static ScaleSearch fast() {
        return new ScaleSearch(false);
    }

    /** A search from many starting points: a slightly smaller error, several times slower. */
    public static ScaleSearch thorough() {
        return new ScaleSearch(true);
    }

    @Override
    public String name() {
        return thorough ? "search-thorough" : "search";
    }

    /** A search in a group, as thorough as this. */
    GroupSearch groups(int bits) {
        return thorough
                ? new GroupSearch(bits, THOROUGH, SHIFTS, 3)
                : new GroupSearch(bits, fastStarts(bits), new float[1], 2);
    }

    private static float[] fastStarts(int bits) {
        return switch (bits) {
            case 2 -> FAST_3;
            case 3 -> FAST_7;
            case 4 -> FAST_15;
            default -> FAST_MORE;
        };
    }

    @Override
    public GroupedCodes quantise(float[] weights, int rows, int width, int bits, InputMoments moments) {
        Grid grid = Grid.of(weights, rows, width, bits, moments);
        GroupSearch search = groups(bits);
        float[] importance = importance(moments, width);
        int lanes = GroupSearch.LANES;
        float[] panel = new float[GroupedCodes.GROUP * lanes];
        float[] codes = new float[GroupedCodes.GROUP * lanes];
        float perUnit = 1 / grid.unit;
        for (int row = 0; row < rows; row += lanes) {
            int present = Math.min(lanes, rows - row);
            for (int group = 0; group < grid.groups; group++) {
                int size = grid.size(group);
                int first = grid.first(row, group);
                for (int lane = 0; lane < present; lane++) {
                    int from = first + lane * width;
                    for (int i = 0; i < size; i++) {
                        panel[i * lanes + lane] = weights[from + i] * perUnit;
                    }
                }
                search.search(panel, 0, size, importance, group * GroupedCodes.GROUP);
                round(search, panel, size, grid.top, codes);
                for (int lane = 0; lane < present; lane++) {
                    int at = (row + lane) * grid.groups + group;
                    grid.scales[at] = GroupSearch.scaleByte(search.scales[lane]);
                    grid.zeros[at] = search.zeroByte(search.zeros[lane]);
                    int to = first + lane * width;
                    for (int i = 0; i < size; i++) {
                        grid.codes[to + i] = (byte) codes[i * lanes + lane];
                    }
                }
            }
        }
        return grid.codes();
    }

    private static void round(GroupSearch search, float[] panel, int size, float top, float[] codes) {
        FloatVector inverse = FloatVector.broadcast(GroupSearch.FLOATS, 1)
                .div(FloatVector.fromArray(GroupSearch.FLOATS, search.scales, 0));
        FloatVector zero = FloatVector.fromArray(GroupSearch.FLOATS, search.zeros, 0);
        for (int i = 0; i < size; i++) {
            FloatVector.fromArray(GroupSearch.FLOATS, panel, i * GroupSearch.LANES)
                    .fma(inverse, zero)
                    .add(GroupSearch.ROUND)
                    .reinterpretAsInts()
                    .max(GroupSearch.ROUND_BITS)
                    .min(GroupSearch.ROUND_BITS + (int) top)
                    .reinterpretAsFloats()
                    .sub(GroupSearch.ROUND)
                    .intoArray(codes, i * GroupSearch.LANES);
        }
    }

    /** How much the squared error of each input's weight counts, 1 in the mean. */
    static float[] importance(InputMoments moments, int width) {
        float[] importance = new float[width];
        Arrays.fill(importance, 1);
        if (moments == null) {
            return importance;
        }
        float[] squares = moments.diagonal();
        double mean = 0;
        for (float square : squares) {
            mean += square / (double) width;
        }
        if (mean > 0) {
            for (int i = 0; i < width; i++) {
                importance[i] = (float) Math.max(FLOOR, squares[i] / mean);
            }
        }
        return importance;
    }
}
