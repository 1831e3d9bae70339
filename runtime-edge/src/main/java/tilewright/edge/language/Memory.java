package tilewright.edge.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Decides which values of a plan share an array, from when each is made and last read. */
final class Memory {
    private final List<Rows.Storage> all = new ArrayList<>();
    private final List<Rows.Storage> free = new ArrayList<>();
    /** Live values that look at a storage. */
    private final Map<Rows.Storage, Integer> users = new HashMap<>();

    /** New rows, with one user, in a storage that nobody uses: the tightest that is large enough, else the largest. */
    Rows rows(RowSpace space, int width) {
        long wanted = (long) space.perToken() * width;
        Rows.Storage best = null;
        for (Rows.Storage candidate : free) {
            if (best == null || better(candidate.perToken(), best.perToken(), wanted)) {
                best = candidate;
            }
        }
        if (best == null) {
            best = new Rows.Storage();
            all.add(best);
        } else {
            free.remove(best);
        }
        best.claim(space, width);
        users.put(best, 1);
        return new Rows(space, width, best, 0, width);
    }

    private static boolean better(long size, long than, long wanted) {
        if (size >= wanted) {
            return than < wanted || size < than;
        }
        return size > than;
    }

    /** Counts one more value in a storage. */
    void use(Rows rows) {
        users.merge(rows.storage(), 1, Integer::sum);
    }

    /** Counts one value less; without any, the storage can be used for others. */
    void release(Rows rows) {
        if (users.merge(rows.storage(), -1, Integer::sum) == 0) {
            free.add(rows.storage());
        }
    }

    /** Whether a value has its storage for itself, from the first element on and without gaps. */
    boolean alone(Rows rows) {
        return users.get(rows.storage()) == 1 && rows.contiguous() && rows.startsAtZero();
    }

    /** The storages that have users now. */
    List<Rows.Storage> live() {
        return all.stream().filter(storage -> users.get(storage) > 0).toList();
    }

    /** Every storage. */
    List<Rows.Storage> storages() {
        return all;
    }
}
