package tilewright.edge.language;

import java.util.Arrays;
import tilewright.model.graph.LightningAttention;

/**
 * {@link LightningAttention}: head by head, token by token.
 *
 * <p>The state is, for each head, the sum over the blocks before [keyWidth, valueWidth], and of the block that has begun the keys
 * [keyWidth, block] and the values [block, valueWidth].
 */
final class LightningStage implements Stage {
    private final LightningAttention op;
    private final int state;
    private final Rows q;
    private final Rows k;
    private final Rows v;
    private final float[] within;
    private final float[] before;
    private final float[] after;
    private final float[] across;
    private final Rows out;

    /**
     * A bound lightning attention; the result must take no operand's place.
     *
     * @param state the number of its state in a {@link SequenceState}, of as many numbers as the class comment says
     * @param tables within, before, after [heads, block], across [heads]
     */
    LightningStage(LightningAttention op, int state, Rows q, Rows k, Rows v, float[][] tables, Rows out) {
        this.op = op;
        this.state = state;
        this.q = q;
        this.k = k;
        this.v = v;
        this.within = tables[0];
        this.before = tables[1];
        this.after = tables[2];
        this.across = tables[3];
        this.out = out;
    }

    /** Adds a node's stage to a plan. */
    static void bind(LightningAttention op, PlanBuilder plan) {
        Rows q = plan.rows(0);
        float[][] tables = {plan.numbers(3), plan.numbers(4), plan.numbers(5), plan.numbers(6)};
        int state = plan.state(stateLength(op));
        plan.add(new LightningStage(op, state, q, plan.rows(1), plan.rows(2), tables, plan.out(0, q.space())));
    }

    /** The numbers that a sequence keeps. */
    private static long stateLength(LightningAttention op) {
        return (long) op.heads() * headLength(op);
    }

    private static long headLength(LightningAttention op) {
        return (long) op.keyWidth() * op.valueWidth() + (long) op.block() * (op.keyWidth() + op.valueWidth());
    }

    @Override
    public void run(Pass pass) {
        int items = op.heads() * pass.segments().size();
        long cost =
                (long) q.rows() * op.heads() * (op.keyWidth() + op.valueWidth()) * (op.block() + op.keyWidth()) / 16;
        pass.team().each(items, cost, (item, scratch) -> {
            Segment segment = pass.segments().get(item / op.heads());
            float[] scores = scratch.floats(0, op.block());
            float[] kept = segment.state().numbers(state);
            for (int row = 0; row < segment.rows(); row++) {
                step(segment.row() + row, (segment.position() + row) % op.block(), item % op.heads(), kept, scores);
            }
        });
    }

    private void step(int row, int i, int head, float[] kept, float[] scores) {
        int keyWidth = op.keyWidth();
        int valueWidth = op.valueWidth();
        int block = op.block();
        int sums = Math.toIntExact(head * headLength(op));
        int keys = sums + keyWidth * valueWidth;
        int values = keys + keyWidth * block;
        int query = q.at(row) + head * keyWidth;
        int key = k.at(row) + head * keyWidth;
        int to = out.at(row) + head * valueWidth;
        for (int d = 0; d < keyWidth; d++) {
            kept[keys + d * block + i] = k.data()[key + d];
        }
        System.arraycopy(v.data(), v.at(row) + head * valueWidth, kept, values + i * valueWidth, valueWidth);
        Arrays.fill(scores, 0, i + 1, 0);
        Arrays.fill(out.data(), to, to + valueWidth, 0);
        float factor = before[head * block + i];
        for (int d = 0; d < keyWidth; d++) {
            float x = q.data()[query + d];
            ElementLoops.addScaled(kept, keys + d * block, x, scores, 0, i + 1);
            ElementLoops.addScaled(kept, sums + d * valueWidth, x * factor, out.data(), to, valueWidth);
        }
        for (int j = 0; j <= i; j++) {
            float score = scores[j] * within[head * block + i - j];
            ElementLoops.addScaled(kept, values + j * valueWidth, score, out.data(), to, valueWidth);
        }
        if (i == block - 1) {
            absorb(head, kept, sums, keys, values);
        }
    }

    /** The block is full: its keys and values go into the sum. */
    private void absorb(int head, float[] kept, int sums, int keys, int values) {
        int valueWidth = op.valueWidth();
        int block = op.block();
        for (int d = 0; d < op.keyWidth(); d++) {
            int at = sums + d * valueWidth;
            ElementLoops.scale(kept, at, across[head], kept, at, valueWidth);
            for (int j = 0; j < block; j++) {
                float factor = after[head * block + j] * kept[keys + d * block + j];
                ElementLoops.addScaled(kept, values + j * valueWidth, factor, kept, at, valueWidth);
            }
        }
    }
}
