package tilewright.sim.rtl.compiled;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Net;
import tilewright.hw.lang.design.Reads;

/**
 * Orders the updates of one edge so that registers can be changed in place: each after all others that read it. Where
 * registers read each other in a circle, some are marked: their value is computed in its turn but stored at the end.
 *
 * <p>Among those that may come next, those with the condition of the one before come first.
 */
final class UpdateOrder {
    /** An update and whether it must be stored at the end. */
    record Step(Update update, boolean deferred) {}

    private final List<Update> updates;
    private final Map<Net, Integer> owners = new HashMap<>();
    private final List<List<Integer>> reads = new ArrayList<>();
    private final int[] readers;
    private final boolean[] done;
    private final Object[] keys;
    private final Map<Object, Deque<Integer>> ready = new LinkedHashMap<>();

    private UpdateOrder(List<Update> updates) {
        this.updates = updates;
        readers = new int[updates.size()];
        done = new boolean[updates.size()];
        keys = new Object[updates.size()];
        for (int i = 0; i < updates.size(); i++) {
            owners.put(updates.get(i).target(), i);
        }
        for (int i = 0; i < updates.size(); i++) {
            List<Integer> others = new ArrayList<>();
            for (Net net : Reads.of(updates.get(i).next())) {
                Integer owner = owners.get(net);
                if (owner != null && owner != i) {
                    others.add(owner);
                    readers[owner]++;
                }
            }
            reads.add(others);
            keys[i] = key(updates.get(i).next());
        }
    }

    /** The updates in their order. */
    static List<Step> of(List<Update> updates) {
        return new UpdateOrder(updates).run();
    }

    private List<Step> run() {
        List<Integer> mostRead = new ArrayList<>();
        for (int i = 0; i < updates.size(); i++) {
            mostRead.add(i);
            if (readers[i] == 0) {
                offer(i);
            }
        }
        mostRead.sort(Comparator.comparingInt((Integer i) -> readers[i]).reversed());
        List<Step> steps = new ArrayList<>(updates.size());
        int next = 0;
        Object last = null;
        while (steps.size() < updates.size()) {
            boolean deferred = ready.isEmpty();
            int index;
            if (deferred) {
                while (done[mostRead.get(next)]) {
                    next++;
                }
                index = mostRead.get(next);
            } else {
                index = take(last);
            }
            done[index] = true;
            last = keys[index];
            steps.add(new Step(updates.get(index), deferred));
            for (int other : reads.get(index)) {
                if (--readers[other] == 0 && !done[other]) {
                    offer(other);
                }
            }
        }
        return steps;
    }

    private void offer(int index) {
        ready.computeIfAbsent(keys[index], _ -> new ArrayDeque<>()).add(index);
    }

    private int take(Object preferred) {
        Object key = ready.containsKey(preferred)
                ? preferred
                : ready.keySet().iterator().next();
        Deque<Integer> queue = ready.get(key);
        int index = queue.poll();
        if (queue.isEmpty()) {
            ready.remove(key);
        }
        return index;
    }

    /** What registers have in common that one test serves: the nested conditions that stand first. */
    private static Object key(Expression next) {
        List<Object> conditions = new ArrayList<>();
        Expression e = next;
        while (e instanceof Expression.Mux mux && conditions.size() < 3) {
            boolean holds = !(mux.whenFalse() instanceof Expression.Mux);
            conditions.add(mux.condition());
            e = holds ? mux.whenTrue() : mux.whenFalse();
        }
        return conditions;
    }
}
