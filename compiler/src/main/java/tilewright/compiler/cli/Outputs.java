package tilewright.compiler.cli;

import java.util.Arrays;
import java.util.Collection;
import tilewright.compiler.OptionException;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Type;
import tilewright.model.tensor.NearestName;

/** The outputs of a model: their shapes, and finding one by name. */
final class Outputs {
    private Outputs() {}

    /** The shape of a value for one image: without the batch, its first dimension, and without the token of a single one. */
    static int[] shape(Type type) {
        int[] shape = type.shape().dims().stream()
                .skip(1)
                .mapToInt(dim -> dim instanceof Dim.Fixed(long size) ? Math.toIntExact(size) : 1)
                .toArray();
        return shape.length == 2 && shape[0] == 1 ? new int[] {shape[1]} : shape;
    }

    /** {@link #shape} as text: {@code [49, 16]}. */
    static String shapeText(Type type) {
        return Arrays.toString(shape(type));
    }

    /** The number of elements of a shape. */
    static int elements(int[] shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    /**
     * Checks the name that a user gave with {@code --task}.
     *
     * @throws OptionException when there is no such task; the message lists those that exist
     */
    static void check(String place, String task, Collection<String> tasks) {
        if (!tasks.contains(task)) {
            throw new OptionException(place + ": there is no task " + InvalidInputException.quoted(task) + "; it has "
                    + String.join(", ", tasks) + NearestName.hint(task, tasks));
        }
    }
}
