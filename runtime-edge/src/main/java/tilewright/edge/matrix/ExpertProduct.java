package tilewright.edge.matrix;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The product of rows grouped by expert with their experts' matrices: gate and up, the unit between, down.
 *
 * <p>Reusable for any layer; it keeps its buffers. One thread at a time may call it. An expert without rows is not acquired.
 */
public final class ExpertProduct {
    /** What lies between the first matrices and the last. */
    @FunctionalInterface
    public interface Unit {
        /**
         * Replaces {@code gate[at .. at + count - 1]} by the unit's values.
         *
         * @param up at the same places, or null for plain experts
         */
        void apply(float[] gate, float[] up, int at, int count);
    }

    /**
     * A layer of experts.
     *
     * @param weights the experts
     * @param gateBias [experts, hidden], or null
     * @param upBias [experts, hidden], or null
     * @param downBias [experts, outputs], or null
     * @param unit between the first matrices and the last; called by several threads at once
     */
    public record Layer(ExpertWeights weights, float[] gateBias, float[] upBias, float[] downBias, Unit unit) {}

    /** The rows of one expert. */
    private record Group(int expert, int first, int last) {
        int rows() {
            return last - first;
        }
    }

    /** Some panels of one expert. */
    private record Piece(Group group, ExpertWeights.Expert expert, int firstPanel, int lastPanel) {}

    private final MatrixKernels kernels;
    private final Activations input;
    private final Activations inner;
    private float[] gate = new float[0];
    private float[] up = new float[0];

    /** A product computed by these kernels. */
    public ExpertProduct(MatrixKernels kernels) {
        this.kernels = kernels;
        this.input = kernels.activations();
        this.inner = kernels.activations();
    }

    /**
     * Computes the output row of every queue row.
     *
     * @param queue rows of the experts' width, grouped by expert in ascending order
     * @param queueAt where row 0 begins
     * @param queueStride from one row to the next
     * @param offsets experts + 1 entries: expert e has the rows {@code offsets[e] .. offsets[e + 1] - 1}
     * @param out takes {@code offsets[experts]} rows
     * @param outAt where row 0 goes
     * @param outStride from one row to the next
     * @throws IllegalArgumentException when offsets do not begin at 0 or descend
     */
    public void multiply(
            Parallel threads,
            Layer layer,
            ActivationPrecision precision,
            float[] queue,
            int queueAt,
            int queueStride,
            int[] offsets,
            float[] out,
            int outAt,
            int outStride) {
        ExpertWeights weights = layer.weights();
        List<Group> groups = groups(offsets, weights.experts());
        if (groups.isEmpty()) {
            return;
        }
        int routed = groups.getLast().last();
        boolean few = groups.stream().anyMatch(group -> group.rows() <= Activations.directRows(precision));
        input.resize(routed, weights.width(), precision, few);
        inner.resize(routed, weights.hidden(), precision, few);
        int elements = Math.multiplyExact(routed, weights.hidden());
        gate = gate.length < elements ? new float[elements] : gate;
        up = up.length < elements ? new float[elements] : up;
        load(threads, input, queue, queueAt, queueStride);
        // Large groups first, so that the threads finish together.
        groups.sort(Comparator.comparingInt(Group::rows).reversed().thenComparingInt(Group::expert));
        int[] experts = groups.stream().mapToInt(Group::expert).toArray();
        int[] rows = groups.stream().mapToInt(Group::rows).toArray();
        try (ExpertWeights.Step step = weights.begin(experts, rows)) {
            if (threads.threads() == 1 || groups.size() >= 4 * threads.threads()) {
                threads.forEach(groups.size(), (_, scratch) -> {
                    int place = step.take();
                    Group group = groups.get(place);
                    ExpertWeights.Expert expert = step.expert(place);
                    first(
                            layer,
                            expert,
                            new Piece(group, expert, 0, expert.gate().panels()),
                            scratch);
                    inner.load(group.first(), group.last(), gate, 0, weights.hidden());
                    Piece piece = new Piece(group, expert, 0, expert.down().panels());
                    last(layer, expert, piece, out, outAt, outStride, scratch);
                    step.done(place);
                });
            } else {
                List<Integer> places = new ArrayList<>();
                for (int place = step.take(); place >= 0; place = step.take()) {
                    places.clear();
                    for (; place >= 0; place = step.poll()) {
                        places.add(place);
                    }
                    present(threads, layer, groups, places, step, out, outAt, outStride);
                    places.forEach(step::done);
                }
            }
        }
    }

