package tilewright.compiler.codes;

import tilewright.model.format.GroupedCodes;

/** Rounds each weight to the nearest of the values between the least and the greatest of its group: the baseline of comparisons. */
public final class Rounding implements MatrixQuantiser {
    @Override
    public String name() {
        return "round";
    }

    @Override
    public GroupedCodes quantise(float[] weights, int rows, int width, int bits, InputMoments moments) {
        Grid grid = Grid.of(weights, rows, width, bits, moments);
        for (int row = 0; row < rows; row++) {
            for (int group = 0; group < grid.groups; group++) {
                grid.span(weights, row, group);
                grid.round(weights, row, group);
            }
        }
        return grid.codes();
    }
}
