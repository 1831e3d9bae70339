package tilewright.edge.expert;

import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.model.store.LayerSensitivity;

/**
 * Experts on storage: where each one's bytes lie, and how they become matrices; safe for use by several threads.
 *
 * <p>An expert has one or two <em>levels</em>: level 0 may be a lower bit-width, contained in the last level, which adds the
 * difference. Layers are the model's layers of experts, counted from 0.
 */
public interface ExpertRecords extends AutoCloseable {
    /**
     * Bytes to read.
     *
     * @param channel the file, opened for direct reads where the file system allows it
     * @param offset where they begin in the file, a multiple of 4096
     * @param bytes how many, a multiple of 4096 (the file's end may cut them short)
     * @param at where they go in the slot, a multiple of 4096
     */
    record Extent(FileChannel channel, long offset, int bytes, int at) {}

    /** The number of layers of experts. */
    int layers();

    /** The number of a layer among all layers of experts of the model's graph: its own, unless some have no records. */
    default int graphLayer(int layer) {
        return layer;
    }

    /** The number of experts of a layer. */
    int experts(int layer);

    /** The levels of an expert, 1 or 2. */
    int levels(int layer, int expert);

    /**
     * What must be read for a level, in order.
     *
     * @param have the level that the slot holds already, -1 for none
     */
    List<Extent> extents(int layer, int expert, int have, int level);

    /** Bytes of the slot into which an expert is read, a multiple of 4096. */
    long slotBytes(int layer, int expert);

    /**
     * Bytes of memory in which {@link #open} puts the matrices, 64-byte aligned; 0 when they are used where they were read,
     * in which case the slot must live as long as they do.
     */
    long packedBytes(int layer, int expert);

    /**
     * Checks what was read and gives the expert's matrices.
     *
     * @param slot {@link #slotBytes} bytes, 4096-aligned, holding the extents of this level and of those below
     * @param packed {@link #packedBytes} bytes, or null when these are 0
     * @throws tilewright.model.InvalidInputException naming file, expert and place when a checksum does not fit
     */
    ExpertWeights.Expert open(int layer, int expert, int level, MemorySegment slot, MemorySegment packed);

    /** Takes in one expert while it is read, so that little is left to do when its last byte is there. */
    interface Arrival {
        /**
         * Some of the slot has been read; called once for every byte, in any order, by several threads at a time.
         *
         * @param from where it begins in the slot, a multiple of 4096
         * @param bytes how much
         */
        void arrived(long from, long bytes);

        /**
         * Ends it, once all has been read: as {@link ExpertRecords#open}, whose arguments it was begun with.
         *
         * @throws tilewright.model.InvalidInputException as there
         */
        ExpertWeights.Expert open();
    }

    /**
     * Begins to take in an expert, with the arguments of {@link #open}; unless an implementation knows better, everything is done
     * at the end.
     */
    default Arrival arrival(int layer, int expert, int level, MemorySegment slot, MemorySegment packed) {
        return new Arrival() {
            @Override
            public void arrived(long from, long bytes) {
                // Nothing can be said of a part.
            }

            @Override
            public ExpertWeights.Expert open() {
                return ExpertRecords.this.open(layer, expert, level, slot, packed);
            }
        };
    }

    /** The files that hold the experts' bytes; empty when that is not known. */
    default List<Path> files() {
        return List.of();
    }

    /** How much layers bear, layer by layer; empty when that is not known. */
    default List<LayerSensitivity> sensitivities() {
        return List.of();
    }

    /** What tells these experts from all others: hexadecimal, of the source model and of how it was packed. */
    String digest();

    /** Closes the files. */
    @Override
    void close();
}
