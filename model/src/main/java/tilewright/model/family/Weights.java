package tilewright.model.family;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.ElementType;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.ParameterData;
import tilewright.model.graph.Shape;
import tilewright.model.graph.Type;
import tilewright.model.tensor.NearestName;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/**
 * A checkpoint's tensors as graph parameters: shapes and types are checked when a parameter is made, values (that they are
 * finite) when it is loaded.
 *
 * <p>Remembers which tensors were asked for, so that the others can be named.
 */
public final class Weights {
    private final TensorSource tensors;
    private final Set<String> used = new HashSet<>();

    /** The tensors of one checkpoint. */
    public Weights(TensorSource tensors) {
        this.tensors = tensors;
    }

    /**
     * The weight and bias of a layer.
     *
     * @param weight the matrix or gamma
     * @param bias the bias or beta; null for none
     */
    record Layer(Parameter weight, Parameter bias) {}

    /** Whether the checkpoint has a tensor of this name. */
    public boolean has(String name) {
        return tensors.names().contains(name);
    }

    /** Tensors that no parameter was made of, sorted. */
    public List<String> unused() {
        return tensors.names().stream().filter(name -> !used.contains(name)).toList();
    }

    /** A tensor of exactly this shape. */
    Parameter tensor(String name, long... shape) {
        return tensor(name, Shape.fixed(shape), shape);
    }

    /** A tensor stored with shape {@code stored} and used with a shape of as many elements. */
    Parameter tensor(String name, Shape shape, long... stored) {
        check(name, stored);
        return new Parameter(name, new Type(shape, ElementType.F32), () -> tensors.finiteFloats(name));
    }

    /** A linear layer {@code prefix.weight} [out,in] with {@code prefix.bias} [out], or without. */
    Layer linear(String prefix, int out, int in, boolean bias) {
        return new Layer(tensor(prefix + ".weight", out, in), bias ? tensor(prefix + ".bias", out) : null);
    }

    /** A normalisation {@code prefix.weight} [width], {@code prefix.bias} [width]. */
    Layer norm(String prefix, int width) {
        return new Layer(tensor(prefix + ".weight", width), tensor(prefix + ".bias", width));
    }

    /** Tensors of one shape under one another: [parts, shape...]. */
    Parameter stacked(String name, List<String> parts, long... shape) {
        parts.forEach(part -> check(part, shape));
        long[] whole = new long[shape.length + 1];
        whole[0] = parts.size();
        System.arraycopy(shape, 0, whole, 1, shape.length);
        long elements = Shape.fixed(whole).elements();
        if (elements > Integer.MAX_VALUE - 8) {
            throw new InvalidInputException(file(parts.getFirst()) + ": '" + name + "' has " + elements
                    + " elements in all, expected at most " + (Integer.MAX_VALUE - 8));
        }
        ParameterData data = () -> {
            float[] values = new float[(int) elements];
            int at = 0;
            for (String part : parts) {
                float[] piece = tensors.finiteFloats(part);
                System.arraycopy(piece, 0, values, at, piece.length);
                at += piece.length;
            }
            return values;
        };
        return new Parameter(name, Type.f32(whole), data);
    }

    /** A matrix stored as [columns,rows], used as [rows,columns]; its name gets {@code |transposed}. */
    Parameter transposed(String name, int rows, int columns) {
        check(name, columns, rows);
        ParameterData data = () -> {
            float[] stored = tensors.finiteFloats(name);
            float[] values = new float[stored.length];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    values[row * columns + column] = stored[column * rows + row];
                }
            }
            return values;
        };
        return new Parameter(name + "|transposed", Type.f32(rows, columns), data);
    }

    /** The extents of a tensor from which a family reads a size: of this rank, each from 1 to 2^24. */
    int[] sizes(String name, int rank) {
        TensorInfo info = info(name);
        if (info.shape().size() != rank || info.shape().stream().anyMatch(extent -> extent < 1 || extent > 1 << 24)) {
            throw new InvalidInputException(info.file() + ": tensor " + InvalidInputException.quoted(name)
                    + " has shape " + info.shape() + ", expected " + rank + " dimensions of 1 to " + (1 << 24));
        }
        return info.shape().stream().mapToInt(Long::intValue).toArray();
    }

    /** How many of {@code prefix0, prefix1, ...} exist from 0 on without a gap, with this suffix. */
    int count(String prefix, String suffix) {
        int count = 0;
        while (has(prefix + count + suffix)) {
            count++;
        }
        return count;
    }

    private void check(String name, long... shape) {
        TensorInfo info = info(name);
        used.add(name);
        List<Long> expected = new ArrayList<>();
        for (long extent : shape) {
            expected.add(extent);
        }
        if (!info.shape().equals(expected)) {
            throw new InvalidInputException(info.file() + ": tensor " + InvalidInputException.quoted(name)
                    + " has shape " + info.shape() + ", expected " + expected
                    + (info.shape().reversed().equals(expected)
                            ? "; is the checkpoint transposed?"
                            : "; do config.json and checkpoint belong together?"));
        }
        if (!info.dtype().isFloat()) {
            throw new InvalidInputException(info.file() + ": tensor " + InvalidInputException.quoted(name)
                    + " has type " + info.dtype().label()
                    + ", expected F32, F16, BF16 or F64; is the checkpoint quantised?");
        }
    }

    private TensorInfo info(String name) {
        if (!has(name)) {
            throw new InvalidInputException(place() + ": tensor '" + name + "' is missing"
                    + NearestName.hint(name, tensors.names()) + " (the checkpoint has "
                    + tensors.names().size() + " tensors)");
        }
        return tensors.info(name);
    }

    private String file(String name) {
        return tensors.info(name).file().toString();
    }

    private String place() {
        return tensors.names().isEmpty()
                ? "the checkpoint"
                : file(tensors.names().iterator().next());
    }
}
