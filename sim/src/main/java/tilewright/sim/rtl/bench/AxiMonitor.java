package tilewright.sim.rtl.bench;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds both sides of an AXI4 or AXI4-Lite port to the standard (ARM IHI 0022E, chapters A3 and A4): offered words stay
 * (A3.2.1), bursts stay within 4096 bytes and have legal lengths, sizes and kinds (A3.4.1), the last word is marked and is the
 * last (A3.4.1), strobes lie in the lanes of the word (A3.4.3), responses follow what they answer and bear its identifier
 * (A3.3.1), and reads of one identifier are answered in order (A5.3).
 */
public final class AxiMonitor implements Agent {
    private final Bench bench;
    private final AxiPort port;
    private final List<StreamMonitor> channels;
    private final Deque<AxiPort.Burst> writes = new ArrayDeque<>();
    private final Map<Long, Deque<AxiPort.Burst>> reads = new HashMap<>();
    private final Map<Long, Integer> answerable = new HashMap<>();
    private final List<long[]> early = new ArrayList<>();
    private final Map<Long, Integer> readBeats = new HashMap<>();
    private int writeBeat;
    private int mostReads;
    private int openReads;
    private int mostWrites;
    private int openWrites;

    AxiMonitor(Bench bench, AxiPort port) {
        this.bench = bench;
        this.port = port;
        channels = List.of(
                new StreamMonitor(bench, port.aw).onTransfer(this::writeAddress),
                new StreamMonitor(bench, port.w).onTransfer(this::writeData),
                new StreamMonitor(bench, port.b).onTransfer(this::writeResponse),
                new StreamMonitor(bench, port.ar).onTransfer(this::readAddress),
                new StreamMonitor(bench, port.r).onTransfer(this::readData));
    }

    /** What was seen on a channel: 0 to 4 for write address, write data, write response, read address, read data. */
    public StallCoverage coverage(int channel) {
        return channels.get(channel).coverage();
    }

    /** The most reads that waited for their answer at one time. */
    public int mostReads() {
        return mostReads;
    }

    /** The most writes that waited for their response at one time. */
    public int mostWrites() {
        return mostWrites;
    }

    /** Whether everything that was asked has been answered. */
    public boolean isIdle() {
        return openReads == 0 && openWrites == 0 && early.isEmpty();
    }

    @Override
    public int clock() {
        return port.aw.clock();
    }

    @Override
    public void observe() {
        channels.forEach(StreamMonitor::observe);
    }

    private BenchFailure failure(String message) {
        return bench.failure("port '" + port.name + "': " + message);
    }

    private AxiPort.Burst checked(Channel channel, long[] word) {
        AxiPort.Burst burst = port.burst(channel, word);
        String what = "the burst " + channel.text(word);
        if (1L << burst.size() > port.bytes) {
            throw failure(
                    what + " has words of " + (1L << burst.size()) + " bytes, more than the port's " + port.bytes);
        }
        if (burst.kind() == 3) {
            throw failure(what + " is of the reserved kind 3");
        }
        long step = 1L << burst.size();
        if (burst.kind() == 1
                && (burst.address() & -AxiPort.BOUNDARY)
                        != (burst.beatAddress(burst.beats() - 1) & -AxiPort.BOUNDARY)) {
            throw failure(what + " crosses a boundary of 4096 bytes");
        }
        if (burst.kind() == 0 && burst.beats() > 16) {
            throw failure(what + " to one address has " + burst.beats() + " words; the most are 16");
        }
        if (burst.kind() == 2 && (Integer.bitCount(burst.beats()) != 1 || burst.beats() < 2 || burst.beats() > 16)) {
            throw failure(what + " wraps and has " + burst.beats() + " words; it takes 2, 4, 8 or 16");
        }
        if (burst.kind() == 2 && burst.address() % step != 0) {
            throw failure(what + " wraps and is not aligned");
        }
        return burst;
    }

    private void writeAddress(long[] word) {
        writes.add(checked(port.aw, word));
        mostWrites = Math.max(mostWrites, ++openWrites);
        List<long[]> waiting = List.copyOf(early);
        early.clear();
        waiting.forEach(this::writeData);
    }

    private void writeData(long[] word) {
        AxiPort.Burst burst = writes.peek();
        if (burst == null) {
            early.add(word); // data may come before its address
            return;
        }
        boolean marked = AxiPort.field(port.w, word, "last", 1) != 0;
        boolean last = writeBeat == burst.beats() - 1;
        if (marked != last) {
            throw failure("word %d of a write of %d words is %s as the last"
                    .formatted(writeBeat + 1, burst.beats(), marked ? "marked" : "not marked"));
        }
        int strobes = port.w.offset("strb");
        long address = burst.beatAddress(writeBeat);
        int from = (int) (address % port.bytes);
        long step = 1L << burst.size();
        int end = (int) ((address & -step) % port.bytes + step);
        for (int lane = 0; lane < port.bytes; lane++) {
            if (AxiPort.strobe(word, strobes, lane) && (lane < from || lane >= end)) {
                throw failure("word %d of a write at 0x%x writes lane %d, outside its lanes %d to %d"
                        .formatted(writeBeat + 1, burst.address(), lane, from, end - 1));
            }
        }
        writeBeat++;
        if (last) {
            writes.poll();
            writeBeat = 0;
            answerable.merge(burst.id(), 1, Integer::sum);
        }
    }

    private void writeResponse(long[] word) {
        long id = AxiPort.field(port.b, word, "id", 0);
        int waiting = answerable.getOrDefault(id, 0);
        if (waiting == 0) {
            throw failure("a write response with identifier " + id + " answers no completed write");
        }
        answerable.put(id, waiting - 1);
        openWrites--;
    }

    private void readAddress(long[] word) {
        AxiPort.Burst burst = checked(port.ar, word);
        reads.computeIfAbsent(burst.id(), _ -> new ArrayDeque<>()).add(burst);
        mostReads = Math.max(mostReads, ++openReads);
    }

    private void readData(long[] word) {
        long id = AxiPort.field(port.r, word, "id", 0);
        Deque<AxiPort.Burst> waiting = reads.get(id);
        if (waiting == null || waiting.isEmpty()) {
            throw failure("a read word with identifier " + id + " answers no read");
        }
        int beat = readBeats.merge(id, 1, Integer::sum);
        int beats = waiting.peek().beats();
        boolean marked = AxiPort.field(port.r, word, "last", 1) != 0;
        if (marked != (beat == beats)) {
            throw failure("word %d of a read of %d words is %s as the last"
                    .formatted(beat, beats, marked ? "marked" : "not marked"));
        }
        if (beat == beats) {
            waiting.poll();
            readBeats.put(id, 0);
            openReads--;
        }
    }
}
