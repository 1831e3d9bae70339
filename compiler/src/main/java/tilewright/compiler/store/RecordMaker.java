package tilewright.compiler.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import tilewright.compiler.codes.ChangedInputs;
import tilewright.compiler.codes.InputMoments;
import tilewright.edge.matrix.GroupedPanels;
import tilewright.edge.matrix.StoredPanels;
import tilewright.edge.store.MatrixForm;
import tilewright.edge.store.RecordShape;
import tilewright.model.InvalidInputException;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;
import tilewright.model.tensor.DType;

/** Makes records from stored matrices; reusable, for one thread. */
final class RecordMaker {
    private static final int ALIGNMENT = 4096;

    private final String model;
    private final Graph graph;
    private final PackOptions options;
    private float[] values = new float[0];
    private MemorySegment record = MemorySegment.NULL;

    RecordMaker(String model, Graph graph, PackOptions options) {
        this.model = model;
        this.graph = graph;
        this.options = options;
    }

    /**
     * The record's bytes, in memory that the next call overwrites.
     *
     * @param units takes what scales are multiples of
     */
    MemorySegment make(int layer, int expert, RecordShape shape, LayerMatrices matrices, float[] units) {
        if (record.byteSize() < shape.storedBytes()) {
            record = Arena.ofAuto().allocate(shape.storedBytes(), ALIGNMENT);
        }
        MemorySegment bytes = record.asSlice(0, shape.storedBytes());
        Arrays.fill(units, 1);
        ExpertFit fit = options.fit() == null ? null : options.fit().of(graph, layer, expert);
        for (ExpertMatrix matrix : ExpertMatrix.values()) {
            MatrixForm form = shape.form(matrix);
            if (form == null) {
                continue;
            }
            MatrixPlace place = new MatrixPlace(layer, expert, matrix);
            List<EncodedMatrix> parts = matrices.of(expert, matrix);
            MemorySegment base = bytes.asSlice(shape.baseAt(matrix), shape.baseBytes(matrix));
            MemorySegment residual = bytes.asSlice(shape.residualAt(matrix), shape.residualBytes(matrix));
            if (form.stored() != null) {
                stored(place, form, parts, base);
            } else {
                GroupedCodes codes = codes(place, shape.rows(matrix), shape.width(matrix), form.bits(), parts, fit);
                GroupedPanels.write(codes, base, residual);
                units[matrix.ordinal()] = codes.unit();
            }
        }
        bytes.asSlice(shape.bytes()).fill((byte) 0);
        return bytes;
    }

    private void stored(MatrixPlace place, MatrixForm form, List<EncodedMatrix> parts, MemorySegment panels) {
        List<EncodedMatrix> packed = parts;
        if (parts.getFirst().format() != form.stored() && form.stored() == DType.F32) {
            int rows = (int) parts.stream().mapToLong(EncodedMatrix::rows).sum();
            int width = parts.getFirst().width();
            decode(parts, rows, width);
            packed = List.of(new EncodedMatrix(DType.F32, rows, width, MemorySegment.ofArray(values)));
        }
        try {
            StoredPanels.pack(place.toString(), packed, panels);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(model + ": " + e.getMessage(), e);
        }
    }

    private GroupedCodes codes(
            MatrixPlace place, int rows, int width, int bits, List<EncodedMatrix> parts, ExpertFit fit) {
        decode(parts, rows, width);
        InputMoments moments = options.moments().apply(place);
        try {
            if (fit == null || moments == null) {
                return options.quantiser().quantise(values, rows, width, bits, moments);
            }
            if (place.matrix() == ExpertMatrix.DOWN) {
                ChangedInputs.Target target = fit.target(values, moments);
                return options.quantiser().quantise(target.weights(), rows, width, bits, target.moments());
            }
            GroupedCodes codes = options.quantiser().quantise(values, rows, width, bits, moments);
            fit.quantised(place.matrix(), values, codes);
            return codes;
        } catch (InvalidInputException e) {
            throw new InvalidInputException(model + ": " + place + ": " + e.getMessage(), e);
        }
    }

    /** Decodes to {@link #values}, which has exactly the matrix's length afterwards. */
    private void decode(List<EncodedMatrix> parts, int rows, int width) {
        int elements = Math.multiplyExact(rows, width);
        values = values.length == elements ? values : new float[elements];
        int at = 0;
        for (EncodedMatrix part : parts) {
            part.decode(0, (int) part.rows(), values, at);
            at += (int) part.rows() * width;
        }
    }
}
