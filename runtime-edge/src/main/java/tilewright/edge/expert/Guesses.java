package tilewright.edge.expert;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Experts that the next layer will probably need, most probable first; not safe for use by several threads.
 *
 * <p>Every guess is compared with what was needed, read or not, by its place in the order: places that are seldom right are not
 * read.
 */
final class Guesses {
    /** A place in the order whose experts are needed less often than this is not read. */
    private static final double LEAST_RIGHT = 0.4;
    /** What is assumed of a place before it is known. */
    private static final double ASSUMED = 0.75;
    /** The weight of the newest guess in what is known of its place. */
    private static final double NEWEST = 1.0 / 32;

    private final Deque<CachedExpert> pending = new ArrayDeque<>();
    private final List<CachedExpert> held = new ArrayList<>();
    private CachedExpert[] asked = new CachedExpert[0];
    private double[] right = new double[0];

    /** Replaces what was guessed and not read. */
    void expect(CachedExpert[] experts) {
        pending.clear();
        asked = experts;
        if (right.length < experts.length) {
            int known = right.length;
            right = Arrays.copyOf(right, experts.length);
            Arrays.fill(right, known, right.length, ASSUMED);
        }
        for (int place = 0; place < experts.length; place++) {
            if (experts[place].state != CachedExpert.State.ABSENT) {
                // Of those that are in memory nothing is to be learnt.
                experts[place] = null;
            } else if (right[place] >= LEAST_RIGHT) {
                pending.add(experts[place]);
            }
        }
    }

    /** The next one to read; null when there is none. */
    CachedExpert next() {
        while (!pending.isEmpty() && pending.peek().state != CachedExpert.State.ABSENT) {
            pending.poll();
        }
        return pending.peek();
    }

    /** The {@link #next} one is being read. */
    void begun() {
        CachedExpert expert = pending.poll();
        expert.guess = true;
        held.add(expert);
    }

    /** Bytes of memory that unconfirmed guesses hold. */
    long heldBytes() {
        held.removeIf(expert -> !expert.guess);
        return held.stream().mapToLong(expert -> expert.bytes).sum();
    }

    /**
     * A layer has said what it needs: those are pinned, and no guesses any more.
     *
     * @return what was guessed for it, is not needed, and in memory or on its way
     */
    List<CachedExpert> settle(int layer) {
        for (int place = 0; place < asked.length; place++) {
            CachedExpert expert = asked[place];
            if (expert != null && expert.layer == layer) {
                right[place] += NEWEST * ((expert.pins > 0 ? 1 : 0) - right[place]);
                asked[place] = null;
            }
        }
        pending.removeIf(expert -> expert.layer == layer);
        List<CachedExpert> wrong =
                held.stream().filter(each -> each.guess && each.layer == layer).toList();
        wrong.forEach(expert -> expert.guess = false);
        return wrong;
    }
}
