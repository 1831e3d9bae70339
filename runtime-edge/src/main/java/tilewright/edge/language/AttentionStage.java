package tilewright.edge.language;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.PANEL;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import tilewright.edge.matrix.NativeLoops;
import tilewright.edge.vector.MatrixProduct;
import tilewright.edge.vector.VectorMath;
import tilewright.model.graph.Activation;
import tilewright.model.graph.AttentionSettings;
import tilewright.model.graph.InvalidGraphException;

/**
 * {@link tilewright.model.graph.MaskedAttention} over cached keys and values, page by page with a softmax that is rescaled as
 * its maximum grows (Milakov and Gimelshein 2018, arXiv 1805.02867).
 *
 * <p>A block of a sequence's rows runs with all query heads of one key-value head, so that keys are read once for them. What a
 * row computes depends on its position and on the pages only, not on the rows beside it.
 */
final class AttentionStage implements Stage {
    /** Queries of a block: whole register tiles. */
    private static final int BLOCK_QUERIES = 48;

    private static final float[] ZEROS = new float[PANEL];

    private final AttentionSettings settings;
    private final PageShape shape;
    private final int cache;
    private final Rows q;
    private final Rows k;
    private final Rows v;
    private final Rows out;
    private final float[] sinks;
    private final RelativeBiases biases;
    private int[] blockSegment = new int[16];
    private int[] blockHead = new int[16];
    private int[] blockRow = new int[16];
    private int blocks;

    /**
     * A bound attention.
     *
     * @param cache the number of its cache in a {@link SequenceState}
     * @param k null when the cache is filled already: cross attention
     * @param v likewise
     * @param sinks null for none
     * @param biases null for none
     */
    AttentionStage(
            AttentionSettings settings,
            PageShape shape,
            int cache,
            Rows q,
            Rows k,
            Rows v,
            float[] sinks,
            RelativeBiases biases,
            Rows out) {
        this.settings = settings;
        this.shape = shape;
        this.cache = cache;
        this.q = q;
        this.k = k;
        this.v = v;
        this.out = out;
        this.sinks = sinks;
        this.biases = biases;
    }

    /**
     * Adds a node's stage to a plan, and its cache.
     *
     * @param options say how large a cache's pages are, and in what form the decoder's hold keys and values
     */
    static void bind(AttentionSettings settings, EngineOptions options, PlanBuilder plan) {
        Rows q = plan.rows(0);
        boolean cross = plan.crosses(1);
        if (cross != plan.crosses(2)) {
            throw new InvalidGraphException("reads keys '" + plan.name(1) + "' and values '" + plan.name(2)
                    + "', of which the encoder makes only one");
        }
        if (!cross && !plan.ofEncoder() && !settings.causal()) {
            throw new InvalidGraphException(
                    "sees tokens after its own, which have not come yet; expected causal attention in a decoder");
        }
        PageShape shape = new PageShape(
                settings.keyValueHeads(),
                settings.keyWidth(),
                settings.valueWidth(),
                options.pageTokens(),
                plan.ofEncoder() ? CacheFormat.F32 : options.cacheFormat());
        int cache = cross
                ? plan.crossCache(shape, settings, plan.name(1), plan.name(2))
                : plan.growingCache(shape, settings);
        int table = 3 + (settings.sinks() ? 1 : 0);
        RelativeBiases biases = settings.relativeBias() == null
                ? null
                : new RelativeBiases(settings.relativeBias(), plan.numbers(table), settings.heads());
        plan.add(new AttentionStage(
                settings,
                shape,
                cache,
                q,
                cross ? null : plan.rows(1),
                cross ? null : plan.rows(2),
                settings.sinks() ? plan.numbers(3) : null,
                biases,
                plan.out(0, q.space())));
    }

    @Override
    public void run(Pass pass) {
        if (k != null) {
            append(pass);
        }
        int group = settings.heads() / settings.keyValueHeads();
        int rows = Math.max(1, BLOCK_QUERIES / group);
        long cost = block(pass, rows);
        pass.team().each(blocks, cost, (item, scratch) -> {
            Segment segment = pass.segments().get(blockSegment[item]);
            int first = blockRow[item];
            attend(segment, blockHead[item], first, Math.min(rows, segment.rows() - first), scratch);
        });
        if (k != null && settings.causal()) {
            for (int i = 0; i < pass.segments().size(); i++) {
                AttentionCache kept = pass.segments().get(i).state().cache(cache);
                kept.dropBefore((int) settings.firstVisible(kept.tokens()));
            }
        }
    }

