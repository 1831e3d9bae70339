package tilewright.sim.rtl.verilator;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import tilewright.sim.SimulationException;
import tilewright.sim.rtl.Port;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.Words;

/** A Verilator model in this process; ports are read and written where the model has them. */
final class VerilatorSimulation implements Simulation {
    @SuppressWarnings("restricted")
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private final String name;
    private final Path library;
    private final List<Port> ports;
    private final List<String> clocks;
    private final NativeModel model;
    private final long[] addresses;
    private final byte[] sizes;
    private final boolean[] signed;
    private final int[] widths;
    private final boolean[] inputs;
    private boolean stale;
    private boolean high;
    private boolean closed;
    private boolean stopped;
    private long cycles;

    /**
     * Makes an instance of a model.
     *
     * @param name the design's
     * @param clocks the names of its clocks, in the order of their ports
     */
    VerilatorSimulation(String name, Path library, List<Port> ports, List<String> clocks, Optional<Path> trace) {
        this.name = name;
        this.library = library;
        this.ports = ports;
        this.clocks = clocks;
        model = new NativeModel(library);
        addresses = new long[ports.size()];
        sizes = new byte[ports.size()];
        signed = new boolean[ports.size()];
        widths = new int[ports.size()];
        inputs = new boolean[ports.size()];
        for (Port port : ports) {
            int i = port.index();
            addresses[i] = model.address(i);
            widths[i] = port.width();
            sizes[i] = (byte) (port.width() <= 8 ? 1 : port.width() <= 16 ? 2 : port.width() <= 32 ? 4 : 8);
            signed[i] = port.signed();
            inputs[i] = port.isInput();
        }
        trace.ifPresent(model::trace);
    }

    @Override
    public List<Port> ports() {
        return ports;
    }

    @Override
    public List<String> clocks() {
        return clocks;
    }

    @Override
    public long get(int port) {
        if (widths[port] > 64) {
            throw Words.tooWide(ports.get(port));
        }
        if (stale) {
            eval();
        }
        long address = addresses[port];
        long value = load(address, sizes[port]);
        int spare = 64 - widths[port];
        return signed[port] ? value << spare >> spare : value;
    }

    private static long load(long address, int size) {
        return switch (size) {
            case 1 -> ALL.get(ValueLayout.JAVA_BYTE, address) & 0xff;
            case 2 -> ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address) & 0xffff;
            case 4 -> ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address) & 0xffff_ffffL;
            default -> ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
        };
    }

    @Override
    public void get(int port, long[] words) {
        if (widths[port] <= 64) {
            words[0] = get(port);
            return;
        }
        if (stale) {
            eval();
        }
        // The model has words of 32 bits.
        int halves = (widths[port] + 31) / 32;
        int last = (halves - 1) / 2;
        for (int i = 0; i <= last; i++) {
            long low = ALL.get(ValueLayout.JAVA_INT_UNALIGNED, addresses[port] + 8L * i) & 0xffff_ffffL;
            long top = 2 * i + 1 < halves ? ALL.get(ValueLayout.JAVA_INT_UNALIGNED, addresses[port] + 8L * i + 4) : 0;
            words[i] = top << 32 | low;
        }
        int spare = -widths[port] & 63;
        words[last] = signed[port] ? words[last] << spare >> spare : words[last];
    }

    @Override
    public void set(int port, long value) {
        int width = widths[port];
        if (width > 64) {
            throw Words.tooWide(ports.get(port));
        }
        check(port);
        if (!Words.fits(value, width, signed[port])) {
            throw Words.misfit(ports.get(port), value);
        }
        int spare = 64 - width;
        long bits = value << spare >>> spare;
        long address = addresses[port];
        switch (sizes[port]) {
            case 1 -> ALL.set(ValueLayout.JAVA_BYTE, address, (byte) bits);
            case 2 -> ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, (short) bits);
            case 4 -> ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, (int) bits);
            default -> ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, bits);
        }
        changed(port);
    }

    @Override
    public void set(int port, long[] words) {
        if (widths[port] <= 64) {
            set(port, words[0]);
            return;
        }
        check(port);
        int halves = (widths[port] + 31) / 32;
        int last = (halves - 1) / 2;
        if (!Words.fits(words[last], widths[port] - 64 * last, signed[port])) {
            throw Words.misfit(ports.get(port), words);
        }
        int spare = -widths[port] & 63;
        for (int i = 0; i <= last; i++) {
            long bits = i == last ? words[i] << spare >>> spare : words[i];
            ALL.set(ValueLayout.JAVA_INT_UNALIGNED, addresses[port] + 8L * i, (int) bits);
            if (2 * i + 1 < halves) {
                ALL.set(ValueLayout.JAVA_INT_UNALIGNED, addresses[port] + 8L * i + 4, (int) (bits >>> 32));
            }
        }
        changed(port);
    }

    private void check(int port) {
        check();
        if (!inputs[port]) {
            throw Words.notAnInput(ports.get(port));
        }
    }

    private void changed(int port) {
        stale = true;
        if (ports.get(port).direction() == Port.Direction.RESET) {
            eval(); // a reset may act at once, and the model sees only what is there when it is evaluated
        }
    }

    @Override
    public void eval() {
        check();
        stale = false;
        high = false;
        if (model.eval()) {
            throw stopped(cycles);
        }
    }

    @Override
    public void tick() {
        edge(-1);
    }

    @Override
    public void tick(int clock) {
        edge(1 << Objects.checkIndex(clock, clocks.size()));
    }

    private void edge(int mask) {
        check();
        boolean settle = stale || high;
        stale = false;
        high = true;
        if (model.edge(mask, settle)) {
            throw stopped(cycles);
        }
        cycles++;
    }

    @Override
    public void run(long edges) {
        check();
        stale = false;
        high = true;
        long done = model.run(-1, edges);
        cycles += done;
        if (done < edges) {
            throw stopped(cycles);
        }
    }

    private void check() {
        if (closed || stopped) {
            throw new IllegalStateException(
                    name + ": the simulation is " + (closed ? "closed" : "stopped") + "; open another");
        }
    }

    /** The design stopped itself; the model cannot be used further. */
    private SimulationException stopped(long cycle) {
        String printed = model.message();
        stopped = true;
        String line = printed.lines().findFirst().orElse("the design stopped");
        String reason = line.replaceFirst("^\\[\\d+] *%\\w+: [^:]*:\\d+: (Assertion failed in )?[^:]*: *", "");
        try {
            Path log = Files.createTempFile(library.getParent(), "run-", ".log");
            Files.writeString(log, printed + "\n");
            return new SimulationException("%s: %s (cycle %d); log: %s".formatted(name, reason, cycle, log));
        } catch (IOException e) {
            return new SimulationException(
                    "%s: %s (cycle %d); its log cannot be written (%s)".formatted(name, reason, cycle, e), e);
        }
    }

    @Override
    public long cycles() {
        return cycles;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            model.free();
        }
    }
}
