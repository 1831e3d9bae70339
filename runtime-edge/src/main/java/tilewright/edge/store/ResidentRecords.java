package tilewright.edge.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import tilewright.edge.expert.ExpertRecords;
import tilewright.edge.expert.ExpertSource;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.model.InvalidInputException;

/** All experts of a store in memory, each read when its layer is first asked for; the plain way, for stores that fit. */
public final class ResidentRecords implements ExpertSource {
    private final ExpertRecords records;
    private final String name;

    /**
     * Experts of these records, which must stay open while layers are asked for.
     *
     * @param name of the store, for messages
     */
    public ResidentRecords(ExpertRecords records, String name) {
        this.records = records;
        this.name = name;
    }

    @Override
    public ExpertWeights layer(int layer, Supplier<ExpertWeights> stored) {
        if (layer < 0 || layer >= records.layers()) {
            throw new InvalidInputException(name + ": has no layer " + layer + " of experts, only " + records.layers()
                    + "; pack the model again");
        }
        List<ExpertWeights.Expert> experts = new ArrayList<>(IntStream.range(0, records.experts(layer))
                .parallel()
                .mapToObj(expert -> read(layer, expert))
                .toList());
        return new Resident(List.copyOf(experts));
    }

    private ExpertWeights.Expert read(int layer, int expert) {
        int level = records.levels(layer, expert) - 1;
        MemorySegment slot = Arena.ofAuto().allocate(records.slotBytes(layer, expert), RecordShape.ALIGNMENT);
        for (ExpertRecords.Extent extent : records.extents(layer, expert, -1, level)) {
            ByteBuffer to = slot.asSlice(extent.at(), extent.bytes()).asByteBuffer();
            try {
                if (!readFully(extent, to)) {
                    throw new InvalidInputException(name + ": layer " + layer + ", expert " + expert
                            + ": the file ends at byte "
                            + (extent.offset() + to.position()) + ", expected " + extent.bytes() + " bytes from byte "
                            + extent.offset() + " on; it was shortened, copy it or pack the model again");
                }
            } catch (IOException e) {
                throw new InvalidInputException(
                        name + ": layer " + layer + ", expert " + expert + " (bytes " + extent.offset() + " to "
                                + (extent.offset() + extent.bytes()) + ") cannot be read ("
                                + InvalidInputException.reason(e)
                                + "); check the disk, copy the store or pack the model again",
                        e);
            }
        }
        long packedBytes = records.packedBytes(layer, expert);
        MemorySegment packed = packedBytes == 0 ? null : Arena.ofAuto().allocate(packedBytes, 64);
        return records.open(layer, expert, level, slot, packed);
    }

    /** Reads until the buffer is full; false when the file ends before. Direct reads begin at whole pages, so others are repeated. */
    private static boolean readFully(ExpertRecords.Extent extent, ByteBuffer to) throws IOException {
        while (to.hasRemaining()) {
            int before = to.position();
            int read = extent.channel().read(to, extent.offset() + before);
            if (to.hasRemaining()) {
                to.position(to.position() / RecordShape.ALIGNMENT * RecordShape.ALIGNMENT);
            }
            if (read <= 0 || to.position() <= before) {
                return false;
            }
        }
        return true;
    }

    private record Resident(List<Expert> all) implements ExpertWeights {
        @Override
        public int experts() {
            return all.size();
        }

        @Override
        public int width() {
            return all.getFirst().gate().width();
        }

        @Override
        public int hidden() {
            return all.getFirst().gate().rows();
        }

        @Override
        public int outputs() {
            return all.getFirst().down().rows();
        }

        @Override
        public Expert acquire(int expert) {
            return all.get(expert);
        }

        @Override
        public void release(int expert) {
            // Nothing is ever dropped.
        }
    }
}
