package tilewright.compiler.allocate;

/**
 * One of a class's options in a {@link ChoiceProblem}.
 *
 * @param weight what it takes of the capacity; finite, not negative
 * @param value what it costs; finite
 */
public record Choice(double weight, double value) {
    /** Refuses numbers that no option can have. */
    public Choice {
        if (!(weight >= 0) || Double.isInfinite(weight) || !Double.isFinite(value)) {
            throw new IllegalArgumentException("an option weighs " + weight + " and costs " + value
                    + ", expected finite numbers and a weight that is not negative");
        }
    }
}
