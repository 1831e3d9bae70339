package tilewright.model.graph;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The dimensions of a value, row-major, outermost first.
 *
 * @param dims the dimensions; empty for a scalar
 */
public record Shape(List<Dim> dims) {
    /** Copies the list. */
    public Shape {
        dims = List.copyOf(dims);
    }

    /** The shape of these dimensions. */
    public static Shape of(Dim... dims) {
        return new Shape(List.of(dims));
    }

    /** The shape of these fixed sizes. */
    public static Shape fixed(long... sizes) {
        return new Shape(Arrays.stream(sizes).mapToObj(Dim::of).toList());
    }

    /** The number of dimensions. */
    public int rank() {
        return dims.size();
    }

    /** Dimension {@code axis}; negative counts from the end. */
    public Dim dim(int axis) {
        return dims.get(axis < 0 ? dims.size() + axis : axis);
    }

    /** The fixed size of dimension {@code axis} (negative counts from the end); throws when it is symbolic. */
    public int size(int axis) {
        if (dim(axis) instanceof Dim.Fixed(long size)) {
            return Math.toIntExact(size);
        }
        throw new InvalidGraphException("dimension " + axis + " of " + this + " is symbolic, expected a fixed size");
    }

    /** The number of elements; throws when a dimension is symbolic. */
    public long elements() {
        long elements = 1;
        for (int axis = 0; axis < rank(); axis++) {
            elements = Math.multiplyExact(elements, size(axis));
        }
        return elements;
    }

    /** This shape with dimension {@code axis} (negative counts from the end) replaced. */
    public Shape with(int axis, Dim dim) {
        Dim[] replaced = dims.toArray(new Dim[0]);
        replaced[axis < 0 ? dims.size() + axis : axis] = dim;
        return of(replaced);
    }

    @Override
    public String toString() {
        return dims.stream().map(Dim::toString).collect(Collectors.joining(", ", "[", "]"));
    }
}
