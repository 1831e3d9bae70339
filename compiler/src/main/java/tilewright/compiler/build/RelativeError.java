package tilewright.compiler.build;

/** Sums up a relative L2 error: the root of squared differences over squared reference values. */
final class RelativeError {
    private double difference;
    private double reference;

    /** Takes integer values in units of a scale, and what they should be. */
    synchronized void add(int[] found, double scale, float[] expected) {
        for (int i = 0; i < found.length; i++) {
            double error = found[i] * scale - expected[i];
            difference += error * error;
            reference += (double) expected[i] * expected[i];
        }
    }

    /** The error so far; NaN when nothing was taken. */
    double value() {
        return reference == 0 ? (difference == 0 ? 0 : Double.POSITIVE_INFINITY) : Math.sqrt(difference / reference);
    }
}
