package tilewright.model.graph;

import java.util.List;
import java.util.function.Supplier;
import tilewright.model.tensor.TensorSource;

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

    /**
     * The parameter as it is stored: consecutive parts along its leading axes, each [rows, last extent], so that a row
     * slice, a concatenation, or experts stacked from tensors of their own stay encoded.
     *
     * @return empty when the values are computed; decoding the parts one after another gives what {@link #load()} gives
     */
    default List<EncodedMatrix> encoded() {
        return List.of();
    }

    /**
     * A whole tensor of a file, as it is stored.
     *
     * <p>{@link #load()} refuses values that are not finite and names the tensor then.
     */
    static ParameterData stored(TensorSource source, String name) {
        return new ParameterData() {
            @Override
            public float[] load() {
                return source.finiteFloats(name);
            }

            @Override
            public List<EncodedMatrix> encoded() {
                return List.of(EncodedMatrix.of(source, name));
            }
        };
    }

    /**
     * Consecutive stored parts.
     *
     * @param parts in order along the leading axis, all of one width; {@link #load()} throws {@link ArithmeticException} if
     *     their elements together don't fit in one array
     */
    static ParameterData stored(List<EncodedMatrix> parts) {
        List<EncodedMatrix> kept = List.copyOf(parts);
        return new ParameterData() {
            @Override
            public float[] load() {
                long elements = 0;
                for (EncodedMatrix part : kept) {
                    elements = Math.addExact(elements, Math.multiplyExact(part.rows(), (long) part.width()));
                }
                float[] values = new float[Math.toIntExact(elements)];
                int at = 0;
                for (EncodedMatrix part : kept) {
                    part.decode(0, (int) part.rows(), values, at);
                    at += (int) part.rows() * part.width();
                }
                return values;
            }

            @Override
            public List<EncodedMatrix> encoded() {
                return kept;
            }
        };
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
