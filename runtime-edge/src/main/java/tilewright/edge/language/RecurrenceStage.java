package tilewright.edge.language;

import java.util.Arrays;
import tilewright.model.graph.LinearRecurrence;

/**
 * {@link LinearRecurrence}: head by head, token by token.
 *
 * <p>The state is [heads, keyWidth, valueWidth].
 */
final class RecurrenceStage implements Stage {
    private final LinearRecurrence op;
    private final int state;
    private final Rows q;
    private final Rows k;
    private final Rows v;
    private final Rows decay;
    private final float[] fixedDecay;
    private final Rows beta;
    private final Rows out;

    /**
     * A bound recurrence; the result must take no operand's place.
     *
     * @param state the number of its state in a {@link SequenceState}
     * @param decay null when it does not depend on the token
     * @param fixedDecay [heads], null when it does
     * @param beta null without delta rule
     */
    RecurrenceStage(
            LinearRecurrence op,
            int state,
            Rows q,
            Rows k,
            Rows v,
            Rows decay,
            float[] fixedDecay,
            Rows beta,
            Rows out) {
        this.op = op;
        this.state = state;
        this.q = q;
        this.k = k;
        this.v = v;
        this.decay = decay;
        this.fixedDecay = fixedDecay;
        this.beta = beta;
        this.out = out;
    }

    @Override
    public void run(Pass pass) {
        int items = op.heads() * pass.segments().size();
        long cost = 3L * q.rows() * op.heads() * op.keyWidth() * op.valueWidth() / 8;
        pass.team().each(items, cost, (item, scratch) -> {
            Segment segment = pass.segments().get(item / op.heads());
            float[] update = scratch.floats(0, op.valueWidth());
            float[] s = segment.state().numbers(state);
            for (int row = segment.row(); row < segment.row() + segment.rows(); row++) {
                step(row, item % op.heads(), s, update);
            }
        });
    }

    private void step(int row, int head, float[] s, float[] update) {
        int keyWidth = op.keyWidth();
        int valueWidth = op.valueWidth();
        int shared = head / (op.heads() / op.keyHeads()) * keyWidth;
        int from = head * keyWidth * valueWidth;
        int key = k.at(row) + shared;
        int query = q.at(row) + shared;
        int value = v.at(row) + head * valueWidth;
        int to = out.at(row) + head * valueWidth;
        float logDecay = decay == null ? fixedDecay[head] : decay.data()[decay.at(row) + head];
        float keep = (float) Math.exp(logDecay);
        for (int i = 0; i < keyWidth; i++) {
            ElementLoops.scale(s, from + i * valueWidth, keep, s, from + i * valueWidth, valueWidth);
        }
        if (beta == null) {
            System.arraycopy(v.data(), value, update, 0, valueWidth);
        } else {
            Arrays.fill(update, 0, valueWidth, 0);
            for (int i = 0; i < keyWidth; i++) {
                ElementLoops.addScaled(s, from + i * valueWidth, k.data()[key + i], update, 0, valueWidth);
            }
            float rate = beta.data()[beta.at(row) + head];
            for (int j = 0; j < valueWidth; j++) {
                update[j] = rate * (v.data()[value + j] - update[j]);
            }
        }
        Arrays.fill(out.data(), to, to + valueWidth, 0);
        for (int i = 0; i < keyWidth; i++) {
            int at = from + i * valueWidth;
            ElementLoops.addScaled(update, 0, k.data()[key + i], s, at, valueWidth);
            ElementLoops.addScaled(s, at, q.data()[query + i], out.data(), to, valueWidth);
        }
    }
}
