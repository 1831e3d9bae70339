package tilewright.sim.rtl.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Watches a stream: a word that is offered stays offered and unchanged until it is taken. Counts the patterns of stalls, and
 * hands on the words that pass.
 */
public final class StreamMonitor implements Agent {
    private final Bench bench;
    private final Channel channel;
    private final StallCoverage coverage = new StallCoverage();
    private final List<Consumer<long[]>> listeners = new ArrayList<>();
    private long[] held;

    StreamMonitor(Bench bench, Channel channel) {
        this.bench = bench;
        this.channel = channel;
    }

    /** The stream. */
    public Channel channel() {
        return channel;
    }

    /** What was seen of valid and ready. */
    public StallCoverage coverage() {
        return coverage;
    }

    /** Has each word that passes handed to a listener, just before the edge. */
    public StreamMonitor onTransfer(Consumer<long[]> listener) {
        listeners.add(listener);
        return this;
    }

    @Override
    public int clock() {
        return channel.clock();
    }

    @Override
    public void observe() {
        boolean valid = channel.isValid();
        boolean ready = channel.isReady();
        coverage.observe(valid, ready);
        if (held != null && !valid) {
            throw bench.failure(
                    "stream '" + channel.name() + "': valid fell before ready rose; it offered " + channel.text(held));
        }
        long[] word = valid ? channel.word() : null;
        if (held != null && !Arrays.equals(held, word)) {
            throw bench.failure("stream '" + channel.name() + "': the word changed from " + channel.text(held) + " to "
                    + channel.text(word) + " before ready rose");
        }
        held = valid && !ready ? word : null;
        if (valid && ready) {
            for (Consumer<long[]> listener : listeners) {
                listener.accept(word);
            }
        }
    }
}