    /** Writes the new keys and values into the caches. */
    private void append(Pass pass) {
        int heads = shape.heads();
        pass.team().each(pass.segments().size() * heads, k.elements() + v.elements(), (item, _) -> {
            Segment segment = pass.segments().get(item / heads);
            int head = item % heads;
            segment.state()
                    .cache(cache)
                    .write(
                            head,
                            segment.rows(),
                            k.data(),
                            k.at(segment.row()) + head * shape.keyWidth(),
                            k.stride(),
                            v.data(),
                            v.at(segment.row()) + head * shape.valueWidth(),
                            v.stride());
        });
        for (int i = 0; i < pass.segments().size(); i++) {
            Segment segment = pass.segments().get(i);
            segment.state().cache(cache).advance(segment.rows());
        }
    }

    /** Cuts the pass into blocks and returns the elementary operations of all. */
    private long block(Pass pass, int rows) {
        blocks = 0;
        long cost = 0;
        for (int s = 0; s < pass.segments().size(); s++) {
            Segment segment = pass.segments().get(s);
            long visible = segment.state().cache(cache).tokens();
            cost += segment.rows() * visible * settings.heads() * (shape.keyWidth() + shape.valueWidth()) / LANES;
            for (int row = 0; row < segment.rows(); row += rows) {
                for (int head = 0; head < settings.keyValueHeads(); head++) {
                    if (blocks == blockSegment.length) {
                        blockSegment = Arrays.copyOf(blockSegment, 2 * blocks);
                        blockHead = Arrays.copyOf(blockHead, 2 * blocks);
                        blockRow = Arrays.copyOf(blockRow, 2 * blocks);
                    }
                    blockSegment[blocks] = s;
                    blockHead[blocks] = head;
                    blockRow[blocks++] = row;
                }
            }
        }
        return cost;
    }

    private void attend(Segment segment, int head, int first, int rows, Scratch scratch) {
        AttentionCache kept = segment.state().cache(cache);
        int group = settings.heads() / settings.keyValueHeads();
        int queries = rows * group;
        int tokens = shape.tokens();
        int valueWidth = shape.paddedValueWidth();
        float[] query = scratch.floats(0, queries * shape.keyWidth());
        float[] softmax = scratch.floats(1, 3 * queries + LANES);
        float[] sums = scratch.floats(2, queries * valueWidth);
        float[] scores = scratch.floats(3, queries * tokens);
        float[] widened = scratch.floats(4, tokens * Math.max(shape.keyWidth(), valueWidth));
        float[] added = scratch.floats(5, queries * valueWidth);
        gather(segment.row() + first, head, rows, query);
        for (int i = 0; i < queries; i++) {
            softmax[3 * i] = sinks == null ? Float.NEGATIVE_INFINITY : sinks[head * group + i % group];
            softmax[3 * i + 1] = sinks == null ? 0 : 1;
        }
        Arrays.fill(sums, 0, queries * valueWidth, 0);
        int position = segment.position() + first;
        int firstPage = (int) settings.firstVisible(position) / tokens;
        int lastPage = (int) settings.lastVisible(position + rows - 1L, kept.tokens()) / tokens;
        for (int number = firstPage; number <= lastPage; number++) {
            Page page = kept.page(number);
            MemorySegment panels = page.openKeys(head, widened);
            multiplyPanels(
                    query,
                    shape.keyWidth(),
                    queries,
                    panels,
                    widened,
                    shape.keyWidth(),
                    tokens / PANEL,
                    scores,
                    tokens);
            for (int i = 0; i < queries; i++) {
                weigh(
                        head * group + i % group,
                        position + i / group,
                        number * tokens,
                        kept.tokens(),
                        scores,
                        i * tokens,
                        softmax,
                        3 * i,
                        3 * queries);
            }
            panels = page.openValues(head, widened);
            multiplyPanels(scores, tokens, queries, panels, widened, tokens, shape.valuePanels(), added, valueWidth);
            for (int i = 0; i < queries; i++) {
                ElementLoops.rescaleAndAdd(added, i * valueWidth, softmax[3 * i + 2], sums, i * valueWidth, valueWidth);
            }
        }
        for (int i = 0; i < queries; i++) {
            int to = out.at(segment.row() + first + i / group) + (head * group + i % group) * shape.valueWidth();
            ElementLoops.scale(sums, i * valueWidth, 1 / softmax[3 * i + 1], out.data(), to, shape.valueWidth());
        }
    }

