package tilewright.compiler.cli.language;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * Samples in order, in memory that does not grow with their number: where there are too many, each two neighbours become one.
 *
 * @param <T> a sample, or what several were joined to
 */
class ThinnedCourse<T> {
    private final int most;
    private final BinaryOperator<T> join;
    private final List<T> samples = new ArrayList<>();
    private int inLast;
    private int each = 1;

    /**
     * A course without samples.
     *
     * @param most samples that it keeps, an even number
     * @param join makes one of an earlier and a later sample
     */
    ThinnedCourse(int most, BinaryOperator<T> join) {
        this.most = most;
        this.join = join;
    }

    /** Adds a sample to the last one, while that has not as many as the others, or behind it. */
    void add(T sample) {
        if (!samples.isEmpty() && inLast < each) {
            samples.set(samples.size() - 1, join.apply(samples.getLast(), sample));
            inLast++;
            return;
        }
        if (samples.size() == most) {
            for (int i = 0; i < most / 2; i++) {
                samples.set(i, join.apply(samples.get(2 * i), samples.get(2 * i + 1)));
            }
            samples.subList(most / 2, most).clear();
            each *= 2;
        }
        samples.add(sample);
        inLast = 1;
    }

    /** The samples, all but the last joined of as many. */
    List<T> samples() {
        return samples;
    }
}
