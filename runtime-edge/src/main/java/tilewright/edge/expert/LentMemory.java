package tilewright.edge.expert;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** Memory of experts that somebody else uses for a while. */
public final class LentMemory implements AutoCloseable {
    /** Holds an area, and does not give it up. */
    private static final class Loan implements SlotArena.Occupant {
        @Override
        public boolean evictable() {
            return false;
        }

        @Override
        public double worth() {
            return Double.MAX_VALUE;
        }

        @Override
        public void evicted() {
            throw new IllegalStateException("memory that is lent was taken");
        }
    }

    private final SlotArena.Area area;
    private final MemorySegment memory;
    private final Consumer<SlotArena.Area> takeBack;
    private boolean closed;

    private LentMemory(SlotArena.Area area, MemorySegment memory, Consumer<SlotArena.Area> takeBack) {
        this.area = area;
        this.memory = memory;
        this.takeBack = takeBack;
    }

    /** So many bytes of an arena, given to {@code takeBack} in the end; null when it has no room. */
    static LentMemory of(SlotArena arena, long bytes, Consumer<SlotArena.Area> takeBack) {
        SlotArena.Area area = arena.allocate(new Loan(), bytes, true, Double.MAX_VALUE);
        return area == null ? null : new LentMemory(area, arena.memory(area), takeBack);
    }

    /** All of it, aligned to 4096 bytes. */
    public MemorySegment memory() {
        return memory;
    }

    /** Gives it back; once is enough. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            takeBack.accept(area);
        }
    }
}
