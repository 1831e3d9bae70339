package tilewright.sim.rtl.bench;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Reads and writes through an AXI4 or AXI4-Lite port whose subordinate is the design, and holds it to the standard
 * ({@link AxiMonitor}). Transactions of each direction are answered in the order in which they were asked for, which is what
 * one identifier asks of a subordinate.
 */
public final class AxiManager implements Agent {
    private final Bench bench;
    private final AxiPort port;
    private final AxiMonitor monitor;
    private final StreamSource aw;
    private final StreamSource w;
    private final StreamSource ar;
    private final StreamSink b;
    private final StreamSink r;
    private final Deque<Write> writes = new ArrayDeque<>();
    private final Deque<Read> reads = new ArrayDeque<>();

    AxiManager(Bench bench, AxiPort port, Stalls stalls) {
        this.bench = bench;
        this.port = port;
        if (port.isManager) {
            throw new IllegalArgumentException(
                    "port '" + port.name + "' is a manager's; an AxiMemory answers it, or a design with its like");
        }
        monitor = new AxiMonitor(bench, port);
        aw = bench.newSource(port.aw, stalls);
        w = bench.newSource(port.w, stalls);
        ar = bench.newSource(port.ar, stalls);
        b = bench.newSink(port.b, stalls, () -> true, this::writeAnswered);
        r = bench.newSink(port.r, stalls, () -> true, this::wordRead);
    }

    /** A write that was asked for. */
    public static final class Write {
        private int response = -1;

        private Write() {}

        /** Whether its response came. */
        public boolean isDone() {
            return response >= 0;
        }

        /** The response: 0 is OKAY, 2 and 3 are errors. */
        public int response() {
            return response;
        }
    }

    /** A read that was asked for. */
    public static final class Read {
        private final AxiPort.Burst burst;
        private final List<Byte> bytes = new ArrayList<>();
        private int response;
        private int beats;

        private Read(AxiPort.Burst burst) {
            this.burst = burst;
        }

        /** Whether all its words came. */
        public boolean isDone() {
            return beats == burst.beats();
        }

        /** The worst response of its words: 0 is OKAY, 2 and 3 are errors. */
        public int response() {
            return response;
        }

        /** The bytes, from the address that was asked for to the end of its last word. */
        public byte[] bytes() {
            byte[] result = new byte[bytes.size()];
            for (int i = 0; i < result.length; i++) {
                result[i] = bytes.get(i);
            }
            return result;
        }

        /** The bytes, of which at most eight count, as a number, the least significant first; for registers. */
        public long number() {
            long result = 0;
            for (int i = Math.min(8, bytes.size()) - 1; i >= 0; i--) {
                result = result << 8 | bytes.get(i) & 0xff;
            }
            return result;
        }
    }

    /** What was seen of the port. */
    public AxiMonitor monitor() {
        return monitor;
    }

    /** Whether everything that was asked for has been answered. */
    public boolean isDone() {
        return writes.isEmpty() && reads.isEmpty();
    }

    /**
     * Asks for bytes to be written in one burst of whole words but for its ends, whose other lanes are not written.
     *
     * @throws IllegalArgumentException when that is more than one burst: on AXI4-Lite more than a word, on AXI4 more than 256
     *     words or across a multiple of 4096
     */
    public Write write(long address, byte... bytes) {
        AxiPort.Burst burst = burst(address, bytes.length);
        aw.offer(address(port.aw, "aw", burst));
        int at = port.w.offset("data");
        int strobes = port.w.offset("strb");
        long base = address & -port.bytes;
        for (int beat = 0; beat < burst.beats(); beat++) {
            long[] word = new long[port.w.words()];
            for (int lane = 0; lane < port.bytes; lane++) {
                long index = base + (long) beat * port.bytes + lane - address;
                if (index >= 0 && index < bytes.length) {
                    AxiPort.setLane(word, at, lane, bytes[(int) index]);
                    word[strobes + lane / 64] |= 1L << lane;
                }
            }
            AxiPort.put(port.w, word, "last", beat + 1 == burst.beats() ? 1 : 0);
            w.offer(word);
        }
        Write write = new Write();
        writes.add(write);
        return write;
    }

    /** Asks for a number of 32 bits to be written, the least significant byte first; for registers. */
    public Write writeNumber(long address, long value) {
        return write(address, (byte) value, (byte) (value >>> 8), (byte) (value >>> 16), (byte) (value >>> 24));
    }

    /** Asks for bytes to be read in one burst; see {@link #write}. */
    public Read read(long address, int count) {
        Read read = new Read(burst(address, count));
        ar.offer(address(port.ar, "ar", read.burst));
        reads.add(read);
        return read;
    }

    /** Reads a number of 32 bits at once, cycling the bench until it came. */
    public long readNumber(long address) {
        Read read = read(address, 4);
        bench.runUntil(read::isDone, 100_000);
        return read.number() & 0xffff_ffffL;
    }

    private AxiPort.Burst burst(long address, int count) {
        long base = address & -port.bytes;
        long beats = (address + count - base + port.bytes - 1) / port.bytes;
        boolean crosses = (address & -AxiPort.BOUNDARY) != (address + count - 1 & -AxiPort.BOUNDARY);
        if (count < 1 || beats > (port.full ? 256 : 1) || crosses) {
            throw new IllegalArgumentException("%d bytes at 0x%x are not one burst of port '%s'; ask for fewer"
                    .formatted(count, address, port.name));
        }
        return new AxiPort.Burst(0, address, (int) beats, Integer.numberOfTrailingZeros(port.bytes), 1);
    }

    private static long[] address(Channel channel, String prefix, AxiPort.Burst burst) {
        long[] word = new long[channel.words()];
        AxiPort.put(channel, word, prefix + "addr", burst.address());
        AxiPort.put(channel, word, prefix + "len", burst.beats() - 1);
        AxiPort.put(channel, word, prefix + "size", burst.size());
        AxiPort.put(channel, word, prefix + "burst", burst.kind());
        return word;
    }

    private void writeAnswered(long[] word) {
        Write write = writes.poll();
        write.response = (int) AxiPort.field(port.b, word, "resp", 0);
    }

    private void wordRead(long[] word) {
        Read read = reads.peek();
        int at = port.r.offset("data");
        int from = read.beats == 0 ? (int) (read.burst.address() % port.bytes) : 0;
        for (int lane = from; lane < port.bytes; lane++) {
            read.bytes.add(AxiPort.lane(word, at, lane));
        }
        read.response = Math.max(read.response, (int) AxiPort.field(port.r, word, "resp", 0));
        if (++read.beats == read.burst.beats()) {
            reads.poll();
        }
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
    }
}
