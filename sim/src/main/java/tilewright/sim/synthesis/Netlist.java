package tilewright.sim.synthesis;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A flat netlist of cells of a device, as {@code write_json} of Yosys has it, counted and measured. */
final class Netlist {
    /** A cell between its wires, each a number. */
    private record Cell(String type, List<Integer> inputs, List<Integer> free, List<Integer> outputs) {}

    private final List<Cell> cells = new ArrayList<>();

    /** Reads the one module of a netlist. */
    Netlist(JsonNode root) {
        for (JsonNode module : root.path("modules")) {
            if (module.path("attributes").has("top")) {
                module.path("cells").forEach(this::add);
            }
        }
    }

    private void add(JsonNode cell) {
        String type = cell.path("type").asText();
        List<Integer> inputs = new ArrayList<>();
        List<Integer> free = new ArrayList<>();
        List<Integer> outputs = new ArrayList<>();
        JsonNode directions = cell.path("port_directions");
        cell.path("connections").properties().forEach(entry -> {
            String pin = entry.getKey();
            boolean output = directions.path(pin).asText().equals("output");
            List<Integer> wires = output ? outputs : isCarryIn(pin) ? free : inputs;
            if (output || passes(type, pin)) {
                for (JsonNode wire : entry.getValue()) {
                    if (wire.isInt()) {
                        wires.add(wire.intValue());
                    }
                }
            }
        });
        cells.add(new Cell(type, inputs, free, outputs));
    }

    /** The carry input of a cell that holds lookup tables and carry. */
    private static boolean isCarryIn(String pin) {
        return pin.equals("CIN");
    }

    /** Whether outputs follow a pin within the clock: all but those of a memory's write port. */
    private static boolean passes(String type, String pin) {
        return Target.kind(type) != Target.Kind.LUT_MEMORY || pin.matches("A\\d*|ADDR[A-H]|DPRA\\d*|RAD");
    }

    /** Whether a value goes through a cell within the clock. */
    private static boolean isCombinational(Cell cell) {
        return switch (Target.kind(cell.type)) {
            case LUT, LUT_WITH_CARRY, DEDICATED -> true;
            case LUT_MEMORY -> !cell.type.startsWith("SRL");
            case FLIP_FLOP, MULTIPLIER, BLOCK_MEMORY, OTHER -> false;
        };
    }

    /** Counts the cells and measures the longest path. */
    Resources resources() {
        Map<Target.Kind, Integer> count = new HashMap<>();
        int tables = 0;
        int memoryTables = 0;
        for (Cell cell : cells) {
            Target.Kind kind = Target.kind(cell.type);
            count.merge(kind, 1, Integer::sum);
            tables += Target.lookupTables(cell.type);
            memoryTables += kind == Target.Kind.LUT_MEMORY ? Target.lookupTables(cell.type) : 0;
        }
        return new Resources(
                tables,
                memoryTables,
                count.getOrDefault(Target.Kind.FLIP_FLOP, 0),
                count.getOrDefault(Target.Kind.MULTIPLIER, 0),
                count.getOrDefault(Target.Kind.BLOCK_MEMORY, 0),
                levels());
    }

    /** Cells in an order in which values flow; a cell is ready when all cells that drive it are. */
    private int levels() {
        List<Cell> logic = cells.stream().filter(Netlist::isCombinational).toList();
        Map<Integer, Integer> driver = new HashMap<>();
        for (int i = 0; i < logic.size(); i++) {
            for (int wire : logic.get(i).outputs) {
                driver.put(wire, i);
            }
        }
        List<List<Integer>> readers = new ArrayList<>();
        int[] waiting = new int[logic.size()];
        for (int i = 0; i < logic.size(); i++) {
            readers.add(new ArrayList<>());
        }
        for (int i = 0; i < logic.size(); i++) {
            for (List<Integer> wires : List.of(logic.get(i).inputs, logic.get(i).free)) {
                for (int wire : wires) {
                    Integer from = driver.get(wire);
                    if (from != null) {
                        readers.get(from).add(i);
                        waiting[i]++;
                    }
                }
            }
        }
        int[] level = new int[logic.size()];
        Deque<Integer> ready = new ArrayDeque<>();
        for (int i = 0; i < logic.size(); i++) {
            if (waiting[i] == 0) {
                ready.add(i);
            }
        }
        while (!ready.isEmpty()) {
            int i = ready.remove();
            Cell cell = logic.get(i);
            int cost = Target.kind(cell.type) == Target.Kind.DEDICATED ? 0 : 1;
            level[i] = Math.max(highest(cell.inputs, driver, level) + cost, highest(cell.free, driver, level));
            for (int reader : readers.get(i)) {
                waiting[reader]--;
                if (waiting[reader] == 0) {
                    ready.add(reader);
                }
            }
        }
        return Arrays.stream(level).max().orElse(0);
    }

    private static int highest(List<Integer> wires, Map<Integer, Integer> driver, int[] level) {
        return wires.stream()
                .filter(driver::containsKey)
                .mapToInt(wire -> level[driver.get(wire)])
                .max()
                .orElse(0);
    }
}
