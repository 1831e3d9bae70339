package tilewright.compiler.store;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tilewright.edge.matrix.MappedPages;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Parameter;
import tilewright.model.tensor.DType;

/** The stored matrices of one layer's experts, as parts of rows; computed parameters are decoded whole. */
final class LayerMatrices {
    private final ExpertLayer layer;
    private final Map<ExpertMatrix, List<EncodedMatrix>> parts = new EnumMap<>(ExpertMatrix.class);

    LayerMatrices(ExpertLayer layer) {
        this.layer = layer;
        for (ExpertMatrix matrix : layer.matrices()) {
            parts.put(matrix, parts(layer.parameter(matrix), layer.width(matrix)));
        }
    }

    private static List<EncodedMatrix> parts(Parameter parameter, int width) {
        List<EncodedMatrix> stored = parameter.data().encoded();
        if (!stored.isEmpty() && stored.stream().allMatch(part -> part.width() == width)) {
            return stored;
        }
        float[] values = parameter.data().load();
        return List.of(new EncodedMatrix(DType.F32, values.length / width, width, MemorySegment.ofArray(values)));
    }

    /** One expert's matrix, as parts one below the other. */
    List<EncodedMatrix> of(int expert, ExpertMatrix matrix) {
        long rows = layer.rows(matrix);
        long first = expert * rows;
        List<EncodedMatrix> slices = new ArrayList<>();
        long begin = 0;
        for (EncodedMatrix part : parts.get(matrix)) {
            long from = Math.max(first, begin);
            long to = Math.min(first + rows, begin + part.rows());
            if (from < to) {
                slices.add(part.slice(from - begin, to - from));
            }
            begin += part.rows();
        }
        return slices;
    }

    /** Gives an expert's pages back to the system. */
    void release(int expert) {
        for (ExpertMatrix matrix : layer.matrices()) {
            of(expert, matrix).forEach(part -> MappedPages.release(part.bytes()));
        }
    }
}
