package tilewright.compiler.store;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tilewright.edge.store.MatrixForm;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.EncodedMatrix;

/**
 * In what form each matrix is packed.
 *
 * @param allocation bits of each matrix; null to keep the stored formats
 * @param label how it was chosen, for the store's description: {@code 4}, {@code as-stored} and the like
 * @param expected what is expected of it, which the store keeps among its options; two stores that differ in nothing else are the same
 */
public record PackWidths(Allocation allocation, String label, Map<String, String> expected) {
    /** Copies what is expected. */
    public PackWidths {
        expected = Collections.unmodifiableMap(new LinkedHashMap<>(expected));
    }

    /** The stored formats, without loss. */
    public static PackWidths asStored() {
        return new PackWidths(null, "as-stored", Map.of());
    }

    /** The same width for all. */
    public static PackWidths uniform(int bits) {
        return new PackWidths(Allocation.uniform(bits), Integer.toString(bits), Map.of());
    }

    /** These with something expected of them. */
    public PackWidths expecting(Map<String, String> more) {
        return new PackWidths(allocation, label, more);
    }

    /** The form of a matrix with these parts. */
    MatrixForm form(String model, MatrixPlace place, List<EncodedMatrix> parts) {
        if (allocation != null) {
            return MatrixForm.codes(allocation.bits(place));
        }
        if (parts.stream().map(EncodedMatrix::format).distinct().count() != 1) {
            throw new InvalidInputException(model + ": " + place + " is stored in several formats ("
                    + parts.stream()
                            .map(part -> part.format().label())
                            .distinct()
                            .collect(Collectors.joining(", "))
                    + "), which one record cannot keep; give --bits with a number");
        }
        return MatrixForm.stored(parts.getFirst().format());
    }
}
