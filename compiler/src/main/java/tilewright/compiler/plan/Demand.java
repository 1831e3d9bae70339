package tilewright.compiler.plan;

import tilewright.boards.Board;
import tilewright.boards.Resources;

/**
 * Cycles and resources of a part of a design as plain numbers, so that a search can add many of them.
 *
 * @param cycles of all tasks together
 */
record Demand(double cycles, double dsp, double lut, double ff, double bram, double uram) {
    static Demand of(double cycles, ResourceUse use) {
        return new Demand(cycles, use.dsp().total(), use.lut(), use.ff(), use.bram36(), use.uram());
    }

    /** What a plan may use of a board. */
    static Demand limit(Board board, Limits limits) {
        Resources has = board.resources();
        return new Demand(
                Double.MAX_VALUE,
                limits.dsp() * has.dsp(),
                limits.lut() * has.lut(),
                limits.ff() * has.ff(),
                limits.bram() * bram36(board),
                limits.uram() * has.uram());
    }

    /** Block RAM of a board in blocks of 36 Kbit; not rounded, as small devices have few. */
    static double bram36(Board board) {
        return board.resources().blockRam().bits() / (36.0 * 1024);
    }

    Demand plus(Demand other) {
        return new Demand(
                cycles + other.cycles,
                dsp + other.dsp,
                lut + other.lut,
                ff + other.ff,
                bram + other.bram,
                uram + other.uram);
    }

    /** Whether this needs no more of anything than another. */
    boolean within(Demand other) {
        return cycles <= other.cycles
                && dsp <= other.dsp
                && lut <= other.lut
                && ff <= other.ff
                && bram <= other.bram
                && uram <= other.uram;
    }

    /** The largest share that this takes of any resource of a limit: the size of a design, and above 1 a misfit. */
    double share(Demand limit) {
        double worst = Math.max(ratio(dsp, limit.dsp), ratio(lut, limit.lut));
        worst = Math.max(worst, ratio(ff, limit.ff));
        return Math.max(worst, Math.max(ratio(bram, limit.bram), ratio(uram, limit.uram)));
    }

    /** Resources taken as a mean share: the finer measure where the largest is equal. */
    double meanShare(Demand limit) {
        double sum = ratio(dsp, limit.dsp) + ratio(lut, limit.lut) + ratio(ff, limit.ff);
        return (sum + ratio(bram, limit.bram) + ratio(uram, limit.uram)) / 5;
    }

    /** What the board has none of counts as if it had a millionth, so that designs that lack it still compare. */
    private static double ratio(double need, double has) {
        return need == 0 ? 0 : need / Math.max(has, 1e-6);
    }
}
