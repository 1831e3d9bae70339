package tilewright.sim.rtl.bench;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/**
 * A memory at an AXI4 port whose manager is the design: answers bursts in order, after a latency and within a bandwidth that
 * reads and writes share, with stalls on every channel; and holds the design to the standard ({@link AxiMonitor}).
 */
public final class AxiMemory implements Agent {
    private final AxiPort port;
    private final AxiMonitor monitor;
    private final MemoryTiming timing;
    private final MemoryBytes bytes;
    private final StreamSink aw;
    private final StreamSink w;
    private final StreamSink ar;
    private final StreamSource b;
    private final StreamSource r;
    private final Deque<AxiPort.Burst> writes = new ArrayDeque<>();
    private final Deque<Pending> reads = new ArrayDeque<>();
    private final Deque<Pending> responses = new ArrayDeque<>();
    private final Deque<long[]> data = new ArrayDeque<>();
    private double budget;
    private long cycle;
    private int writeBeat;
    private int readBeat;
    private long bytesMoved;

    private record Pending(AxiPort.Burst burst, long from) {}

    AxiMemory(Bench bench, AxiPort port, MemoryTiming timing, MemoryBytes bytes, Stalls stalls) {
        this.port = port;
        this.timing = timing;
        this.bytes = bytes;
        if (!port.isManager) {
            throw new IllegalArgumentException("port '" + port.name
                    + "' is a subordinate's; a memory answers a manager, and an AxiManager drives a subordinate");
        }
        BooleanSupplier room = () -> writes.size() + responses.size() < timing.outstanding();
        monitor = new AxiMonitor(bench, port);
        aw = bench.newSink(port.aw, stalls, room, word -> writes.add(port.burst(port.aw, word)));
        w = bench.newSink(port.w, stalls, () -> data.size() < 2, data::add);
        ar = bench.newSink(
                port.ar,
                stalls,
                () -> reads.size() < timing.outstanding(),
                word -> reads.add(new Pending(port.burst(port.ar, word), cycle + timing.readLatencyCycles())));
        b = bench.newSource(port.b, stalls);
        r = bench.newSource(port.r, stalls);
    }

    /** The memory's contents. */
    public MemoryBytes bytes() {
        return bytes;
    }

    /** What was seen of the port. */
    public AxiMonitor monitor() {
        return monitor;
    }

    /** The bytes that were read and written, whole words of the port. */
    public long bytesMoved() {
        return bytesMoved;
    }

    @Override
    public int clock() {
        return port.aw.clock();
    }

    @Override
    public void drive() {
        aw.drive();
        w.drive();
        ar.drive();
        b.drive();
        r.drive();
    }

    @Override
    public void observe() {
        monitor.observe();
        aw.observe();
        w.observe();
        ar.observe();
        b.observe();
        r.observe();
        cycle++;
        // What is not used is lost, but for a word's worth: a memory cannot catch up.
        budget = Math.min(budget + timing.bytesPerCycle(), Math.max(timing.bytesPerCycle(), 2.0 * port.bytes));
        // The direction that had the bandwidth last comes second.
        if (cycle % 2 == 0) {
            write();
            read();
        } else {
            read();
            write();
        }
        while (!responses.isEmpty() && responses.peek().from() <= cycle) {
            long[] word = new long[port.b.words()];
            AxiPort.put(port.b, word, "bid", responses.poll().burst().id());
            b.offer(word);
        }
    }

    private boolean isPaid() {
        if (budget < port.bytes) {
            return false;
        }
        budget -= port.bytes;
        bytesMoved += port.bytes;
        return true;
    }

    private void write() {
        if (data.isEmpty() || writes.isEmpty() || !isPaid()) {
            return;
        }
        AxiPort.Burst burst = writes.peek();
        long[] word = data.poll();
        int at = port.w.offset("data");
        int strobes = port.w.offset("strb");
        long address = burst.beatAddress(writeBeat) & -port.bytes;
        for (int lane = 0; lane < port.bytes; lane++) {
            if (AxiPort.strobe(word, strobes, lane)) {
                bytes.set(address + lane, AxiPort.lane(word, at, lane));
            }
        }
        if (++writeBeat == burst.beats()) {
            writeBeat = 0;
            writes.poll();
            responses.add(new Pending(burst, cycle + timing.writeLatencyCycles() - 1));
        }
    }

    private void read() {
        Pending next = reads.peek();
        if (next == null || next.from() > cycle || r.waiting() > 1 || !isPaid()) {
            return;
        }
        AxiPort.Burst burst = next.burst();
        long[] word = new long[port.r.words()];
        int at = port.r.offset("data");
        long address = burst.beatAddress(readBeat) & -port.bytes;
        for (int lane = 0; lane < port.bytes; lane++) {
            AxiPort.setLane(word, at, lane, bytes.get(address + lane));
        }
        boolean last = ++readBeat == burst.beats();
        AxiPort.put(port.r, word, "rid", burst.id());
        AxiPort.put(port.r, word, "last", last ? 1 : 0);
        r.offer(word);
        if (last) {
            readBeat = 0;
            reads.poll();
        }
    }
}
