package tilewright.edge.vector;

import java.util.Arrays;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.Shape;

/** A parameter in the forms that kernels have asked for, each made once and kept; safe for use by several threads. */
final class Weight implements Operand {
    private final Parameter parameter;
    private final int[] dims;
    private float[] plain;
    private float[] padded;
    private PackedMatrix[] packed;

    Weight(Parameter parameter) {
        this.parameter = parameter;
        Shape shape = parameter.type().shape();
        this.dims = new int[shape.rank()];
        Arrays.setAll(dims, shape::size);
    }

    @Override
    public int[] dims() {
        return dims;
    }

    @Override
    public synchronized float[] data() {
        if (plain == null) {
            plain = parameter.data().load();
        }
        return plain;
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public int rowStride() {
        return dim(-1);
    }

    @Override
    public synchronized PackedMatrix[] packed(int groups, int width) {
        if (packed == null || packed.length != groups || packed[0].width() != width) {
            packed = PackedMatrix.pack(parameter.data().load(), groups, width);
        }
        return packed;
    }

    @Override
    public synchronized float[] padded() {
        if (padded == null) {
            padded = PackedMatrix.padRows(parameter.data().load(), dim(-1));
        }
        return padded;
    }
}
