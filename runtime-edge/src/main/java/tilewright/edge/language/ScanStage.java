package tilewright.edge.language;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import tilewright.edge.vector.VectorMath;

/**
 * {@link tilewright.model.graph.SelectiveScan}: some channels at a time, token by token.
 *
 * <p>The state is [states, channels].
 */
final class ScanStage implements Stage {
    /** Channels of an item: whole vectors on every machine. */
    private static final int BLOCK = 64;

    private final int state;
    private final Rows x;
    private final Rows dt;
    /** By state, then channel. */
    private final float[] a;

    private final Rows b;
    private final Rows c;
    private final float[] d;
    private final Rows out;

    /**
     * A bound scan; the result must take no operand's place.
     *
     * @param state the number of its state in a {@link SequenceState}
     * @param a [channels, states]
     */
    ScanStage(int state, Rows x, Rows dt, float[] a, Rows b, Rows c, float[] d, Rows out) {
        int channels = x.width();
        int states = b.width();
        this.state = state;
        this.x = x;
        this.dt = dt;
        this.a = new float[a.length];
        for (int i = 0; i < channels; i++) {
            for (int n = 0; n < states; n++) {
                this.a[n * channels + i] = a[i * states + n];
            }
        }
        this.b = b;
        this.c = c;
        this.d = d;
        this.out = out;
    }

    /** Adds a node's stage to a plan. */
    static void bind(PlanBuilder plan) {
        Rows x = plan.rows(0);
        Rows b = plan.rows(3);
        int state = plan.state((long) x.width() * b.width());
        plan.add(new ScanStage(
                state, x, plan.rows(1), plan.numbers(2), b, plan.rows(4), plan.numbers(5), plan.out(0, x.space())));
    }

    @Override
    public void run(Pass pass) {
        int blocks = Math.ceilDiv(x.width(), BLOCK);
        int items = blocks * pass.segments().size();
        pass.team().each(items, x.elements() * b.width(), (item, _) -> {
            Segment segment = pass.segments().get(item / blocks);
            int first = item % blocks * BLOCK;
            int last = Math.min(x.width(), first + BLOCK);
            float[] h = segment.state().numbers(state);
            for (int row = segment.row(); row < segment.row() + segment.rows(); row++) {
                for (int i = first; i < last; i += LANES) {
                    step(row, i, Math.min(LANES, last - i), h);
                }
            }
        });
    }

    /** One token's channels {@code i .. i+count-1}. */
    private void step(int row, int i, int count, float[] h) {
        int channels = x.width();
        VectorMask<Float> mask = SPECIES.indexInRange(0, count);
        FloatVector value = FloatVector.fromArray(SPECIES, x.data(), x.at(row) + i, mask);
        FloatVector time = FloatVector.fromArray(SPECIES, dt.data(), dt.at(row) + i, mask);
        FloatVector sum = FloatVector.fromArray(SPECIES, d, i, mask).mul(value);
        FloatVector input = time.mul(value);
        float[] bs = b.data();
        float[] cs = c.data();
        int bAt = b.at(row);
        int cAt = c.at(row);
        for (int n = 0; n < b.width(); n++) {
            int at = n * channels + i;
            FloatVector decay =
                    VectorMath.exp(FloatVector.fromArray(SPECIES, a, at, mask).mul(time));
            FloatVector next =
                    FloatVector.fromArray(SPECIES, h, at, mask).mul(decay).add(input.mul(bs[bAt + n]));
            next.intoArray(h, at, mask);
            sum = sum.add(next.mul(cs[cAt + n]));
        }
        sum.intoArray(out.data(), out.at(row) + i, mask);
    }
}
