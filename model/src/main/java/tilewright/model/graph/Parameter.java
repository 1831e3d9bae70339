package tilewright.model.graph;

/**
 * A constant of the model: a weight, bias, or table.
 *
 * @param name unique among values and parameters; the checkpoint's tensor name where there is one
 * @param type its shape, all dimensions fixed
 * @param data its values, loaded on demand
 */
public record Parameter(String name, Type type, ParameterData data) {
    /** The number of elements. */
    public long elements() {
        return type.shape().elements();
    }
}
