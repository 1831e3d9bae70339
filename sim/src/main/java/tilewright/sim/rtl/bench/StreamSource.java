package tilewright.sim.rtl.bench;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * Offers words to a stream that the design receives, with stalls before each; an offered word stays until it is taken. Where
 * nothing is offered the word's signals show noise.
 */
public final class StreamSource implements Agent {
    private final Channel channel;
    private final Random random;
    private final BooleanSupplier stalls;
    private final StallCoverage coverage = new StallCoverage();
    private final Deque<long[]> queue = new ArrayDeque<>();
    private boolean offering;
    private boolean noise;
    private long sent;

    StreamSource(Channel channel, Stalls stalls, Random random) {
        this.channel = channel;
        this.random = random;
        this.stalls = stalls.pattern(random);
    }

    /**
     * Adds a word to those waiting.
     *
     * @throws IllegalArgumentException when its length is not that of the stream's words
     */
    public void offer(long... word) {
        if (word.length != channel.words()) {
            throw new IllegalArgumentException("stream '" + channel.name() + "' takes words of " + channel.words()
                    + " values (" + channel.fields().stream().map(f -> f.name()).toList() + "); got " + word.length);
        }
        queue.add(word);
    }

    /** The words that have not been taken. */
    public int waiting() {
        return queue.size();
    }

    /** Whether all words have been taken. */
    public boolean isDone() {
        return queue.isEmpty();
    }

    /** The words that were taken. */
    public long sent() {
        return sent;
    }

    /** The stream. */
    public Channel channel() {
        return channel;
    }

    /** What was seen of valid and ready. */
    public StallCoverage coverage() {
        return coverage;
    }

    @Override
    public int clock() {
        return channel.clock();
    }

    @Override
    public void drive() {
        if (offering) {
            return;
        }
        offering = !queue.isEmpty() && !stalls.getAsBoolean();
        channel.setValid(offering);
        if (offering) {
            channel.setWord(queue.peek());
            noise = false;
        } else if (!noise) {
            channel.setNoise(random);
            noise = true;
        }
    }

    @Override
    public void observe() {
        boolean ready = channel.isReady();
        coverage.observe(offering, ready);
        if (offering && ready) {
            queue.poll();
            sent++;
            offering = false;
        }
    }
}