    /** {@link MatrixProduct#multiplyPanels} with opened panels of a page: of the array where the loops are in Java. */
    private static void multiplyPanels(
            float[] a,
            int aStride,
            int rows,
            MemorySegment panels,
            float[] widened,
            int width,
            int panelCount,
            float[] c,
            int cStride) {
        if (ElementLoops.nativeLoops) {
            NativeLoops.multiplyPanels(a, 0, aStride, rows, panels, 0, width, panelCount, c, 0, cStride);
        } else {
            MatrixProduct.multiplyPanels(a, 0, aStride, rows, widened, 0, width, panelCount, ZEROS, c, 0, cStride);
        }
    }

    /** The scaled queries of some rows, row by row, of all heads of one key-value head. */
    private void gather(int row, int head, int rows, float[] query) {
        int group = settings.heads() / settings.keyValueHeads() * shape.keyWidth();
        for (int r = 0; r < rows; r++) {
            ElementLoops.scale(
                    q.data(), q.at(row + r) + head * group, (float) settings.scale(), query, r * group, group);
        }
    }

    /**
     * Turns one query's scores with a page's keys into weights, 0 for hidden keys, and updates its softmax: the maximum, the
     * sum, and the factor for what was summed before.
     */
    private void weigh(
            int head, int position, int base, int keys, float[] scores, int at, float[] softmax, int state, int lanes) {
        int tokens = shape.tokens();
        int from = (int) Math.max(0, settings.firstVisible(position) - base);
        int to = (int) Math.min(tokens, settings.lastVisible(position, keys) + 1 - base);
        if (from >= to) {
            Arrays.fill(scores, at, at + tokens, 0);
            softmax[state + 2] = 1;
            return;
        }
        adjust(head, base - position, from, to, scores, at);
        if (ElementLoops.nativeLoops) {
            NativeLoops.weigh(scores, at, tokens, from, to, softmax[state], softmax, lanes);
            update(softmax, state, softmax[lanes], softmax[lanes + 1]);
            return;
        }
        Arrays.fill(scores, at, at + from, Float.NEGATIVE_INFINITY);
        Arrays.fill(scores, at + to, at + tokens, Float.NEGATIVE_INFINITY);
        float before = softmax[state];
        float most = Math.max(before, max(scores, at, tokens));
        exponentials(scores, at, tokens, most);
        Arrays.fill(scores, at, at + from, 0);
        Arrays.fill(scores, at + to, at + tokens, 0);
        float sum = sum(scores, at, tokens, softmax, lanes);
        update(softmax, state, most, sum);
    }

    /** Updates a softmax: its maximum, its sum, and the factor for what was summed before. */
    private static void update(float[] softmax, int state, float most, float sum) {
        float before = softmax[state];
        float factor = before == most ? 1 : (float) Math.exp((double) before - most);
        softmax[state] = most;
        softmax[state + 1] = softmax[state + 1] * factor + sum;
        softmax[state + 2] = factor;
    }

    /** Soft capping and biases of the scores {@code from .. to-1}; key {@code i} is {@code distance + i} from the query. */
    private void adjust(int head, int distance, int from, int to, float[] scores, int at) {
        if (settings.softcap() > 0) {
            float cap = (float) settings.softcap();
            int count = to - from;
            ElementLoops.scale(scores, at + from, 1 / cap, scores, at + from, count);
            ElementLoops.activate(Activation.TANH, scores, at + from, scores, at + from, count);
            ElementLoops.scale(scores, at + from, cap, scores, at + from, count);
        }
        if (!settings.slopes().isEmpty()) {
            float slope = settings.slopes().get(head).floatValue();
            for (int i = from; i < to; i++) {
                scores[at + i] += slope * (distance + i);
            }
        }
        if (biases != null) {
            biases.add(head, distance, from, to, scores, at);
        }
    }

    private static float max(float[] x, int at, int count) {
        FloatVector most = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < count; i += LANES) {
            most = most.max(FloatVector.fromArray(SPECIES, x, at + i));
        }
        return most.reduceLanes(VectorOperators.MAX);
    }

    private static void exponentials(float[] x, int at, int count, float most) {
        for (int i = 0; i < count; i += LANES) {
            VectorMath.exp(FloatVector.fromArray(SPECIES, x, at + i).sub(most)).intoArray(x, at + i);
        }
    }

    private static float sum(float[] x, int at, int count, float[] lanes, int lanesAt) {
        FloatVector sums = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i += LANES) {
            sums = sums.add(FloatVector.fromArray(SPECIES, x, at + i));
        }
        sums.intoArray(lanes, lanesAt);
        return VectorMath.sum(lanes, lanesAt, LANES);
    }
}