    /** Computes some experts that are there, each shared among the threads. */
    private void present(
            Parallel threads,
            Layer layer,
            List<Group> groups,
            List<Integer> places,
            ExpertWeights.Step step,
            float[] out,
            int outAt,
            int outStride) {
        ExpertWeights weights = layer.weights();
        each(
                threads,
                pieces(threads, groups, places, step, weights.hidden()),
                (piece, scratch) -> first(layer, piece.expert(), piece, scratch));
        int rows = 0;
        for (int place : places) {
            rows += groups.get(place).rows();
        }
        int chunk = Math.ceilDiv(rows, 2 * threads.threads());
        List<int[]> ranges = new ArrayList<>();
        for (int place : places) {
            Group group = groups.get(place);
            for (int from = group.first(); from < group.last(); from += chunk) {
                ranges.add(new int[] {from, Math.min(group.last(), from + chunk)});
            }
        }
        threads.forEach(
                ranges.size(),
                (item, _) -> inner.load(ranges.get(item)[0], ranges.get(item)[1], gate, 0, weights.hidden()));
        each(
                threads,
                pieces(threads, groups, places, step, weights.outputs()),
                (piece, scratch) -> last(layer, piece.expert(), piece, out, outAt, outStride, scratch));
    }

    private static List<Group> groups(int[] offsets, int experts) {
        if (offsets[0] != 0) {
            throw new IllegalArgumentException("expert 0's rows begin at " + offsets[0] + ", expected 0");
        }
        List<Group> groups = new ArrayList<>();
        for (int expert = 0; expert < experts; expert++) {
            if (offsets[expert + 1] < offsets[expert]) {
                throw new IllegalArgumentException("expert " + expert + "'s rows end at " + offsets[expert + 1]
                        + ", before their begin at " + offsets[expert]);
            }
            if (offsets[expert + 1] > offsets[expert]) {
                groups.add(new Group(expert, offsets[expert], offsets[expert + 1]));
            }
        }
        return groups;
    }

    private static void load(Parallel threads, Activations to, float[] from, int at, int stride) {
        int rows = Math.ceilDiv(to.rows(), 2 * threads.threads());
        threads.forEach(
                Math.ceilDiv(to.rows(), rows),
                (item, scratch) -> to.load(item * rows, Math.min(to.rows(), (item + 1) * rows), from, at, stride));
    }

    /** Cuts the experts' rows into pieces of about equal size, several for each thread. */
    private static List<Piece> pieces(
            Parallel threads, List<Group> groups, List<Integer> places, ExpertWeights.Step step, int rows) {
        int panels = Math.ceilDiv(rows, PanelLayout.PANEL_ROWS);
        int chunk = Math.max(2, Math.ceilDiv(panels * places.size(), 4 * threads.threads()));
        int perExpert = Math.ceilDiv(panels, chunk);
        int even = Math.ceilDiv(Math.ceilDiv(panels, perExpert), 2) * 2;
        List<Piece> pieces = new ArrayList<>();
        for (int place : places) {
            ExpertWeights.Expert expert = step.expert(place);
            for (int panel = 0; panel < panels; panel += even) {
                pieces.add(new Piece(groups.get(place), expert, panel, Math.min(panels, panel + even)));
            }
        }
        return pieces;
    }

    @FunctionalInterface
    private interface PieceWork {
        void run(Piece piece, KernelScratch scratch);
    }

    private static void each(Parallel threads, List<Piece> pieces, PieceWork work) {
        threads.forEach(pieces.size(), (item, scratch) -> work.run(pieces.get(item), scratch));
    }

    private void first(Layer layer, ExpertWeights.Expert expert, Piece piece, KernelScratch scratch) {
        int hidden = layer.weights().hidden();
        Group group = piece.group();
        int at = group.first() * hidden;
        int biasAt = group.expert() * hidden;
        multiply(expert.gate(), input, piece, layer.gateBias(), biasAt, gate, at, hidden, scratch);
        if (expert.up() != null) {
            multiply(expert.up(), input, piece, layer.upBias(), biasAt, up, at, hidden, scratch);
        }
        int from = piece.firstPanel() * PanelLayout.PANEL_ROWS;
        int to = Math.min(hidden, piece.lastPanel() * PanelLayout.PANEL_ROWS);
        for (int row = 0; row < group.rows(); row++) {
            layer.unit().apply(gate, expert.up() == null ? null : up, at + row * hidden + from, to - from);
        }
    }

    private void last(
            Layer layer,
            ExpertWeights.Expert expert,
            Piece piece,
            float[] out,
            int outAt,
            int outStride,
            KernelScratch scratch) {
        int biasAt = piece.group().expert() * layer.weights().outputs();
        int at = outAt + piece.group().first() * outStride;
        multiply(expert.down(), inner, piece, layer.downBias(), biasAt, out, at, outStride, scratch);
    }

    private void multiply(
            MatrixWeights weights,
            Activations x,
            Piece piece,
            float[] bias,
            int biasAt,
            float[] y,
            int yAt,
            int yStride,
            KernelScratch scratch) {
        Group group = piece.group();
        kernels.multiply(
                weights,
                x,
                group.first(),
                group.rows(),
                piece.firstPanel(),
                piece.lastPanel(),
                bias,
                biasAt,
                y,
                yAt,
                yStride,
                scratch);
    }
}
