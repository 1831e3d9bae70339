package tilewright.compiler.store;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.codes.MatrixQuantiser;
import tilewright.model.store.LayerSensitivity;

/**
 * How a model is packed.
 *
 * @param widths in what form each matrix is packed
 * @param quantiser makes the codes
 * @param moments of the inputs of a matrix, null for those that are not known
 * @param fit lets down matrices make up for gate and up; null for none
 * @param knowledge the digest of what {@code moments} and {@code fit} come from, empty without them
 * @param sensitivities how much layers bear when codes have these bits, 0 for stored matrices; empty where that is not known
 * @param threads that quantise, at least 1
 * @param replace whether a store at the place, or an unfinished one of other options, may be replaced
 */
public record PackOptions(
        PackWidths widths,
        MatrixQuantiser quantiser,
        Function<MatrixPlace, InputMoments> moments,
        ExpertFit.Source fit,
        String knowledge,
        Function<ToIntFunction<MatrixPlace>, List<LayerSensitivity>> sensitivities,
        int threads,
        boolean replace) {
    /** Checks that there are threads. */
    public PackOptions {
        Objects.requireNonNull(widths);
        Objects.requireNonNull(quantiser);
        Objects.requireNonNull(moments);
        Objects.requireNonNull(sensitivities);
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", expected at least 1");
        }
    }
}
