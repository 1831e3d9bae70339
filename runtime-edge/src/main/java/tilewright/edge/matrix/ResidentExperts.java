package tilewright.edge.matrix;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.graph.EncodedMatrix;

/** Experts whose encoded matrices are all in reach (memory or a mapped file). */
final class ResidentExperts implements ExpertWeights {
    private final List<Expert> experts = new ArrayList<>();

    ResidentExperts(
            String name,
            List<EncodedMatrix> gate,
            List<EncodedMatrix> up,
            List<EncodedMatrix> down,
            int count,
            WeightMemory memory) {
        if (count < 1) {
            throw new IllegalArgumentException(count + " experts, expected at least 1");
        }
        List<MatrixWeights> gates = cut(name + ".gate", gate, count, memory);
        List<MatrixWeights> ups = up == null ? null : cut(name + ".up", up, count, memory);
        List<MatrixWeights> downs = cut(name + ".down", down, count, memory);
        for (int i = 0; i < count; i++) {
            experts.add(new Expert(gates.get(i), ups == null ? null : ups.get(i), downs.get(i)));
        }
        Expert first = experts.getFirst();
        if (first.up() != null
                && (first.up().rows() != first.gate().rows()
                        || first.up().width() != first.gate().width())) {
            throw new IllegalArgumentException(
                    "gate is " + first.gate() + ", up is " + first.up() + ", expected equal shapes");
        }
        if (first.down().width() != first.gate().rows()) {
            throw new IllegalArgumentException("gate is " + first.gate() + ", down is " + first.down()
                    + ", expected as many columns as gate has rows");
        }
    }

    /** Cuts stacked matrices; an expert in several formats is refused, so that panel p is rows 16p to 16p + 15. */
    private static List<MatrixWeights> cut(String name, List<EncodedMatrix> parts, int count, WeightMemory memory) {
        long rows = parts.stream().mapToLong(EncodedMatrix::rows).sum();
        if (rows % count != 0) {
            throw new IllegalArgumentException(
                    name + " has " + rows + " rows, expected a multiple of " + count + " experts");
        }
        List<MatrixWeights> cut = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            MatrixWeights weights =
                    MatrixWeights.of(name + "." + i, slice(parts, i * (rows / count), rows / count), memory);
            if (weights.sections().size() > 1) {
                throw new IllegalArgumentException(weights + " is stored in several formats, expected one per expert");
            }
            cut.add(weights);
        }
        return cut;
    }

    /** Rows {@code first .. first + count - 1} of the parts taken together. */
    private static List<EncodedMatrix> slice(List<EncodedMatrix> parts, long first, long count) {
        List<EncodedMatrix> slices = new ArrayList<>();
        long begin = 0;
        for (EncodedMatrix part : parts) {
            long from = Math.max(first, begin);
            long to = Math.min(first + count, begin + part.rows());
            if (from < to) {
                slices.add(part.slice(from - begin, to - from));
            }
            begin += part.rows();
        }
        return slices;
    }

    @Override
    public int experts() {
        return experts.size();
    }

    @Override
    public int width() {
        return experts.getFirst().gate().width();
    }

    @Override
    public int hidden() {
        return experts.getFirst().gate().rows();
    }

    @Override
    public int outputs() {
        return experts.getFirst().down().rows();
    }

    @Override
    public Expert acquire(int expert) {
        return experts.get(expert);
    }

    @Override
    public void release(int expert) {
        // Nothing is ever dropped.
    }
}
