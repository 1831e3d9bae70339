package tilewright.edge.language;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import tilewright.model.graph.LinearRecurrence;

/**
 * {@link LinearRecurrence}: some columns of a head's state at a time, token by token; columns do not meet each other.
 *
 * <p>The state is [heads, keyWidth, valueWidth].
 */
final class RecurrenceStage implements Stage {
    /** Columns of an item: with keys of 128 their state stays in the first-level cache. */
    private static final int BLOCK = 4 * LANES;

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

    /** Adds a node's stage to a plan. */
    static void bind(LinearRecurrence op, PlanBuilder plan) {
        Rows q = plan.rows(0);
        int state = plan.state((long) op.heads() * op.keyWidth() * op.valueWidth());
        boolean fixed = plan.operand(3) instanceof Constant;
        plan.add(new RecurrenceStage(
                op,
                state,
                q,
                plan.rows(1),
                plan.rows(2),
                fixed ? null : plan.rows(3),
                fixed ? plan.numbers(3) : null,
                op.delta() ? plan.rows(4) : null,
                plan.out(0, q.space())));
    }

    @Override
    public void run(Pass pass) {
        int blocks = Math.ceilDiv(op.valueWidth(), BLOCK);
        int items = op.heads() * blocks * pass.segments().size();
        long cost = 3L * q.rows() * op.heads() * op.keyWidth() * op.valueWidth() / LANES;
        pass.team().each(items, cost, (item, _) -> {
            Segment segment = pass.segments().get(item / blocks / op.heads());
            int first = item % blocks * BLOCK;
            float[] s = segment.state().numbers(state);
            for (int row = segment.row(); row < segment.row() + segment.rows(); row++) {
                step(row, item / blocks % op.heads(), first, s);
            }
        });
    }

    /** One token of one head: columns {@code first .. first+BLOCK-1} of its state, or as many as there are. */
    private void step(int row, int head, int first, float[] s) {
        int keyWidth = op.keyWidth();
        int valueWidth = op.valueWidth();
        int shared = head / (op.heads() / op.keyHeads()) * keyWidth;
        int from = head * keyWidth * valueWidth + first;
        int key = k.at(row) + shared;
        int query = q.at(row) + shared;
        int value = v.at(row) + head * valueWidth + first;
        int to = out.at(row) + head * valueWidth + first;
        float logDecay = decay == null ? fixedDecay[head] : decay.data()[decay.at(row) + head];
        float keep = (float) Math.exp(logDecay);
        int columns = Math.min(BLOCK, valueWidth - first);
        float[] update = out.data();
        if (beta == null) {
            System.arraycopy(v.data(), value, update, to, columns);
        } else {
            float rate = beta.data()[beta.at(row) + head];
            if (columns == BLOCK) {
                read(s, from, valueWidth, k.data(), key, keyWidth, update, to);
            } else {
                readColumns(s, from, valueWidth, k.data(), key, keyWidth, update, to, columns);
            }
            for (int j = 0; j < columns; j++) {
                update[to + j] = rate * (v.data()[value + j] - keep * update[to + j]);
            }
        }
        if (columns == BLOCK) {
            write(s, from, valueWidth, keep, k.data(), key, q.data(), query, keyWidth, update, to);
        } else {
            writeColumns(s, from, valueWidth, keep, k.data(), key, q.data(), query, keyWidth, update, to, columns);
        }
    }

    /** {@code out = S^T k} for a block of columns. */
    private static void read(float[] s, int at, int stride, float[] k, int key, int count, float[] out, int to) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = FloatVector.zero(SPECIES);
        FloatVector c = FloatVector.zero(SPECIES);
        FloatVector d = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i++) {
            FloatVector x = FloatVector.broadcast(SPECIES, k[key + i]);
            int row = at + i * stride;
            a = x.fma(FloatVector.fromArray(SPECIES, s, row), a);
            b = x.fma(FloatVector.fromArray(SPECIES, s, row + LANES), b);
            c = x.fma(FloatVector.fromArray(SPECIES, s, row + 2 * LANES), c);
            d = x.fma(FloatVector.fromArray(SPECIES, s, row + 3 * LANES), d);
        }
        a.intoArray(out, to);
        b.intoArray(out, to + LANES);
        c.intoArray(out, to + 2 * LANES);
        d.intoArray(out, to + 3 * LANES);
    }

    /** {@link #read} for any number of columns. */
    private static void readColumns(
            float[] s, int at, int stride, float[] k, int key, int count, float[] out, int to, int columns) {
        Arrays.fill(out, to, to + columns, 0);
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < columns; j++) {
                out[to + j] += k[key + i] * s[at + i * stride + j];
            }
        }
    }

    /** {@code S = keep S + k u^T; u = S^T q} for a block of columns, two vectors at a time. */
    private static void write(
            float[] s,
            int at,
            int stride,
            float keep,
            float[] k,
            int key,
            float[] q,
            int query,
            int count,
            float[] u,
            int to) {
        for (int half = 0; half < BLOCK; half += 2 * LANES) {
            FloatVector u0 = FloatVector.fromArray(SPECIES, u, to + half);
            FloatVector u1 = FloatVector.fromArray(SPECIES, u, to + half + LANES);
            FloatVector a = FloatVector.zero(SPECIES);
            FloatVector b = FloatVector.zero(SPECIES);
            for (int i = 0; i < count; i++) {
                int row = at + half + i * stride;
                FloatVector s0 = FloatVector.fromArray(SPECIES, s, row).mul(keep);
                FloatVector s1 = FloatVector.fromArray(SPECIES, s, row + LANES).mul(keep);
                FloatVector x = FloatVector.broadcast(SPECIES, k[key + i]);
                s0 = x.fma(u0, s0);
                s1 = x.fma(u1, s1);
                s0.intoArray(s, row);
                s1.intoArray(s, row + LANES);
                FloatVector y = FloatVector.broadcast(SPECIES, q[query + i]);
                a = y.fma(s0, a);
                b = y.fma(s1, b);
            }
            a.intoArray(u, to + half);
            b.intoArray(u, to + half + LANES);
        }
    }

    /** {@link #write} for any number of columns. */
    private static void writeColumns(
            float[] s,
            int at,
            int stride,
            float keep,
            float[] k,
            int key,
            float[] q,
            int query,
            int count,
            float[] u,
            int to,
            int columns) {
        for (int j = 0; j < columns; j++) {
            float update = u[to + j];
            float sum = 0;
            for (int i = 0; i < count; i++) {
                int place = at + i * stride + j;
                s[place] = s[place] * keep + k[key + i] * update;
                sum += q[query + i] * s[place];
            }
            u[to + j] = sum;
        }
    }
}
