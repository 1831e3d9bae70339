package tilewright.model.graph;

import java.util.function.Supplier;

/**
 * Where a parameter's values come from: read or computed at each call, so that a graph holds no weights in memory.
 *
 * <p>A parameter that is computed from others (by a pass) keeps its float64 values for the interpreter and rounds them once
 * to float32 for everything else.
 */
@FunctionalInterface
public interface ParameterData {
    /** The values as float32, row-major; a new array at each call. */
    float[] load();

    /** The values as float64, row-major; a new array at each call. */
    default double[] load64() {
        float[] values = load();
        double[] widened = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            widened[i] = values[i];
        }
        return widened;
    }

    /** Data computed in float64; {@link #load()} rounds it to nearest float32. */
    static ParameterData computed(Supplier<double[]> values) {
        return new ParameterData() {
            @Override
            public float[] load() {
                double[] exact = values.get();
                float[] rounded = new float[exact.length];
                for (int i = 0; i < exact.length; i++) {
                    rounded[i] = (float) exact[i];
                }
                return rounded;
            }

            @Override
            public double[] load64() {
                return values.get();
            }
        };
    }
}
