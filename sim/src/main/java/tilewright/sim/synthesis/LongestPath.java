package tilewright.sim.synthesis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tilewright.sim.SimulationException;

/**
 * The path with the most lookup tables between registers, memories, multipliers and ports. A cell of carry or of dedicated
 * multiplexers counts nothing, so that an adder is one level, however wide: that of its lookup tables.
 *
 * @param levels lookup tables on it
 * @param ends the design's names of its first and last wire, as {@code "from -> to"}; empty when there is no logic
 */
record LongestPath(int levels, String ends) {
    private static final int NONE = -1;

    /**
     * Measures a netlist.
     *
     * @throws SimulationException when its logic has a loop
     */
    static LongestPath of(Netlist netlist) {
        return new Search(netlist).longest();
    }

    private static final class Search {
        private final Netlist netlist;
        private final List<Netlist.Cell> logic;
        private final Map<Integer, Integer> driver = new HashMap<>();
        private final List<List<Integer>> readers = new ArrayList<>();
        private final int[] level;
        private final int[] waiting;
        /** The wire that makes a cell's level what it is. */
        private final int[] latest;

        Search(Netlist netlist) {
            this.netlist = netlist;
            logic = netlist.cells().stream().filter(Search::isCombinational).toList();
            level = new int[logic.size()];
            waiting = new int[logic.size()];
            latest = new int[logic.size()];
            for (int i = 0; i < logic.size(); i++) {
                readers.add(new ArrayList<>());
                for (int wire : logic.get(i).outputs()) {
                    driver.put(wire, i);
                }
            }
            for (int i = 0; i < logic.size(); i++) {
                for (List<Integer> wires :
                        List.of(logic.get(i).inputs(), logic.get(i).free())) {
                    for (int wire : wires) {
                        if (driver.containsKey(wire)) {
                            readers.get(driver.get(wire)).add(i);
                            waiting[i]++;
                        }
                    }
                }
            }
        }

        private static boolean isCombinational(Netlist.Cell cell) {
            return !(cell.inputs().isEmpty() && cell.free().isEmpty());
        }

        /** Visits cells in an order in which values flow: a cell is ready when all that drive it are done. */
        LongestPath longest() {
            Deque<Integer> ready = new ArrayDeque<>();
            for (int i = 0; i < logic.size(); i++) {
                if (waiting[i] == 0) {
                    ready.add(i);
                }
            }
            int done = 0;
            int last = NONE;
            for (; !ready.isEmpty(); done++) {
                int i = ready.remove();
                measure(i);
                last = last == NONE || level[i] >= level[last] ? i : last;
                for (int reader : readers.get(i)) {
                    waiting[reader]--;
                    if (waiting[reader] == 0) {
                        ready.add(reader);
                    }
                }
            }
            if (done < logic.size()) {
                throw new SimulationException("the netlist's logic has a loop of " + (logic.size() - done)
                        + " cells or fewer; a latch or a combinational loop has no longest path");
            }
            return last == NONE
                    ? new LongestPath(0, "")
                    : new LongestPath(level[last], first(last) + " -> " + end(last));
        }

        private void measure(int i) {
            Netlist.Cell cell = logic.get(i);
            int cost = cell.kind() == Target.Kind.DEDICATED ? 0 : 1;
            level[i] = cost;
            latest[i] = cell.inputs().isEmpty() ? NONE : cell.inputs().getFirst();
            for (int wire : cell.inputs()) {
                follow(i, wire, cost);
            }
            for (int wire : cell.free()) {
                follow(i, wire, 0);
            }
        }

        private void follow(int i, int wire, int cost) {
            Integer from = driver.get(wire);
            if (from != null && level[from] + cost >= level[i]) {
                level[i] = level[from] + cost;
                latest[i] = wire;
            }
        }

        private String first(int last) {
            int i = last;
            while (driver.containsKey(latest[i])) {
                i = driver.get(latest[i]);
            }
            return latest[i] == NONE ? "a constant" : netlist.name(latest[i]);
        }

        /** The register or port that takes a path's last wire; the wire where the design names neither. */
        private String end(int last) {
            for (int wire : logic.get(last).outputs()) {
                if (netlist.isNamed(wire)) {
                    return netlist.name(wire);
                }
                for (Netlist.Cell cell : netlist.cells()) {
                    if (cell.held().contains(wire) && !cell.outputs().isEmpty()) {
                        return netlist.name(cell.outputs().getFirst());
                    }
                }
            }
            return netlist.name(logic.get(last).outputs().getFirst());
        }
    }
}
