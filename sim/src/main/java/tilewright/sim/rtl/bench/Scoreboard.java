package tilewright.sim.rtl.bench;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** Compares the words of a stream, in order, with those of a model. */
public final class Scoreboard {
    private final Bench bench;
    private final Channel channel;
    private final Deque<long[]> expected = new ArrayDeque<>();
    private long matched;

    Scoreboard(Bench bench, Channel channel) {
        this.bench = bench;
        this.channel = channel;
    }

    /** Says what the next word is to be; all its values, in the order of the stream's signals. */
    public void expect(long... word) {
        if (word.length != channel.words()) {
            throw new IllegalArgumentException("stream '" + channel.name() + "' gives words of " + channel.words()
                    + " values; " + word.length + " are expected of it");
        }
        expected.add(word);
    }

    /** Takes the next word of the design. */
    void accept(long[] word) {
        long[] wanted = expected.poll();
        if (wanted == null) {
            throw bench.failure("stream '" + channel.name() + "': word " + matched + " is " + channel.text(word)
                    + ", expected none");
        }
        if (!Arrays.equals(wanted, word)) {
            throw bench.failure("stream '" + channel.name() + "': word " + matched + " is " + channel.text(word)
                    + ", expected " + channel.text(wanted));
        }
        matched++;
    }

    /** The words that came and were right. */
    public long matched() {
        return matched;
    }

    /** Whether all expected words came. */
    public boolean isDone() {
        return expected.isEmpty();
    }
}
