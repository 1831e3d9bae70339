package tilewright.model.family.language;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ParameterData;
import tilewright.model.tensor.DType;

/**
 * Weights made from weights by moving their elements: nothing is read until the result is, and rows stay encoded.
 *
 * <p>A result's name says how it was made, so that equal derivations are one parameter.
 */
final class WeightShapes {
    /** More runs of rows than this are copied into one part. */
    private static final int MAX_PARTS = 64;

    private static final int MAX_GROUPS = 1 << 22;
    private static final long MAX_PART_BYTES = 1 << 30;

    private WeightShapes() {}

    /** Consecutive rows of a matrix, from {@code first} on. */
    private record Run(long first, long count) {}

    /**
     * Part of every group: axis {@code axis} is cut into {@code groups} equal groups, and of each the indices from {@code
     * start} on are kept, {@code count} of them.
     */
    static Value.Weight take(Value.Weight weight, int groups, int start, int count, int axis) {
        long extent = extent(weight, axis);
        if (groups < 1
                || groups > MAX_GROUPS
                || extent % groups != 0
                || (long) start + count > extent / groups
                || count < 1) {
            throw Fault.author("cannot take " + count + " from " + start + " on of each of " + groups
                    + " groups in axis " + axis + " of " + described(weight));
        }
        long size = extent / groups;
        List<Run> runs = new ArrayList<>();
        for (long group = 0; group < groups; group++) {
            runs.add(new Run(group * size + start, count));
        }
        String name = weight.name() + "|take(" + groups + "," + start + "," + count + "," + axis + ")";
        return select(name, weight, merged(runs), axis);
    }

    /** The given indices of an axis, in their order. */
    static Value.Weight gather(Value.Weight weight, List<Integer> indices, int axis, String name) {
        long extent = extent(weight, axis);
        List<Run> runs = new ArrayList<>();
        for (int index : indices) {
            if (index >= extent) {
                throw Fault.author("index " + index + " is outside axis " + axis + " of " + described(weight));
            }
            runs.add(new Run(index, 1));
        }
        if (runs.isEmpty()) {
            throw Fault.author("gathers nothing from " + described(weight));
        }
        return select(name, weight, merged(runs), axis);
    }

    private static List<Run> merged(List<Run> runs) {
        List<Run> merged = new ArrayList<>();
        for (Run run : runs) {
            Run last = merged.isEmpty() ? null : merged.getLast();
            if (last != null && last.first() + last.count() == run.first()) {
                merged.set(merged.size() - 1, new Run(last.first(), last.count() + run.count()));
            } else {
                merged.add(run);
            }
        }
        return merged;
    }

    private static long extent(Value.Weight weight, int axis) {
        if (axis >= weight.shape().size()) {
            throw Fault.author(described(weight) + " has no axis " + axis);
        }
        return weight.shape().get(axis);
    }

    /** The runs of indices along an axis, for every index of the axes before it. */
    private static Value.Weight select(String name, Value.Weight weight, List<Run> runs, int axis) {
        List<Long> shape = new ArrayList<>(weight.shape());
        long extent = shape.get(axis);
        shape.set(axis, runs.stream().mapToLong(Run::count).sum());
        long before = product(weight.shape().subList(0, axis));
        long after = product(weight.shape().subList(axis + 1, weight.shape().size()));
        if (axis == weight.shape().size() - 1) {
            return new Value.Weight(name, shape, ParameterData.computed(() -> {
                double[] all = weight.data().load64();
                double[] kept = new double[Math.toIntExact(product(shape))];
                int at = 0;
                for (long row = 0; row < before; row++) {
                    for (Run run : runs) {
                        System.arraycopy(all, (int) (row * extent + run.first()), kept, at, (int) run.count());
                        at += (int) run.count();
                    }
                }
                return kept;
            }));
        }
        long rows = after / weight.shape().getLast();
        return new Value.Weight(name, shape, rows(name, weight, () -> {
            List<Run> all = new ArrayList<>();
            for (long outer = 0; outer < before; outer++) {
                for (Run run : runs) {
                    all.add(new Run((outer * extent + run.first()) * rows, run.count() * rows));
                }
            }
            return merged(all);
        }));
    }

