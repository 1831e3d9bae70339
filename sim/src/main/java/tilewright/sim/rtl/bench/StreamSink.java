package tilewright.sim.rtl.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Takes words from a stream that the design sends, with stalls, and holds the design to the rules of {@link StreamMonitor}. */
public final class StreamSink implements Agent {
    private final Channel channel;
    private final StreamMonitor monitor;
    private final BooleanSupplier stalls;
    private final BooleanSupplier accepts;
    private final List<long[]> words = new ArrayList<>();
    private long taken;

    StreamSink(
            Bench bench, Channel channel, Stalls stalls, Random random, BooleanSupplier accepts, Consumer<long[]> to) {
        this.channel = channel;
        this.stalls = stalls.pattern(random);
        this.accepts = accepts;
        Consumer<long[]> consumer = to == null ? words::add : to;
        monitor = new StreamMonitor(bench, channel).onTransfer(word -> {
            taken++;
            consumer.accept(word);
        });
    }

    /** The words that were taken, where no consumer was named. */
    public List<long[]> words() {
        return words;
    }

    /** How many words were taken. */
    public long taken() {
        return taken;
    }

    /** The stream. */
    public Channel channel() {
        return channel;
    }

    /** What was seen of valid and ready. */
    public StallCoverage coverage() {
        return monitor.coverage();
    }

    @Override
    public int clock() {
        return channel.clock();
    }

    @Override
    public void drive() {
        channel.setReady(!stalls.getAsBoolean() && accepts.getAsBoolean());
    }

    @Override
    public void observe() {
        monitor.observe();
    }
}
