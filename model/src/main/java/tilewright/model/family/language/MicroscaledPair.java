package tilewright.model.family.language;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.TensorInfo;

/**
 * MXFP4 matrices stored as two byte tensors, as GPT-OSS publishes them: {@code NAME_blocks} [..., rows, groups, 16] with two
 * codes per byte, the lower half first, and {@code NAME_scales} [..., rows, groups].
 *
 * <p>GGUF's block, which the format MXFP4 means here, is the scale and then 16 bytes whose lower halves are elements 0 to 15 and
 * whose upper halves are 16 to 31. Repacked part by part when the weight is read.
 */
final class MicroscaledPair {
    private static final int GROUP_BYTES = 16;

    private MicroscaledPair() {}

    /** The weight [..., rows, 32 * groups] of the tensors {@code name_blocks} and {@code name_scales}. */
    static Value.Weight weight(Checkpoint checkpoint, String name) {
        TensorInfo blocks = checkpoint.describe(name + "_blocks");
        TensorInfo scales = checkpoint.describe(name + "_scales");
        int rank = blocks.shape().size();
        boolean fit = blocks.dtype() == DType.U8
                && scales.dtype() == DType.U8
                && rank >= 3
                && blocks.shape().getLast() == GROUP_BYTES
                && scales.shape().equals(blocks.shape().subList(0, rank - 1))
                && scales.elements() > 0;
        if (!fit) {
            throw new InvalidInputException(blocks.file() + ": tensors " + InvalidInputException.quoted(blocks.name())
                    + " of " + blocks.dtype().label() + " " + blocks.shape() + " and "
                    + InvalidInputException.quoted(scales.name()) + " of "
                    + scales.dtype().label() + " " + scales.shape()
                    + " are no MXFP4 matrix, expected U8 [..., groups, 16] and U8 [..., groups]");
        }
        List<Long> shape = new ArrayList<>(blocks.shape().subList(0, rank - 1));
        long groups = shape.getLast();
        shape.set(rank - 2, groups * 2 * GROUP_BYTES);
        long rows = scales.elements() / groups;
        long matrices = rank > 3 ? rows / shape.get(rank - 3) : 1;
        String stored = blocks.name();
        String storedScales = scales.name();
        return checkpoint.derived(new Value.Weight(name, shape, new StoredRows(name, () -> {
            MemorySegment codes = checkpoint.bytes(stored).bytes();
            MemorySegment exponents = checkpoint.bytes(storedScales).bytes();
            List<EncodedMatrix> parts = new ArrayList<>();
            for (long matrix = 0; matrix < matrices; matrix++) {
                parts.add(repacked(codes, exponents, matrix * rows / matrices, rows / matrices, groups));
            }
            return parts;
        })));
    }

    private static EncodedMatrix repacked(
            MemorySegment codes, MemorySegment scales, long firstRow, long rows, long groups) {
        byte[] bytes = new byte[Math.toIntExact(rows * groups * (GROUP_BYTES + 1))];
        int at = 0;
        for (long group = firstRow * groups; group < (firstRow + rows) * groups; group++) {
            bytes[at] = scales.get(ValueLayout.JAVA_BYTE, group);
            for (int i = 0; i < GROUP_BYTES; i++) {
                int lower = code(codes, group, i);
                int upper = code(codes, group, i + GROUP_BYTES);
                bytes[at + 1 + i] = (byte) (lower | upper << 4);
            }
            at += GROUP_BYTES + 1;
        }
        int width = Math.toIntExact(groups * 2 * GROUP_BYTES);
        return new EncodedMatrix(DType.MXFP4, rows, width, MemorySegment.ofArray(bytes));
    }

    private static int code(MemorySegment codes, long group, int element) {
        int pair = codes.get(ValueLayout.JAVA_BYTE, group * GROUP_BYTES + element / 2);
        return (element % 2 == 0 ? pair : pair >> 4) & 15;
    }
}
