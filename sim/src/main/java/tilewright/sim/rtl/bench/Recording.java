package tilewright.sim.rtl.bench;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import tilewright.sim.rtl.Port;
import tilewright.sim.rtl.Simulation;

/** A simulation that writes down what is set and ticked; {@link Replay} does the same again. */
final class Recording implements Simulation {
    /** A port is set: its number and its words follow. */
    static final int SET = 1;
    /** All clocks rise. */
    static final int TICK = 2;
    /** One clock rises: its number follows. */
    static final int TICK_ONE = 3;
    /** Nothing follows. */
    static final int END = 4;

    private final Simulation simulation;
    private final DataOutputStream out;
    private final long[][] last;

    Recording(Simulation simulation, DataOutputStream out) {
        this.simulation = simulation;
        this.out = out;
        last = simulation.ports().stream().map(port -> new long[port.words()]).toArray(long[][]::new);
    }

    private interface Write {
        void run() throws IOException;
    }

    private static void write(Write write) {
        try {
            write.run();
        } catch (IOException e) {
            throw new UncheckedIOException("the record of a failure cannot be written; is there space?", e);
        }
    }

    private void changed(int port, long[] words) {
        boolean isReset = simulation.ports().get(port).direction() == Port.Direction.RESET;
        if (isReset || !Arrays.equals(last[port], 0, last[port].length, words, 0, last[port].length)) {
            System.arraycopy(words, 0, last[port], 0, last[port].length);
            write(() -> {
                out.writeByte(SET);
                out.writeShort(port);
                for (int i = 0; i < last[port].length; i++) {
                    out.writeLong(words[i]);
                }
            });
        }
    }

    @Override
    public List<Port> ports() {
        return simulation.ports();
    }

    @Override
    public List<String> clocks() {
        return simulation.clocks();
    }

    @Override
    public long get(int port) {
        return simulation.get(port);
    }

    @Override
    public void get(int port, long[] words) {
        simulation.get(port, words);
    }

    @Override
    public void set(int port, long value) {
        simulation.set(port, value);
        changed(port, new long[] {value});
    }

    @Override
    public void set(int port, long[] words) {
        simulation.set(port, words);
        changed(port, words);
    }

    @Override
    public void eval() {
        simulation.eval();
    }

    @Override
    public void tick() {
        write(() -> out.writeByte(TICK));
        simulation.tick();
    }

    @Override
    public void tick(int clock) {
        write(() -> {
            out.writeByte(TICK_ONE);
            out.writeByte(clock);
        });
        simulation.tick(clock);
    }

    @Override
    public long cycles() {
        return simulation.cycles();
    }

    @Override
    public void close() {
        write(() -> {
            out.writeByte(END);
            out.close();
        });
        simulation.close();
    }
}
