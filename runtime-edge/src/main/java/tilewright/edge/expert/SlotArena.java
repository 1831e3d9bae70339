package tilewright.edge.expert;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import tilewright.edge.matrix.WeightMemory;

/**
 * One piece of memory, cut into areas of whole pages; not safe for use by several threads.
 *
 * <p>Where nothing is free, the areas give way whose most valuable occupant is worth least: of equal sizes that is one area,
 * the least valuable of all; of different sizes neighbours that together are large enough.
 */
final class SlotArena {
    /** What all sizes and offsets are multiples of. */
    static final int PAGE = 4096;

    /** What lives in an area. */
    interface Occupant {
        /** Whether it may be dropped now. */
        boolean evictable();

        /** What it is worth to keep; of those that may be dropped the lowest goes first. */
        double worth();

        /** Tells it that its area is gone. */
        void evicted();
    }

    /** A run of pages, occupied or free. */
    static final class Area {
        private long offset;
        private long bytes;
        private Occupant occupant;
        private Area before;
        private Area after;

        /** Its size. */
        long bytes() {
            return bytes;
        }
    }

    private final MemorySegment memory;
    private final long size;
    private Area first;
    private long occupied;

    /**
     * An empty arena.
     *
     * @param bytes a multiple of {@link #PAGE}
     */
    SlotArena(long bytes) {
        this(bytes, WeightMemory.pages(bytes));
    }

    /** An arena over some memory; null to plan sizes without any. */
    SlotArena(long bytes, MemorySegment memory) {
        this.memory = memory;
        this.size = bytes;
        first = new Area();
        first.bytes = bytes;
    }

    /** Bytes in all. */
    long bytes() {
        return size;
    }

    /** Bytes of occupied areas. */
    long occupied() {
        return occupied;
    }

    /** A size as it is allocated. */
    static long rounded(long bytes) {
        return Math.ceilDiv(Math.max(1, bytes), PAGE) * PAGE;
    }

    /** All of it. */
    MemorySegment memory() {
        return memory;
    }

    /** The memory of an area. */
    MemorySegment memory(Area area) {
        return memory.asSlice(area.offset, area.bytes);
    }

    /**
     * Finds room, dropping others if need be.
     *
     * @param bytes a multiple of {@link #PAGE}
     * @param evict whether others may be dropped
     * @param limit only those worth less may be dropped
     * @return null when there is no room
     */
    Area allocate(Occupant occupant, long bytes, boolean evict, double limit) {
        Area room = free(bytes);
        if (room == null && evict) {
            room = cheapest(bytes, limit);
            if (room != null) {
                room = clear(room, bytes);
            }
        }
        return room == null ? null : occupy(room, occupant, bytes);
    }

    /** The smallest free area that is large enough. */
    private Area free(long bytes) {
        if (size - occupied < bytes) {
            return null;
        }
        Area best = null;
        for (Area area = first; area != null; area = area.after) {
            if (area.occupant == null && area.bytes >= bytes && (best == null || area.bytes < best.bytes)) {
                best = area;
            }
        }
        return best;
    }

    /** The first of the neighbours that cost least. */
    private Area cheapest(long bytes, double limit) {
        Area best = null;
        double bestCost = limit;
        for (Area start = first; start != null; start = start.after) {
            double cost = Double.NEGATIVE_INFINITY;
            long found = 0;
            for (Area area = start; area != null && found < bytes; area = area.after) {
                if (area.occupant != null) {
                    cost = area.occupant.evictable() ? Math.max(cost, area.occupant.worth()) : Double.MAX_VALUE;
                }
                if (cost >= bestCost) {
                    break;
                }
                found += area.bytes;
            }
            if (found >= bytes && cost < bestCost) {
                best = start;
                bestCost = cost;
            }
        }
        return best;
    }

    /** Drops the occupants of neighbours; the free area that holds all of their pages. */
    private Area clear(Area start, long bytes) {
        List<Area> occupied = new ArrayList<>();
        long found = 0;
        for (Area area = start; found < bytes; area = area.after) {
            if (area.occupant != null) {
                occupied.add(area);
            }
            found += area.bytes;
        }
        Area room = start;
        // Areas join when they become free, so none of them but the occupied ones can be relied on meanwhile.
        for (Area area : occupied) {
            Occupant gone = area.occupant;
            room = vacate(area);
            gone.evicted();
        }
        return room;
    }

    private Area occupy(Area area, Occupant occupant, long bytes) {
        if (area.bytes > bytes) {
            Area rest = new Area();
            rest.offset = area.offset + bytes;
            rest.bytes = area.bytes - bytes;
            rest.before = area;
            rest.after = area.after;
            if (rest.after != null) {
                rest.after.before = rest;
            }
            area.after = rest;
            area.bytes = bytes;
        }
        area.occupant = occupant;
        occupied += bytes;
        return area;
    }

    /** Frees an area, which grows by free neighbours; the area that holds its pages now. */
    Area vacate(Area area) {
        if (area.occupant != null) {
            occupied -= area.bytes;
            area.occupant = null;
        }
        Area room = area;
        if (room.after != null && room.after.occupant == null) {
            join(room, room.after);
        }
        if (room.before != null && room.before.occupant == null) {
            room = room.before;
            join(room, room.after);
        }
        return room;
    }

    private static void join(Area area, Area next) {
        area.bytes += next.bytes;
        area.after = next.after;
        if (area.after != null) {
            area.after.before = area;
        }
    }
}
