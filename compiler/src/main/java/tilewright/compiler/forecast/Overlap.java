package tilewright.compiler.forecast;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import tilewright.edge.probe.ReadingPace;

/**
 * Goes through the layers of a text as the runtime does, expert by expert, and counts the time; not safe for use by several threads.
 *
 * <p>A layer computes what every token needs, then asks for its experts. Those that are in memory are computed while the others
 * come one after the other, each is computed when it is there, and the layer ends with its last one: misses come in bursts, so that
 * reading hides behind computing in part only. Guesses of the next layer's experts are read behind what this layer needs, in
 * any order; wrong ones are given up when the layer asks, but for the one that is being read. Reading that begins after a pause begins
 * late, and each slows the other down, both as measured.
 */
final class Overlap {
    private final ReadingPace pace;
    private final double denseSeconds;
    private final double expertSeconds;
    private final double expertBytes;
    private final double recall;
    private final double wrong;
    private final SplittableRandom random = new SplittableRandom(1);

    /** Why an expert is read. */
    private enum Reason {
        NEEDED,
        RIGHT_GUESS,
        WRONG_GUESS
    }

    private double seconds;
    /** What is being read, and what is to be read after it. */
    private final Deque<Reason> queue = new ArrayDeque<>();
    /** Experts that have been read and not been computed, of this layer and of the next one. */
    private int ready;

    private int foreseen;
    /** Of the one that is being read. */
    private double startLeft;

    private double bytesLeft;

    /**
     * Before the first layer, with nothing being read.
     *
     * @param denseSeconds what a layer computes before its experts
     * @param expertSeconds what computing an expert takes
     * @param expertBytes what reading one reads
     * @param recall the part of the next layer's missing experts that are guessed, 0 to 1
     * @param wrong how many are guessed for a layer on average that it does not need, and that are not in memory
     */
    Overlap(
            ReadingPace pace,
            double denseSeconds,
            double expertSeconds,
            double expertBytes,
            double recall,
            double wrong) {
        this.pace = pace;
        this.denseSeconds = denseSeconds;
        this.expertSeconds = expertSeconds;
        this.expertBytes = expertBytes;
        this.recall = recall;
        this.wrong = wrong;
    }

    /** The time so far. */
    double seconds() {
        return seconds;
    }

    /**
     * A layer of a token.
     *
     * @param experts that it needs
     * @param misses how many of them are not in memory, but for guesses
     * @param nextMisses those of the next layer; negative where none can be guessed
     */
    void layer(int experts, int misses, int nextMisses) {
        compute(denseSeconds);
        boolean idle = queue.isEmpty();
        settle();
        ready = experts - misses + foreseen;
        int known =
                foreseen + (int) queue.stream().filter(Reason.NEEDED::equals).count();
        foreseen = 0;
        queue.addAll(Collections.nCopies(misses - known, Reason.NEEDED));
        queue.addAll(guesses(nextMisses));
        if (idle && !queue.isEmpty()) {
            startLeft = pace.startSeconds();
            bytesLeft = expertBytes;
        }
        for (int done = 0; done < experts; done++) {
            while (ready == 0) {
                pass(untilNext(pace.rate().atRest()), pace.rate().atRest());
            }
            ready--;
            compute(expertSeconds);
        }
    }

    /** A layer asks for its experts: guesses turn out to be right or wrong. */
    private void settle() {
        List<Reason> before = List.copyOf(queue);
        queue.clear();
        for (int place = 0; place < before.size(); place++) {
            if (before.get(place) != Reason.WRONG_GUESS) {
                queue.add(Reason.NEEDED);
            } else if (place == 0) {
                queue.add(Reason.WRONG_GUESS);
            }
        }
    }

    private List<Reason> guesses(int nextMisses) {
        List<Reason> drawn = new ArrayList<>();
        for (int i = 0; i < nextMisses; i++) {
            if (random.nextDouble() < recall) {
                drawn.add(Reason.RIGHT_GUESS);
            }
        }
        for (double left = nextMisses < 0 ? 0 : wrong; left > 0; left--) {
            if (random.nextDouble() < left) {
                drawn.add(random.nextInt(drawn.size() + 1), Reason.WRONG_GUESS);
            }
        }
        return drawn;
    }

    private boolean reading() {
        return !queue.isEmpty();
    }

    /** Computes what takes so long with nothing beside it. */
    private void compute(double work) {
        double left = work;
        while (left > 0) {
            double speed = reading() && startLeft == 0 ? pace.computing() : 1;
            double rate = pace.rate().besideComputing();
            double span = reading() ? Math.min(left / speed, untilNext(rate)) : left / speed;
            pass(span, rate);
            left = span * speed < left ? left - span * speed : 0;
        }
    }

    /** When something happens to what is being read. */
    private double untilNext(double rate) {
        return startLeft > 0 ? startLeft : bytesLeft / rate;
    }

    private void pass(double span, double rate) {
        seconds += span;
        if (!reading()) {
            return;
        }
        if (startLeft > 0) {
            startLeft = span < startLeft ? startLeft - span : 0;
        } else if (span < bytesLeft / rate) {
            bytesLeft -= span * rate;
        } else {
            bytesLeft = expertBytes;
            Reason reason = queue.poll();
            ready += reason == Reason.NEEDED ? 1 : 0;
            foreseen += reason == Reason.RIGHT_GUESS ? 1 : 0;
        }
    }
}
