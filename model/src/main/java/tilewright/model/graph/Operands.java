package tilewright.model.graph;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The operand types of a node, with the checks that shape rules are written in. */
final class Operands {
    private final List<Type> types;
    private final String[] roles;

    /** Operands that play {@code roles} in order; from {@code required} on they may be absent. */
    Operands(List<Type> types, int required, String... roles) {
        if (types.size() < required || types.size() > roles.length) {
            String count = required == roles.length ? "" + required : required + " to " + roles.length;
            throw new InvalidGraphException("has " + types.size() + (types.size() == 1 ? " operand" : " operands")
                    + ", expected " + count + ": " + String.join(", ", roles));
        }
        this.types = types;
        this.roles = roles;
    }

    /** Operands that play {@code roles} in order; all are needed. */
    Operands(List<Type> types, String... roles) {
        this(types, roles.length, roles);
    }

    boolean has(int operand) {
        return operand < types.size();
    }

    Shape shape(int operand) {
        return types.get(operand).shape();
    }

    /**
     * Checks that a number operand matches a pattern and returns its shape.
     *
     * @param pattern per dimension: a Dim or an Integer that must be equal, or a String that names any size
     */
    Shape match(int operand, Object... pattern) {
        return match(operand, ElementType.F32, pattern);
    }

    /** As {@link #match(int, Object...)}, for an operand of indices. */
    Shape matchIndices(int operand, Object... pattern) {
        return match(operand, ElementType.I32, pattern);
    }

    private Shape match(int operand, ElementType element, Object... pattern) {
        Type type = types.get(operand);
        List<Dim> dims = type.shape().dims();
        boolean same = dims.size() == pattern.length && type.element() == element;
        for (int axis = 0; same && axis < pattern.length; axis++) {
            same = switch (pattern[axis]) {
                case Dim dim -> dims.get(axis).equals(dim);
                case Integer size -> dims.get(axis).equals(Dim.of(size));
                default -> true;
            };
        }
        if (!same) {
            String expected = Stream.of(pattern).map(Object::toString).collect(Collectors.joining(", ", "[", "]"));
            throw mismatch(operand, element == ElementType.I32 ? element.label() + expected : expected);
        }
        return type.shape();
    }

    /** Checks that an operand's last dimension is fixed and returns its shape. */
    Shape matchRows(int operand) {
        Type type = types.get(operand);
        if (type.shape().rank() < 1
                || type.element() != ElementType.F32
                || !(type.shape().dim(-1) instanceof Dim.Fixed)) {
            throw mismatch(operand, "[..., fixed]");
        }
        return type.shape();
    }

    /** Checks that dimension {@code axis} of an operand is fixed and returns its size. */
    int fixed(int operand, int axis) {
        if (shape(operand).dim(axis) instanceof Dim.Fixed(long size)) {
            return Math.toIntExact(size);
        }
        throw new InvalidGraphException(
                operand,
                roles[operand],
                "has shape " + types.get(operand) + ", expected a fixed size in dimension " + axis);
    }

    /** Checks that an operand's last dimension is fixed and cut evenly by {@code groups}. */
    Shape matchGroups(int operand, int groups) {
        atLeast("groups", groups, 1);
        Shape shape = matchRows(operand);
        if (shape.size(-1) % groups != 0) {
            throw problem(
                    operand, "has shape " + shape + ", expected a last dimension divisible by " + groups + " groups");
        }
        return shape;
    }

    /** Checks that a weight is as wide as the rows of operand {@code x}, or as one of their groups. */
    void matchGroupWeight(int operand, int x, int groups) {
        int width = shape(x).size(-1);
        boolean shared = shape(operand).equals(Shape.fixed(width / groups));
        if (!shared && groups > 1 && !shape(operand).equals(Shape.fixed(width))) {
            throw mismatch(operand, "[" + width + "] or [" + width / groups + "]");
        }
        match(operand, shared ? width / groups : width);
    }

    /** Refuses a setting below its least value. */
    static void atLeast(String setting, long value, long least) {
        if (value < least) {
            throw new InvalidGraphException("has " + setting + " " + value + ", expected at least " + least);
        }
    }

    InvalidGraphException mismatch(int operand, String expected) {
        return problem(operand, "has shape " + types.get(operand) + ", expected " + expected);
    }

    InvalidGraphException problem(int operand, String problem) {
        return new InvalidGraphException(operand, roles[operand], problem);
    }
}
