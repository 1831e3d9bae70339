package tilewright.boards;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a processor computes.
 *
 * @param units streaming multiprocessors of a GPU, cores of a CPU
 * @param vectorBits width of a CPU's vector registers; 0 for a GPU
 * @param macsPerSecond published peak of dense multiply-accumulates per second, by number type; a MAC is two of the
 *     operations that data sheets count
 */
public record Compute(int units, int vectorBits, Map<NumberKind, Double> macsPerSecond) {
    /** The processor of a board that is an FPGA. */
    public static final Compute NONE = new Compute(0, 0, Map.of());

    /** Copies the rates, in the order of {@link NumberKind}. */
    public Compute {
        Map<NumberKind, Double> ordered = new EnumMap<>(NumberKind.class);
        ordered.putAll(macsPerSecond);
        macsPerSecond = Collections.unmodifiableMap(ordered);
    }

    /** Peak multiply-accumulates per second in {@code kind}; 0 if the board file states none. */
    public double macsPerSecond(NumberKind kind) {
        return macsPerSecond.getOrDefault(kind, 0.0);
    }
}
