package tilewright.compiler.plan;

import tilewright.boards.Board;

/**
 * A coarse estimate of power and energy, within a factor of two at best: from arithmetic, bytes and used cells by the
 * coefficients of {@link Coefficients}, none of them measured on a board.
 *
 * @param watts mean power while computing
 * @param powerClass the range that the power lies in
 * @param millijoulesPerImage energy per image
 */
public record Energy(double watts, String powerClass, double millijoulesPerImage) {
    private static final int[] CLASS_WATTS = {1, 3, 10, 30, 100};

    /** The energy of a task. */
    static Energy of(Board board, int bits, ResourceUse use, double macs, double bytes, double seconds) {
        double perMac = Coefficients.JOULES_PER_MAC_8 * (bits == 8 ? 1 : Coefficients.MAC_ENERGY_16_OVER_8);
        double idle = board.resources().lut() * Coefficients.STATIC_WATTS_PER_LUT
                + (use.lut() + use.ff()) * board.clockMhz() * Coefficients.WATTS_PER_CELL_MHZ
                + (board.axi().isEmpty() ? 0 : Coefficients.PROCESSOR_WATTS);
        double joules = macs * perMac + bytes * perByte(board) + idle * seconds;
        double watts = joules / seconds;
        return new Energy(watts, powerClass(watts), 1e3 * joules);
    }

    private static double perByte(Board board) {
        if (board.memories().isEmpty()) {
            return 0;
        }
        return switch (board.memories().getFirst().kind()) {
            case LPDDR4, LPDDR5 -> Coefficients.JOULES_PER_BYTE_LPDDR;
            case HBM2, HBM2E, HBM3, HBM3E -> Coefficients.JOULES_PER_BYTE_HBM;
            case DDR3, DDR4, DDR5, GDDR6, SDRAM, SRAM -> Coefficients.JOULES_PER_BYTE_DDR;
        };
    }

    private static String powerClass(double watts) {
        int lower = 0;
        for (int upper : CLASS_WATTS) {
            if (watts < upper) {
                return lower == 0 ? "below " + upper + " W" : lower + " to " + upper + " W";
            }
            lower = upper;
        }
        return "above " + lower + " W";
    }
}
