package tilewright.model.graph;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How fast each pair of a rotary embedding turns, and the factor on its sine and cosine.
 *
 * <p>Scalings that do not depend on the sequence (linear, NTK by parts, YaRN, Llama 3) are computed once by the family and
 * end as {@link Fixed}.
 */
public sealed interface RopeFrequencies {
    /** The number of rotated pairs. */
    int pairs();

    /**
     * The frequencies for a sequence of {@code length} tokens.
     *
     * @param length the last position that is computed, plus 1
     */
    Fixed at(long length);

    /**
     * Frequencies that never change.
     *
     * @param inverse radians per position, one per pair
     * @param magnitude multiplies sine and cosine; 1 unless a scaling says otherwise
     */
    record Fixed(List<Double> inverse, double magnitude) implements RopeFrequencies {
        /** Copies the list. */
        public Fixed {
            inverse = List.copyOf(inverse);
        }

        /** The unscaled frequencies {@code base^(-2 i / rotary)}. */
        public static Fixed of(double base, int rotary) {
            return new Fixed(
                    IntStream.range(0, rotary / 2)
                            .mapToObj(i -> Math.pow(base, -2.0 * i / rotary))
                            .toList(),
                    1);
        }

        @Override
        public int pairs() {
            return inverse.size();
        }

        @Override
        public Fixed at(long length) {
            return this;
        }

        @Override
        public String toString() {
            return inverse + (magnitude == 1 ? "" : " x " + magnitude);
        }
    }

    /**
     * One set up to a length and another beyond it: LongRoPE (Ding et al. 2024, arXiv 2402.13753).
     *
     * @param within used for at most {@code length} tokens
     * @param beyond used for more
     * @param length the sequence length of the original training
     */
    record ByLength(Fixed within, Fixed beyond, long length) implements RopeFrequencies {
        @Override
        public int pairs() {
            return within.pairs();
        }

        @Override
        public Fixed at(long tokens) {
            return tokens > length ? beyond : within;
        }

        @Override
        public String toString() {
            return within + " to " + length + ", then " + beyond;
        }
    }

    /**
     * Dynamic NTK scaling: the base grows with the sequence once it is longer than in training.
     *
     * @param base the base of training
     * @param pairs half the number of rotated columns
     * @param factor the scaling factor
     * @param length the sequence length of training
     */
    record Dynamic(double base, int pairs, double factor, long length) implements RopeFrequencies {
        @Override
        public Fixed at(long tokens) {
            int rotary = 2 * pairs;
            double stretch = factor * Math.max(tokens, length) / length - (factor - 1);
            return Fixed.of(base * Math.pow(stretch, rotary / (rotary - 2.0)), rotary);
        }

        @Override
        public String toString() {
            return "dynamic base " + base + " factor " + factor + " pairs " + pairs + " beyond " + length;
        }
    }
}
