package tilewright.hw.lang.stream;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Handshake;
import tilewright.hw.lang.design.Interpreter;
import tilewright.hw.lang.design.Net;

/** Offers words to the streams of a design's ports, takes what comes out, both with random stalls, and holds the rules. */
public final class StreamBench {
    private final Interpreter interpreter;
    private final List<Handshake> streams;
    private final Random random;
    private final int stallPercent;
    private final Map<String, List<List<Long>>> offered = new LinkedHashMap<>();
    private final Map<String, List<List<Long>>> taken = new LinkedHashMap<>();
    private final Map<String, List<Long>> held = new LinkedHashMap<>();
    private final Map<String, Boolean> offering = new LinkedHashMap<>();

    /** A bench for a design, reset. */
    public StreamBench(Design design, long seed, int stallPercent) {
        interpreter = new Interpreter(design);
        streams = design.top().streams();
        random = new Random(seed);
        this.stallPercent = stallPercent;
        if (design.top().clocks().stream().anyMatch(clock -> clock.reset().isPresent())) {
            design.top().clocks().forEach(c -> c.reset().ifPresent(net -> interpreter.set(net.name(), 1)));
            interpreter.step();
            design.top().clocks().forEach(c -> c.reset().ifPresent(net -> interpreter.set(net.name(), 0)));
        }
    }

    /** The design being run. */
    public Interpreter interpreter() {
        return interpreter;
    }

    /** Words that a port is to be offered, each as the values of its signals. */
    public void offer(String port, List<List<Long>> words) {
        offered.put(port, new ArrayList<>(words));
        offering.put(port, false);
    }

    /** What a port has given. */
    public List<List<Long>> taken(String port) {
        return taken.getOrDefault(port, List.of());
    }

    /** Runs a number of edges of every clock. */
    public void run(int cycles) {
        for (int i = 0; i < cycles; i++) {
            streams.forEach(this::drive);
            for (Handshake stream : streams) {
                if (stream.role() == Handshake.Role.MASTER) {
                    watch(stream);
                } else if (stream.role() == Handshake.Role.SLAVE && passes(stream)) {
                    offered.get(stream.name()).removeFirst();
                    offering.put(stream.name(), false);
                }
            }
            edge();
        }
    }

    /** A rising edge of every clock; benches with several override it. */
    void edge() {
        interpreter.step();
    }

    private void drive(Handshake stream) {
        boolean stalls = random.nextInt(100) < stallPercent;
        if (stream.role() == Handshake.Role.MASTER) {
            interpreter.set(stream.ready().name(), stalls ? 0 : 1);
        } else if (stream.role() == Handshake.Role.SLAVE) {
            List<List<Long>> words = offered.getOrDefault(stream.name(), List.of());
            if (!words.isEmpty() && !offering.get(stream.name())) {
                offering.put(stream.name(), !stalls);
            }
            boolean offers = !words.isEmpty() && offering.get(stream.name());
            interpreter.set(stream.valid().name(), offers ? 1 : 0);
            for (int i = 0; i < stream.payload().size(); i++) {
                Net net = stream.payload().get(i);
                // What is not offered is noise.
                long noise = net.signed() ? -(random.nextInt(2)) : random.nextInt(2);
                interpreter.set(net.name(), offers ? words.getFirst().get(i) : noise);
            }
        }
    }

    private boolean passes(Handshake stream) {
        return value(stream.valid()) == 1 && value(stream.ready()) == 1;
    }

    private long value(Net net) {
        return interpreter.getLong(net.name());
    }

    private void watch(Handshake stream) {
        List<Long> word = stream.payload().stream().map(this::value).toList();
        List<Long> before = held.get(stream.name());
        if (before != null && (value(stream.valid()) == 0 || !before.equals(word))) {
            throw new AssertionError(stream.name() + " offered " + before + " and withdrew it for " + word);
        }
        held.put(stream.name(), value(stream.valid()) == 1 && value(stream.ready()) == 0 ? word : null);
        if (passes(stream)) {
            taken.computeIfAbsent(stream.name(), _ -> new ArrayList<>()).add(word);
        }
    }
}
