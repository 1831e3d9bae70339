package tilewright.sim.synthesis;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tilewright.sim.SimulationException;

/** A flat netlist of cells of a device, as {@code write_json} of Yosys has it, counted and measured. */
final class Netlist {
    /**
     * A cell between its wires, each a number.
     *
     * @param inputs pins that the outputs follow within the clock, a level later
     * @param free pins that they follow at no cost: carry inputs
     * @param held pins that the outputs do not follow within the clock
     */
    record Cell(
            String type,
            Target.Kind kind,
            List<Integer> inputs,
            List<Integer> free,
            List<Integer> held,
            List<Integer> outputs) {}

    /** What Yosys adds to a name of the design for wires that it makes. */
    private static final Pattern DERIVED =
            Pattern.compile("_(SB|LUT\\d|CCU2C|TRELLIS|PFUMX|L6MUX21|CARRY\\d|MUXF\\d)_.*");

    private final List<Cell> cells = new ArrayList<>();
    private final Map<Integer, String> names = new HashMap<>();

    /**
     * Reads the top module of a netlist.
     *
     * @throws SimulationException when there is none, or it has cells that are not those of a device
     */
    Netlist(JsonNode root) {
        JsonNode top = null;
        for (JsonNode module : root.path("modules")) {
            if (module.path("attributes").has("top")) {
                top = module;
            }
        }
        if (top == null) {
            throw new SimulationException(
                    "the netlist has no module with the attribute 'top'; was it synthesised with -top and written by"
                            + " write_json?");
        }
        top.path("netnames").properties().forEach(entry -> {
            boolean isHidden = entry.getValue().path("hide_name").asInt() == 1;
            JsonNode bits = entry.getValue().path("bits");
            for (int i = 0; i < bits.size(); i++) {
                if (bits.get(i).isInt() && !isHidden) {
                    names.putIfAbsent(bits.get(i).intValue(), entry.getKey());
                }
            }
        });
        top.path("cells").properties().forEach(entry -> add(entry.getKey(), entry.getValue()));
    }

    private void add(String name, JsonNode cell) {
        String type = cell.path("type").asText();
        Target.Kind kind = Target.kind(type);
        if (kind == Target.Kind.UNKNOWN) {
            throw new SimulationException("the netlist's cell '" + name + "' is a " + type
                    + ", which is no cell of a known family; flatten the design and map it, or add the cell to"
                    + " tilewright.sim.synthesis.Target");
        }
        Cell result = new Cell(type, kind, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        JsonNode directions = cell.path("port_directions");
        cell.path("connections").properties().forEach(entry -> {
            String pin = entry.getKey();
            List<Integer> wires;
            if (directions.path(pin).asText().equals("output")) {
                wires = result.outputs;
            } else if (!passes(type, kind, pin)) {
                wires = result.held;
            } else {
                wires = pin.equals("CIN") ? result.free : result.inputs;
            }
            for (JsonNode wire : entry.getValue()) {
                if (wire.isInt()) {
                    wires.add(wire.intValue());
                }
            }
        });
        cells.add(result);
    }

    /** Whether outputs follow a pin within the clock; those of a memory follow its address only. */
    private static boolean passes(String type, Target.Kind kind, String pin) {
        return switch (kind) {
            case LUT, LUT_WITH_CARRY, DEDICATED -> true;
            case LUT_MEMORY -> !type.startsWith("SRL") && pin.matches("A\\d*|ADDR[A-H]|DPRA\\d*|RAD");
            case FLIP_FLOP, MULTIPLIER, BLOCK_MEMORY, BUFFER, UNKNOWN -> false;
        };
    }

    List<Cell> cells() {
        return cells;
    }

    /** What the design calls a wire; a number where it has no name for it. */
    String name(int wire) {
        return DERIVED.matcher(names.getOrDefault(wire, "wire " + wire)).replaceFirst("");
    }

    boolean isNamed(int wire) {
        return names.containsKey(wire);
    }

    /** Counts the cells and measures the longest path. */
    Resources resources() {
        Map<Target.Kind, Integer> count = new HashMap<>();
        int tables = 0;
        int memoryTables = 0;
        for (Cell cell : cells) {
            count.merge(cell.kind, 1, Integer::sum);
            tables += Target.lookupTables(cell.type);
            memoryTables += cell.kind == Target.Kind.LUT_MEMORY ? Target.lookupTables(cell.type) : 0;
        }
        LongestPath path = LongestPath.of(this);
        return new Resources(
                tables,
                memoryTables,
                count.getOrDefault(Target.Kind.FLIP_FLOP, 0),
                count.getOrDefault(Target.Kind.MULTIPLIER, 0),
                count.getOrDefault(Target.Kind.BLOCK_MEMORY, 0),
                path.levels(),
                path.ends());
    }
}
