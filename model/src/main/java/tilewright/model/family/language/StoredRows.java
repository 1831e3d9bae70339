package tilewright.model.family.language;

import java.util.List;
import java.util.function.Supplier;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ParameterData;

/**
 * Parts as they are stored, found when they are needed.
 *
 * @param name for messages
 * @param parts in order along the leading axes
 */
record StoredRows(String name, Supplier<List<EncodedMatrix>> parts) implements ParameterData {
    private static final long MAX_ELEMENTS = Integer.MAX_VALUE - 8;

    @Override
    public float[] load() {
        List<EncodedMatrix> stored = parts.get();
        long elements = 0;
        for (EncodedMatrix part : stored) {
            elements += part.rows() * part.width();
        }
        if (elements > MAX_ELEMENTS) {
            throw new InvalidInputException(
                    "'" + name + "' has " + elements + " elements in all, expected at most " + MAX_ELEMENTS);
        }
        float[] values = new float[(int) elements];
        int at = 0;
        for (EncodedMatrix part : stored) {
            part.decode(0, (int) part.rows(), values, at);
            at += (int) part.rows() * part.width();
        }
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new InvalidInputException("'" + name + "' has the value " + values[i] + " at element " + i
                        + ", expected finite numbers; is the checkpoint damaged?");
            }
        }
        return values;
    }

    @Override
    public List<EncodedMatrix> encoded() {
        return parts.get();
    }
}