    /** Runs of a weight's rows, encoded as the weight is, or computed as it is. */
    private static ParameterData rows(String name, Value.Weight weight, Supplier<List<Run>> runs) {
        return new ParameterData() {
            @Override
            public float[] load() {
                List<EncodedMatrix> stored = encoded();
                return stored.isEmpty()
                        ? ParameterData.computed(this::load64).load()
                        : checked().load();
            }

            @Override
            public double[] load64() {
                if (!weight.data().encoded().isEmpty()) {
                    return checked().load64();
                }
                double[] all = weight.data().load64();
                int width = Math.toIntExact(weight.shape().getLast());
                List<Run> kept = runs.get();
                double[] values = new double
                        [Math.toIntExact(kept.stream().mapToLong(Run::count).sum() * width)];
                int at = 0;
                for (Run run : kept) {
                    System.arraycopy(all, (int) (run.first() * width), values, at, (int) (run.count() * width));
                    at += (int) (run.count() * width);
                }
                return values;
            }

            private ParameterData checked() {
                return new StoredRows(name, this::encoded);
            }

            @Override
            public List<EncodedMatrix> encoded() {
                return sliced(weight.data().encoded(), runs.get());
            }
        };
    }

    /** Rows of consecutive parts: views when they are few, else copies. */
    private static List<EncodedMatrix> sliced(List<EncodedMatrix> parts, List<Run> runs) {
        if (parts.isEmpty()) {
            return List.of();
        }
        long[] starts = new long[parts.size() + 1];
        for (int i = 0; i < parts.size(); i++) {
            starts[i + 1] = starts[i] + parts.get(i).rows();
        }
        List<EncodedMatrix> views = new ArrayList<>();
        for (Run run : runs) {
            long at = run.first();
            long end = run.first() + run.count();
            while (at < end) {
                int part = Arrays.binarySearch(starts, at);
                part = part < 0 ? -part - 2 : part;
                long count = Math.min(end, starts[part + 1]) - at;
                views.add(parts.get(part).slice(at - starts[part], count));
                at += count;
            }
        }
        return views.size() <= MAX_PARTS || views.size() <= parts.size() ? views : copied(views);
    }

    /** Neighbours of one format and width, put together in parts of at most 1 GiB. */
    private static List<EncodedMatrix> copied(List<EncodedMatrix> views) {
        List<EncodedMatrix> joined = new ArrayList<>();
        int from = 0;
        while (from < views.size()) {
            EncodedMatrix first = views.get(from);
            long bytes = 0;
            long rows = 0;
            int to = from;
            while (to < views.size()
                    && views.get(to).format() == first.format()
                    && views.get(to).width() == first.width()
                    && (to == from || bytes + views.get(to).bytes().byteSize() <= MAX_PART_BYTES)) {
                bytes += views.get(to).bytes().byteSize();
                rows += views.get(to).rows();
                to++;
            }
            MemorySegment copy = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
            long at = 0;
            for (EncodedMatrix view : views.subList(from, to)) {
                MemorySegment.copy(view.bytes(), 0, copy, at, view.bytes().byteSize());
                at += view.bytes().byteSize();
            }
            joined.add(new EncodedMatrix(first.format(), rows, first.width(), copy));
            from = to;
        }
        return joined;
    }

    /** Weights one behind the other along their first axis. */
    static Value.Weight concatenated(List<Value.Weight> weights) {
        Value.Weight first = weights.getFirst();
        List<Long> shape = new ArrayList<>(first.shape());
        for (Value.Weight weight : weights.subList(1, weights.size())) {
            if (weight.shape().size() != shape.size()
                    || !weight.shape().subList(1, shape.size()).equals(shape.subList(1, shape.size()))) {
                throw Fault.author("cannot concatenate " + described(first) + " and " + described(weight));
            }
            shape.set(0, shape.getFirst() + weight.shape().getFirst());
        }
        String name = weights.stream().map(Value.Weight::name).collect(Collectors.joining("+", "(", ")"));
        Supplier<List<EncodedMatrix>> parts = () -> weights.stream()
                .flatMap(weight -> weight.data().encoded().stream())
                .toList();
        boolean vectors = shape.size() == 1;
        return new Value.Weight(name, shape, new ParameterData() {
            @Override
            public float[] load() {
                return ParameterData.computed(this::load64).load();
            }

            @Override
            public double[] load64() {
                double[] values = new double[Math.toIntExact(product(shape))];
                int at = 0;
                for (Value.Weight weight : weights) {
                    double[] piece = weight.data().load64();
                    System.arraycopy(piece, 0, values, at, piece.length);
                    at += piece.length;
                }
                return values;
            }

            @Override
            public List<EncodedMatrix> encoded() {
                boolean stored = !vectors
                        && weights.stream()
                                .noneMatch(weight -> weight.data().encoded().isEmpty());
                return stored ? parts.get() : List.of();
            }
        });
    }

