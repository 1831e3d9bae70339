package tilewright.model.graph;

/**
 * The type of a value or parameter.
 *
 * @param shape its dimensions
 * @param element what its elements are
 */
public record Type(Shape shape, ElementType element) {
    /** Numbers of this shape. */
    public static Type f32(Dim... dims) {
        return new Type(Shape.of(dims), ElementType.F32);
    }

    /** Numbers of this fixed shape. */
    public static Type f32(long... sizes) {
        return new Type(Shape.fixed(sizes), ElementType.F32);
    }

    /** Indices of this shape. */
    public static Type i32(Dim... dims) {
        return new Type(Shape.of(dims), ElementType.I32);
    }

    /** The shape, with the element type in front when it is not a number: {@code [batch, 50, 96]}, {@code i32[batch, 50, 2]}. */
    @Override
    public String toString() {
        return element == ElementType.F32 ? shape.toString() : element.label() + shape;
    }
}
