package tilewright.sim.rtl;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Vec;

/**
 * A weight-stationary tile of int8 multiply-accumulate elements: activations go right, sums go down, and while one set of
 * weights is used the next is shifted in from above.
 */
public final class Tile extends Component {
    private static final int SUM = 24;

    final Vec<SInt> activation;
    final Vec<SInt> weight;
    final Bool load = in(bool());
    final Bool swap = in(bool());
    final Vec<SInt> sum;

    /** A tile of rows and columns. */
    public Tile(int rows, int columns) {
        activation = in(vec(rows, sint(8)));
        weight = in(vec(columns, sint(8)));
        sum = out(vec(columns, sint(SUM)));
        Element[][] pe = new Element[rows][columns];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                Element e = child(Element::new);
                pe[r][c] = e;
                e.load.assign(load);
                e.swap.assign(swap);
                e.left.assign(c == 0 ? activation.get(r) : pe[r][c - 1].right);
                e.above.assign(r == 0 ? s(0, SUM) : pe[r - 1][c].below);
                e.weightIn.assign(r == 0 ? weight.get(c) : pe[r - 1][c].weightOut);
            }
        }
        for (int c = 0; c < columns; c++) {
            sum.get(c).assign(pe[rows - 1][c].below);
        }
    }

    /** One multiply-accumulate element. */
    static final class Element extends Component {
        final Bool load = in(bool());
        final Bool swap = in(bool());
        final SInt left = in(sint(8));
        final SInt above = in(sint(SUM));
        final SInt weightIn = in(sint(8));
        final SInt right = out(sint(8));
        final SInt below = out(sint(SUM));
        final SInt weightOut = out(sint(8));
        private final SInt next = reg(sint(8));
        private final SInt used = reg(sint(8));
        private final SInt passed = reg(sint(8));
        private final SInt product = reg(sint(16));
        private final SInt total = reg(sint(SUM));

        Element() {
            when(load, () -> next.assign(weightIn));
            when(swap, () -> used.assign(next));
            passed.assign(left);
            product.assign(left.times(used));
            total.assign(above.plusMod(product));
            right.assign(passed);
            below.assign(total);
            weightOut.assign(next);
        }
    }
}
