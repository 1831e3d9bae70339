package tilewright.compiler.profile;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import tilewright.compiler.codes.ChangedInputs;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.codes.MatrixQuantiser;
import tilewright.compiler.store.ExpertFit;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.GroupedPanels;
import tilewright.edge.matrix.MappedPages;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Parameter;

/** Experts of a layer with some matrices quantised, ready for the engine; safe for use by several threads. */
final class QuantisedExperts {
    private static final int ALIGNMENT = 64;

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
                // Where experts are read on demand, a model's pages must not fill the memory.
                MappedPages.release(part.slice(from - begin, to - from).bytes());
            }
            begin += part.rows();
        }
        return values;
    }

    /** The codes of one matrix at a width. */
    GroupedCodes codes(int expert, ExpertMatrix matrix, int bits, InputMoments moments) {
        return codes(weights(expert, matrix), matrix, bits, moments);
    }

    private GroupedCodes codes(float[] weights, ExpertMatrix matrix, int bits, InputMoments moments) {
        return quantiser.quantise(weights, layer.rows(matrix), layer.width(matrix), bits, moments);
    }

    /**
     * The codes of a down matrix that makes up for those of gate and up.
     *
     * @param up null where there is none
     * @param moments of its inputs by the model's own matrices; null when nothing is known
     */
    GroupedCodes codes(DownFit fits, int expert, GroupedCodes gate, GroupedCodes up, int bits, InputMoments moments) {
        ExpertFit fit = moments == null ? null : fits.of(expert);
        if (fit == null) {
            return codes(expert, ExpertMatrix.DOWN, bits, moments);
        }
        fit.quantised(ExpertMatrix.GATE, weights(expert, ExpertMatrix.GATE), gate);
        if (up != null) {
            fit.quantised(ExpertMatrix.UP, weights(expert, ExpertMatrix.UP), up);
        }
        ChangedInputs.Target target = fit.target(weights(expert, ExpertMatrix.DOWN), moments);
        return codes(target.weights(), ExpertMatrix.DOWN, bits, target.moments());
    }

    /**
     * One matrix at a width.
     *
     * @param arena gives its memory
     */
    MatrixWeights quantised(int expert, ExpertMatrix matrix, int bits, InputMoments moments, Arena arena) {
        return packed(expert, matrix, codes(expert, matrix, bits, moments), arena);
    }

    /** A matrix of codes, ready for the engine, in memory of an arena. */
    MatrixWeights packed(int expert, ExpertMatrix matrix, GroupedCodes codes, Arena arena) {
        int bits = codes.bits();
        MemorySegment base = memory(arena, GroupedPanels.baseBytes(bits, codes.rows(), codes.width()));
        MemorySegment residual = memory(arena, GroupedPanels.residualBytes(bits, codes.rows(), codes.width()));
        GroupedPanels.write(codes, base, residual);
        String name = new MatrixPlace(layer.index(), expert, matrix).toString();
        return MatrixWeights.packed(name, bits, codes.rows(), codes.width(), codes.unit(), base, residual);
    }

    private static MemorySegment memory(Arena arena, long bytes) {
        return arena.allocate(Math.max(ALIGNMENT, bytes), ALIGNMENT);
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