    /** The same elements in another shape; -1 stands for what is left. */
    static Value.Weight reshaped(Value.Weight weight, List<Integer> sizes) {
        long known = 1;
        for (int size : sizes) {
            known = size < 0 ? known : Math.multiplyExact(known, size);
        }
        long left = known > 0 ? weight.elements() / known : 0;
        List<Long> shape =
                sizes.stream().map(size -> size < 0 ? left : (long) size).toList();
        if (product(shape) != weight.elements()) {
            throw Fault.author("cannot reshape " + described(weight) + " to " + sizes);
        }
        if (shape.equals(weight.shape())) {
            return weight;
        }
        String name = weight.name() + "|reshape" + text(shape);
        int width = Math.toIntExact(shape.getLast());
        return new Value.Weight(name, shape, new ParameterData() {
            @Override
            public float[] load() {
                return weight.data().load();
            }

            @Override
            public double[] load64() {
                return weight.data().load64();
            }

            @Override
            public List<EncodedMatrix> encoded() {
                List<EncodedMatrix> parts = weight.data().encoded();
                boolean fits = parts.stream()
                        .allMatch(part ->
                                width % part.format().blockElements() == 0 && part.rows() * part.width() % width == 0);
                return !fits
                        ? List.of()
                        : parts.stream()
                                .map(part -> new EncodedMatrix(
                                        part.format(), part.rows() * part.width() / width, width, part.bytes()))
                                .toList();
            }
        });
    }

    /** The last two axes swapped; plain formats stay encoded, as copies. */
    static Value.Weight transposed(Value.Weight weight) {
        int rank = weight.shape().size();
        if (rank < 2) {
            throw Fault.author("cannot transpose " + described(weight));
        }
        int rows = Math.toIntExact(weight.shape().get(rank - 2));
        int columns = Math.toIntExact(weight.shape().get(rank - 1));
        List<Long> shape = new ArrayList<>(weight.shape());
        shape.set(rank - 2, (long) columns);
        shape.set(rank - 1, (long) rows);
        return new Value.Weight(weight.name() + "|transposed", shape, new ParameterData() {
            @Override
            public float[] load() {
                float[] stored = weight.data().load();
                float[] values = new float[stored.length];
                for (int at = 0; at < stored.length; at += rows * columns) {
                    for (int row = 0; row < rows; row++) {
                        for (int column = 0; column < columns; column++) {
                            values[at + column * rows + row] = stored[at + row * columns + column];
                        }
                    }
                }
                return values;
            }

            @Override
            public double[] load64() {
                double[] stored = weight.data().load64();
                double[] values = new double[stored.length];
                for (int at = 0; at < stored.length; at += rows * columns) {
                    for (int row = 0; row < rows; row++) {
                        for (int column = 0; column < columns; column++) {
                            values[at + column * rows + row] = stored[at + row * columns + column];
                        }
                    }
                }
                return values;
            }

            @Override
            public List<EncodedMatrix> encoded() {
                List<EncodedMatrix> parts = weight.data().encoded();
                boolean plain = !parts.isEmpty()
                        && parts.stream()
                                .allMatch(part -> part.format().blockElements() == 1
                                        && part.rows() % rows == 0
                                        && part.bytes().byteSize() / (part.rows() / rows) <= MAX_PART_BYTES);
                List<EncodedMatrix> turned = new ArrayList<>();
                for (EncodedMatrix part : plain ? parts : List.<EncodedMatrix>of()) {
                    for (long matrix = 0; matrix < part.rows() / rows; matrix++) {
                        turned.add(turned(part.slice(matrix * rows, rows)));
                    }
                }
                return turned;
            }
        });
    }

    /** One matrix of a plain format, transposed in blocks that fit into the cache. */
    private static EncodedMatrix turned(EncodedMatrix matrix) {
        DType format = matrix.format();
        int size = format.blockBytes();
        int rows = (int) matrix.rows();
        int columns = matrix.width();
        byte[] from = matrix.bytes().toArray(ValueLayout.JAVA_BYTE);
        byte[] to = new byte[from.length];
        int tile = 32;
        for (int row0 = 0; row0 < rows; row0 += tile) {
            for (int column0 = 0; column0 < columns; column0 += tile) {
                for (int row = row0; row < Math.min(rows, row0 + tile); row++) {
                    for (int column = column0; column < Math.min(columns, column0 + tile); column++) {
                        int source = (row * columns + column) * size;
                        int target = (column * rows + row) * size;
                        for (int b = 0; b < size; b++) {
                            to[target + b] = from[source + b];
                        }
                    }
                }
            }
        }
        return new EncodedMatrix(format, columns, rows, MemorySegment.ofArray(to));
    }

    static String described(Value.Weight weight) {
        return "'" + weight.name() + "' of shape " + weight.shape();
    }

    static String text(List<Long> shape) {
        return shape.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }

    private static long product(List<Long> sizes) {
        return sizes.stream().reduce(1L, Math::multiplyExact);
    }
}
