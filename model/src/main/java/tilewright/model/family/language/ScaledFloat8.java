package tilewright.model.family.language;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/**
 * Matrices of 8-bit floats with scales in a tensor of their own, as DeepSeek-V3 and others publish them (arXiv 2412.19437, section
 * 3.3): {@code NAME_scale_inv} or {@code NAME_scale} holds one factor for the matrix, for each row, or for each tile.
 */
final class ScaledFloat8 {
    /** Rows and columns of a tile where the configuration does not say. */
    private static final int TILE = 128;

    private static final List<String> SUFFIXES = List.of("_scale_inv", "_scale");

    private ScaledFloat8() {}

    /** The name of the tensor that holds a tensor's scales, or null where there is none or it needs none. */
    static String scales(TensorSource tensors, String name) {
        DType type = tensors.info(name).dtype();
        if (type != DType.F8_E4M3 && type != DType.F8_E5M2) {
            return null;
        }
        Set<String> names = tensors.names();
        return SUFFIXES.stream()
                .map(suffix -> name + suffix)
                .filter(names::contains)
                .findFirst()
                .orElse(null);
    }

    /**
     * How the configuration says that the checkpoint was quantised.
     *
     * @param method its name, or null
     * @param tileRows rows of a tile
     * @param tileColumns columns of a tile
     */
    record Quantisation(String method, int tileRows, int tileColumns) {
        /** What {@code quantization_config} says. */
        static Quantisation of(Value.Fields config) {
            if (!(config.values().get("quantization_config") instanceof Value.Fields said)) {
                return new Quantisation(null, TILE, TILE);
            }
            Value method = said.values().get("quant_method");
            int[] tile = {TILE, TILE};
            if (said.values().get("weight_block_size") instanceof Value.Items(List<Value> sizes, String origin)) {
                for (int i = 0; i < 2 && sizes.size() == 2; i++) {
                    if (sizes.get(i) instanceof Value.Whole(long size, String from) && size > 0 && size < 1 << 24) {
                        tile[i] = (int) size;
                    }
                }
            }
            return new Quantisation(method instanceof Value.Text ? method.text() : null, tile[0], tile[1]);
        }
    }

    /** The matrix times its scales, as float32. */
    static EncodedMatrix multiplied(TensorSource tensors, String name, String scaleName, Quantisation quantisation) {
        EncodedMatrix matrix = EncodedMatrix.of(tensors, name);
        int rows = Math.toIntExact(matrix.rows());
        int width = matrix.width();
        TensorInfo info = tensors.info(scaleName);
        float[] scales = tensors.finiteFloats(scaleName);
        List<Long> shape = info.shape();
        int down = (int) Math.min(Integer.MAX_VALUE, shape.isEmpty() ? 1 : shape.getFirst());
        int across = (int) Math.min(Integer.MAX_VALUE, shape.size() < 2 ? 1 : shape.get(1));
        int tileRows = tile(rows, down, quantisation.tileRows());
        int tileColumns = tile(width, across, quantisation.tileColumns());
        if (shape.size() > 2 || tensors.info(name).shape().size() != 2 || tileRows == 0 || tileColumns == 0) {
            throw new InvalidInputException(info.file() + ": tensor " + InvalidInputException.quoted(scaleName)
                    + " has shape " + shape + ", expected one scale for '" + name + "' of shape "
                    + tensors.info(name).shape() + ", for each of its rows, or for each tile of "
                    + quantisation.tileRows() + " x " + quantisation.tileColumns());
        }
        byte[] bytes = new byte[Math.multiplyExact(Math.multiplyExact(rows, width), Float.BYTES)];
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        float[] row = new float[width];
        for (int r = 0; r < rows; r++) {
            matrix.decode(r, 1, row, 0);
            int first = r / tileRows * across;
            for (int c = 0; c < width; c++) {
                out.putFloat(row[c] * scales[first + c / tileColumns]);
            }
        }
        return new EncodedMatrix(DType.F32, rows, width, MemorySegment.ofArray(bytes));
    }

    /** The extent of a tile when so many cover an axis; 0 when none does. */
    private static int tile(int extent, int count, int usual) {
        if (count == 1) {
            return extent;
        }
        if (count == extent) {
            return 1;
        }
        return (extent + usual - 1L) / usual == count ? usual : 0;
    }
}
