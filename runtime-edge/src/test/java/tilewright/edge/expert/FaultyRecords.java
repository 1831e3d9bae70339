package tilewright.edge.expert;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.model.InvalidInputException;

/** Experts on storage that fails now and then. */
final class FaultyRecords implements ExpertRecords {
    /** Of a thousand reads so many fail; of a thousand openings likewise. */
    volatile int perMille;

    /** How long each read takes more. */
    volatile long delayNanos;

    private final ExpertRecords records;
    private final Random random;
    private final Map<FileChannel, FileChannel> channels = new HashMap<>();

    FaultyRecords(ExpertRecords records, Random random) {
        this.records = records;
        this.random = random;
    }

    private synchronized boolean fails() {
        return random.nextInt(1000) < perMille;
    }

    private synchronized int draw(int bound) {
        return random.nextInt(bound);
    }

    /** Reads that fail, give nothing, or give less than was asked for. */
    private final class Failing extends ReadingChannel {
        Failing(FileChannel file) {
            super(file);
        }

        @Override
        public int read(ByteBuffer to, long position) throws IOException {
            if (delayNanos > 0) {
                LockSupport.parkNanos(delayNanos);
            }
            if (fails()) {
                switch (draw(3)) {
                    case 0 -> throw new IOException("Input/output error");
                    case 1 -> {
                        return -1;
                    }
                    default -> {
                        return 0;
                    }
                }
            }
            if (draw(4) == 0 && to.remaining() > SlotArena.PAGE) {
                int limit = to.limit();
                to.limit(to.position() + SlotArena.PAGE * (1 + draw(to.remaining() / SlotArena.PAGE)));
                int read = file().read(to, position);
                to.limit(limit);
                return read;
            }
            return file().read(to, position);
        }
    }

    @Override
    public List<Extent> extents(int layer, int expert, int have, int level) {
        return records.extents(layer, expert, have, level).stream()
                .map(extent -> new Extent(channel(extent.channel()), extent.offset(), extent.bytes(), extent.at()))
                .toList();
    }

    private synchronized FileChannel channel(FileChannel channel) {
        return channels.computeIfAbsent(channel, Failing::new);
    }

    @Override
    public ExpertWeights.Expert open(int layer, int expert, int level, MemorySegment slot, MemorySegment packed) {
        if (fails()) {
            throw new InvalidInputException("experts.bin: expert " + expert + " of layer " + layer
                    + " has the checksum 1, expected 2; fetch the file again");
        }
        return records.open(layer, expert, level, slot, packed);
    }

    @Override
    public Arrival arrival(int layer, int expert, int level, MemorySegment slot, MemorySegment packed) {
        Arrival arrival = records.arrival(layer, expert, level, slot, packed);
        return new Arrival() {
            @Override
            public void arrived(long from, long bytes) {
                arrival.arrived(from, bytes);
            }

            @Override
            public ExpertWeights.Expert open() {
                if (fails()) {
                    throw new InvalidInputException("experts.bin: expert " + expert + " of layer " + layer
                            + " has the checksum 1, expected 2; fetch the file again");
                }
                return arrival.open();
            }
        };
    }

    @Override
    public int layers() {
        return records.layers();
    }

    @Override
    public int graphLayer(int layer) {
        return records.graphLayer(layer);
    }

    @Override
    public int experts(int layer) {
        return records.experts(layer);
    }

    @Override
    public int levels(int layer, int expert) {
        return records.levels(layer, expert);
    }

    @Override
    public long slotBytes(int layer, int expert) {
        return records.slotBytes(layer, expert);
    }

    @Override
    public long packedBytes(int layer, int expert) {
        return records.packedBytes(layer, expert);
    }

    @Override
    public String digest() {
        return records.digest();
    }

    @Override
    public void close() {
        records.close();
    }
}
