package tilewright.edge.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.edge.matrix.WeightMemory;
import tilewright.model.graph.EncodedMatrix;

/** The weights of an engine: a parameter that several nodes read is packed once. */
final class WeightStore {
    /** One for all, so that small matrices share huge pages. */
    private final WeightMemory memory = new WeightMemory();

    private final Map<String, MatrixWeights> matrices = new HashMap<>();
    private final List<MatrixWeights> perExpert = new ArrayList<>();

    /** A parameter [outputs, width]. */
    MatrixWeights matrix(Constant constant) {
        return matrices.computeIfAbsent(
                constant.name(), _ -> MatrixWeights.of(constant.name(), constant.encoded(), memory));
    }

    /**
     * Packs all matrices that are not experts'.
     *
     * @param packed called after each of them
     */
    void packDense(Runnable packed) {
        for (MatrixWeights each : matrices.values()) {
            each.pack();
            packed.run();
        }
        for (MatrixWeights each : perExpert) {
            each.pack();
            packed.run();
        }
    }

    /** A parameter [experts, outputs, width], one matrix per expert. */
    List<MatrixWeights> perExpert(Constant constant) {
        int experts = constant.dim(0);
        List<EncodedMatrix> parts = constant.encoded();
        List<MatrixWeights> cut = new ArrayList<>();
        for (int expert = 0; expert < experts; expert++) {
            cut.add(MatrixWeights.of(
                    constant.name() + "." + expert,
                    slice(parts, expert * (long) constant.dim(1), constant.dim(1)),
                    memory));
        }
        perExpert.addAll(cut);
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

    /**
     * A layer's experts.
     *
     * @param up null for plain experts
     */
    ExpertWeights experts(String name, Constant gate, Constant up, Constant down) {
        return ExpertWeights.of(
                name, gate.encoded(), up == null ? null : up.encoded(), down.encoded(), gate.dim(0), memory);
    }
}
