package tilewright.model.tensor;

import java.util.List;
import tilewright.model.InvalidInputException;

/** Says where a tensor stops being finite. */
final class NonFinite {
    private NonFinite() {}

    /** The message for the first element of {@code values} that is NaN or infinite; there must be one. */
    static String describe(TensorInfo info, float[] values) {
        int first = 0;
        while (Float.isFinite(values[first])) {
            first++;
        }
        int count = 0;
        for (float value : values) {
            count += Float.isFinite(value) ? 0 : 1;
        }
        return info.file() + ": tensor " + InvalidInputException.quoted(info.name()) + " holds "
                + values[first] + " at index " + index(first, info.shape()) + " (" + count + " of " + values.length
                + " values are not finite); the checkpoint is damaged or training diverged, use another one";
    }

    /** The flat index as indices per axis, such as {@code [3, 0, 7]}. */
    private static String index(long flat, List<Long> shape) {
        Long[] position = new Long[shape.size()];
        for (int axis = shape.size() - 1; axis >= 0; axis--) {
            position[axis] = flat % shape.get(axis);
            flat /= shape.get(axis);
        }
        return List.of(position).toString();
    }
}
