package tilewright.compiler.profile;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.codes.MatrixQuantiser;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Parameter;
import tilewright.model.tensor.DType;

/** Experts of a layer with some matrices quantised, ready for the engine; safe for use by several threads. */
final class QuantisedExperts {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final ExpertLayer layer;
    private final MatrixQuantiser quantiser;

    QuantisedExperts(ExpertLayer layer, MatrixQuantiser quantiser) {
        this.layer = layer;
        this.quantiser = quantiser;
    }

    /** The values of one matrix of one expert, [rows, width]. */
    float[] weights(int expert, ExpertMatrix matrix) {
        Parameter parameter = layer.parameter(matrix);
        int rows = layer.rows(matrix);
        int width = layer.width(matrix);
        float[] values = new float[Math.multiplyExact(rows, width)];
        List<EncodedMatrix> parts = parameter.data().encoded();
        if (parts.isEmpty()) {
            System.arraycopy(parameter.data().load(), expert * values.length, values, 0, values.length);
            return values;
        }
        long first = (long) expert * rows;
        long begin = 0;
        for (EncodedMatrix part : parts) {
            long from = Math.max(first, begin);
            long to = Math.min(first + rows, begin + part.rows());
            if (from < to) {
                part.decode(from - begin, (int) (to - from), values, (int) (from - first) * width);
            }
            begin += part.rows();
        }
        return values;
    }

    /** One matrix at a width. */
    MatrixWeights quantised(int expert, ExpertMatrix matrix, int bits, InputMoments moments) {
        GroupedCodes codes =
                quantiser.quantise(weights(expert, matrix), layer.rows(matrix), layer.width(matrix), bits, moments);
        MemorySegment values = Arena.ofAuto().allocate((long) codes.rows() * codes.width() * Float.BYTES, Float.BYTES);
        float[] row = new float[codes.width()];
        for (int i = 0; i < codes.rows(); i++) {
            codes.decode(i, row, 0);
            MemorySegment.copy(row, 0, values, FLOAT, (long) i * row.length * Float.BYTES, row.length);
        }
        String name = new MatrixPlace(layer.index(), expert, matrix).toString();
        return MatrixWeights.of(
                name, List.of(new EncodedMatrix(DType.F32, codes.rows(), codes.width(), values.asReadOnly())));
    }

    /** An expert with one matrix exchanged. */
    static ExpertWeights.Expert with(ExpertWeights.Expert expert, ExpertMatrix matrix, MatrixWeights other) {
        return switch (matrix) {
            case GATE -> new ExpertWeights.Expert(other, expert.up(), expert.down());
            case UP -> new ExpertWeights.Expert(expert.gate(), other, expert.down());
            case DOWN -> new ExpertWeights.Expert(expert.gate(), expert.up(), other);
        };
    }

    /** A layer of which one expert alone is used. */
    static ExpertWeights alone(ExpertWeights shape, ExpertWeights.Expert expert) {
        return new ExpertWeights() {
            @Override
            public int experts() {
                return shape.experts();
            }

            @Override
            public int width() {
                return shape.width();
            }

            @Override
            public int hidden() {
                return shape.hidden();
            }

            @Override
            public int outputs() {
                return shape.outputs();
            }

            @Override
            public Expert acquire(int index) {
                return expert;
            }

            @Override
            public void release(int index) {
                // The expert belongs to the caller.
            }
        };
    }
}
