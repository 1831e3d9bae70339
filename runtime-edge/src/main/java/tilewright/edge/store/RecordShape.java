package tilewright.edge.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.store.StoreManifest;

/**
 * Where the ranges of an expert's matrices lie in its record: the base ranges of gate, up and down, then their residual ranges,
 * without gaps.
 *
 * @param layer the expert's layer, which says the shapes
 * @param forms of gate, up (null for plain experts) and down, by the ordinal of {@link ExpertMatrix}
 */
public record RecordShape(StoreManifest.Layer layer, List<MatrixForm> forms) {
    /** Records begin and end at multiples of it. */
    public static final int ALIGNMENT = 4096;

    /** The most bytes of a record, which one read into one slot can take. */
    static final long MOST_BYTES = Integer.MAX_VALUE / ALIGNMENT * (long) ALIGNMENT;

    /**
     * Checks that every matrix has a form that can hold it.
     *
     * @throws IllegalArgumentException if not, or when the record is larger than 2 GiB
     */
    public RecordShape {
        Objects.requireNonNull(layer);
        forms = Collections.unmodifiableList(new ArrayList<>(forms));
        for (ExpertMatrix matrix : ExpertMatrix.values()) {
            MatrixForm form = forms.get(matrix.ordinal());
            if ((form == null) != (matrix == ExpertMatrix.UP && !layer.gated())) {
                throw new IllegalArgumentException(matrix.label() + " of " + (layer.gated() ? "a gated" : "a plain")
                        + " expert has the form " + form);
            }
            if (form != null && !form.holds(width(layer, matrix))) {
                throw new IllegalArgumentException(
                        "rows of " + width(layer, matrix) + " elements are no whole blocks of " + form.label());
            }
        }
        if (bytes(layer, forms) > MOST_BYTES) {
            throw new IllegalArgumentException("the record of an expert takes " + bytes(layer, forms)
                    + " bytes, at most " + MOST_BYTES + " are possible");
        }
    }

    private static int rows(StoreManifest.Layer layer, ExpertMatrix matrix) {
        return matrix == ExpertMatrix.DOWN ? layer.outputs() : layer.hidden();
    }

    private static int width(StoreManifest.Layer layer, ExpertMatrix matrix) {
        return matrix == ExpertMatrix.DOWN ? layer.hidden() : layer.width();
    }

    private static long bytes(StoreManifest.Layer layer, List<MatrixForm> forms) {
        long bytes = 0;
        for (ExpertMatrix matrix : ExpertMatrix.values()) {
            MatrixForm form = forms.get(matrix.ordinal());
            if (form != null) {
                int rows = rows(layer, matrix);
                int width = width(layer, matrix);
                bytes = Math.addExact(
                        bytes, Math.addExact(form.baseBytes(rows, width), form.residualBytes(rows, width)));
            }
        }
        return bytes;
    }

    /** The form of a matrix, null where there is none. */
    public MatrixForm form(ExpertMatrix matrix) {
        return forms.get(matrix.ordinal());
    }

    /** Rows of a matrix. */
    public int rows(ExpertMatrix matrix) {
        return rows(layer, matrix);
    }

    /** Elements of a matrix's row. */
    public int width(ExpertMatrix matrix) {
        return width(layer, matrix);
    }

    /** Bytes of a matrix's base range. */
    public long baseBytes(ExpertMatrix matrix) {
        return form(matrix) == null ? 0 : form(matrix).baseBytes(rows(matrix), width(matrix));
    }

    /** Bytes of a matrix's residual range. */
    public long residualBytes(ExpertMatrix matrix) {
        return form(matrix) == null ? 0 : form(matrix).residualBytes(rows(matrix), width(matrix));
    }

    /** Where a matrix's base range begins. */
    public long baseAt(ExpertMatrix matrix) {
        long at = 0;
        for (int i = 0; i < matrix.ordinal(); i++) {
            at += baseBytes(ExpertMatrix.values()[i]);
        }
        return at;
    }

    /** Where a matrix's residual range begins. */
    public long residualAt(ExpertMatrix matrix) {
        long at = baseBytes();
        for (int i = 0; i < matrix.ordinal(); i++) {
            at += residualBytes(ExpertMatrix.values()[i]);
        }
        return at;
    }

    /** Bytes of all base ranges. */
    public long baseBytes() {
        long bytes = 0;
        for (ExpertMatrix matrix : ExpertMatrix.values()) {
            bytes += baseBytes(matrix);
        }
        return bytes;
    }

    /** Bytes of all ranges. */
    public long bytes() {
        return bytes(layer, forms);
    }

    /** Bytes on disk: up to the next multiple of 4096. */
    public long storedBytes() {
        return padded(bytes());
    }

    /** Weights of the expert. */
    public long weights() {
        long weights = 0;
        for (ExpertMatrix matrix : ExpertMatrix.values()) {
            weights += form(matrix) == null ? 0 : (long) rows(matrix) * width(matrix);
        }
        return weights;
    }

    /** The next multiple of 4096. */
    static long padded(long bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * (long) ALIGNMENT;
    }
}
