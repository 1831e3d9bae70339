package tilewright.edge.language;

import java.lang.foreign.MemorySegment;
import java.util.List;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ParameterData;
import tilewright.model.graph.Shape;
import tilewright.model.tensor.DType;

/**
 * A parameter, or a value computed from parameters alone.
 *
 * @param name of the parameter or value
 * @param shape its fixed sizes
 * @param data its values
 */
record Constant(String name, Shape shape, ParameterData data) implements Bound {
    /** The size of an axis; negative counts from the end. */
    int dim(int axis) {
        return shape.size(axis);
    }

    /** The values, decoded anew. */
    float[] values() {
        return data.load();
    }

    /** Its rows as they are stored, or as float32 when they are computed. */
    List<EncodedMatrix> encoded() {
        List<EncodedMatrix> stored = data.encoded();
        if (!stored.isEmpty() && stored.stream().allMatch(part -> part.width() == dim(-1))) {
            return stored;
        }
        float[] values = values();
        return List.of(new EncodedMatrix(DType.F32, values.length / dim(-1), dim(-1), MemorySegment.ofArray(values)));
    }
}
