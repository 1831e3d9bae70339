package tilewright.hw.hls;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.arith.Exp2Table;
import tilewright.hw.arith.FixedPoint;
import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.hls.MemoryMap.Location;
import tilewright.hw.hls.MemoryMap.Memory;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.PatchGeometry;
import tilewright.hw.program.Program;
import tilewright.hw.program.TaskProgram;

/** What the templates of a design refer to: its constants, its ROM, its names. */
final class TemplateVariables {
    private static final int TABLE_COLUMNS = 8;
    private static final int BURST_WORDS = 64;
    private static final int READS_IN_FLIGHT = 16;
    private static final int ROW_BURST_WORDS = 16;
    private static final int ROWS_IN_FLIGHT = 64;
    private static final int RECIPROCAL_BITS = 24;
    private static final int NORM_MAX_FRACTION = 8;
    private static final int NORM_ROWS_IN_FLIGHT = 8;

    private TemplateVariables() {}

    static Map<String, Object> of(Program program, DesignParameters parameters, MemoryMap map, ProgramRom rom) {
        Map<String, Object> variables = new TreeMap<>();
        variables.put("model", ProgramRom.comment(program.name()).replaceAll("[\"\\[\\]$;{}]", "_"));
        variables.put("part", parameters.part());
        variables.put("clockMhz", number(parameters.clockMhz()));
        variables.put("clockPeriodNs", String.format(Locale.ROOT, "%.3f", 1000 / parameters.clockMhz()));
        variables.put("weightStorage", parameters.weightStorage().label());
        variables.put("inputStorage", parameters.inputStorage().label());
        variables.put("alignmentBytes", map.wordBytes(Memory.ACTIVATIONS));
        variables.put(
                "ports", IntStream.range(0, parameters.weightPorts()).boxed().toList());
        variables.put(
                "sources",
                HlsEmitter.SOURCES.stream()
                        .filter(name -> name.endsWith(".cpp"))
                        .toList());
        variables.put("exp2Table", exp2Table(program.softmax()));
        variables.put("program", programText(program, rom));
        variables.put(
                "results",
                results(
                        program,
                        map,
                        (location, words) ->
                                "    {" + inResiduals(location) + ", " + location.firstWord() + ", " + words + "},"));
        variables.put("resultBytes", results(program, map, (location, words) -> {
            long size = map.wordBytes(location.memory());
            return "    {" + inResiduals(location) + ", " + location.firstWord() * size + ", " + words * size + "},";
        }));
        Map<String, Object> constants = new TreeMap<>();
        units(constants, parameters);
        formats(constants, program);
        sizes(constants, program, parameters, rom);
        memories(constants, program, parameters, map, rom);
        variables.put("c", constants);
        return variables;
    }

    private static void units(Map<String, Object> constants, DesignParameters parameters) {
        constants.put("LANES", parameters.lanes());
        constants.put("TILE_OUTPUTS", parameters.tileOutputs());
        constants.put("TOKEN_TILE", parameters.tokenTile());
        constants.put("QUERY_GROUP", parameters.queryGroup());
        constants.put("NORM_LANES", parameters.normLanes());
        constants.put("ROUTER_EXPERTS", parameters.routerExperts());
        constants.put("WEIGHT_PORTS", parameters.weightPorts());
        constants.put("BURST_WORDS", BURST_WORDS);
        constants.put("READS_IN_FLIGHT", READS_IN_FLIGHT);
        constants.put("ROW_BURST_WORDS", ROW_BURST_WORDS);
        constants.put("ROWS_IN_FLIGHT", ROWS_IN_FLIGHT);
        constants.put("SUM_DEPTH", 2);
        constants.put("NORM_ROWS_IN_FLIGHT", NORM_ROWS_IN_FLIGHT);
    }

    private static void formats(Map<String, Object> constants, Program program) {
        IntegerFormat format = program.format();
        SoftmaxFormat softmax = program.softmax();
        constants.put("ACTIVATION_BITS", format.activationBits());
        constants.put("RESIDUAL_BITS", format.residualBits());
        constants.put("RESIDUAL_MEMORY_BITS", format.residualBits() <= Short.SIZE ? Short.SIZE : Integer.SIZE);
        constants.put("ACCUMULATOR_BITS", format.accumulatorBits());
        constants.put("ROUTER_WEIGHT_BITS", IntegerFormat.ROUTER_WEIGHT_BITS);
        constants.put("ROUTER_ACCUMULATOR_BITS", IntegerFormat.ROUTER_ACCUMULATOR_BITS);
        constants.put("MULTIPLIER_BITS", Requantizer.MULTIPLIER_BITS);
        constants.put("SHIFT_BITS", FixedPoint.bitLength(Requantizer.MAX_SHIFT));
        constants.put("SCORE_BITS", SoftmaxFormat.SCORE_BITS);
        constants.put("SCORE_FRACTION", SoftmaxFormat.SCORE_FRACTION);
        constants.put("PROBABILITY_BITS", softmax.probabilityBits());
        constants.put("MANTISSA_BITS", softmax.mantissaBits());
        constants.put("SUM_BITS", softmax.mantissaBits() + FixedPoint.ceilLog2(softmax.rowLength()) + 2);
        constants.put("RECIPROCAL_BITS", RECIPROCAL_BITS);
        constants.put("EXP2_INDEX_BITS", Exp2Table.INDEX_BITS);
        constants.put("PIXEL_OFFSET", PatchGeometry.PIXEL_OFFSET);
        constants.put("DOT_TYPE", format.activationBits() == 8 ? "int" : "long long");
        constants.put("TABLE_FRACTION", EvenResidualFunction.TABLE_FRACTION);
        constants.put("INPUT_FRACTION", EvenResidualFunction.INPUT_FRACTION);
        constants.put("STEP_LOG2", EvenResidualFunction.STEP_LOG2);
        constants.put("GAMMA_BITS", LayerNormUnit.GAMMA_BITS);
        constants.put("BETA_BITS", LayerNormUnit.BETA_BITS);
        constants.put("NORMALISED_FRACTION", LayerNormUnit.NORMALISED_FRACTION);
        constants.put("MAX_FRACTION", NORM_MAX_FRACTION);
        constants.put("CHANNEL_MULTIPLIER_BIT", ParameterImage.CHANNEL_MULTIPLIER_BIT);
        constants.put("CHANNEL_SHIFT_BIT", ParameterImage.CHANNEL_SHIFT_BIT);
        constants.put("CHANNEL_USED_BIT", ParameterImage.CHANNEL_USED_BIT);
        constants.put("NORM_BETA_BIT", ParameterImage.NORM_BETA_BIT);
    }

    private static void sizes(
            Map<String, Object> constants, Program program, DesignParameters parameters, ProgramRom rom) {
        DesignSizes sizes = rom.sizes();
        constants.put("MAX_TOKENS", sizes.tokens());
        constants.put("MAX_LINEAR_WORDS", sizes.linearWords());
        constants.put("MAX_LINEAR_BLOCKS", sizes.linearBlocks());
        constants.put("MAX_HEADS", sizes.heads());
        constants.put("MAX_HEAD_WORDS", sizes.headWords());
        constants.put("MAX_NORM_WORDS", sizes.normWords());
        constants.put("MAX_EXPERTS", sizes.experts());
        constants.put("MAX_TOP_K", sizes.topK());
        constants.put("MAX_ROUTER_WORDS", sizes.routerWords());
        constants.put("ACTIVATION_ENTRIES", sizes.activationEntries());
        constants.put(
                "ROW_SUM_BITS",
                program.format().residualBits()
                        + FixedPoint.ceilLog2((long) sizes.normWords() * parameters.lanes())
                        + 1);
        constants.put("TASKS", program.tasks().size());
        constants.put(
                "MAX_STEPS",
                program.tasks().stream()
                        .mapToInt(task -> task.steps().size())
                        .max()
                        .orElseThrow());
    }

    private static void memories(
            Map<String, Object> constants,
            Program program,
            DesignParameters parameters,
            MemoryMap map,
            ProgramRom rom) {
        PatchGeometry geometry = program.geometry();
        int pixels = Math.min(Integer.lowestOneBit(geometry.patch()), parameters.lanes());
        constants.put("IMAGE_CHANNELS", geometry.channels());
        constants.put("IMAGE_HEIGHT", geometry.height());
        constants.put("IMAGE_WIDTH", geometry.width());
        constants.put("PATCH", geometry.patch());
        constants.put("PIXELS", pixels);
        constants.put("IMAGE_WORDS", geometry.imageBytes() / pixels);
        constants.put("IMAGE_BYTES", geometry.imageBytes());
        constants.put("ACTIVATION_WORDS", map.words(Memory.ACTIVATIONS));
        constants.put("ACTIVATION_BYTES", bytes(map, Memory.ACTIVATIONS));
        constants.put("RESIDUAL_WORDS", map.words(Memory.RESIDUALS));
        constants.put("RESIDUAL_BYTES", bytes(map, Memory.RESIDUALS));
        constants.put("RESIDUAL_CONSTANT_WORDS", map.constantWords());
        constants.put("WEIGHT_WORDS", rom.weights().words());
        constants.put("PARAMETER_WORDS", rom.constants().words());
    }

    private static long bytes(MemoryMap map, Memory memory) {
        return (long) map.words(memory) * map.wordBytes(memory);
    }

    private static Map<String, Object> programText(Program program, ProgramRom rom) {
        Map<String, Object> text = new TreeMap<>();
        text.put("embedJobs", rom.lines(ProgramRom.Table.EMBED));
        text.put("normJobs", rom.lines(ProgramRom.Table.NORM));
        text.put("linearJobs", rom.lines(ProgramRom.Table.LINEAR));
        text.put("attentionJobs", rom.lines(ProgramRom.Table.ATTENTION));
        text.put("routeJobs", rom.lines(ProgramRom.Table.ROUTE));
        text.put("expertsJobs", rom.lines(ProgramRom.Table.EXPERTS));
        text.put("instructions", rom.instructionLines());
        text.put(
                "stepCounts",
                program.tasks().stream()
                        .map(task -> String.valueOf(task.steps().size()))
                        .collect(Collectors.joining(", ")));
        List<String> tasks = new ArrayList<>();
        for (TaskProgram task : program.tasks()) {
            tasks.add(tasks.size() + " " + ProgramRom.comment(task.task()));
        }
        text.put("taskList", String.join(", ", tasks));
        return text;
    }

    private static String results(Program program, MemoryMap map, BiFunction<Location, Integer, String> line) {
        StringJoiner lines = new StringJoiner("\n");
        for (TaskProgram task : program.tasks()) {
            Location location = map.location(task.result());
            lines.add(line.apply(location, location.words()) + "  // " + ProgramRom.comment(task.task()));
        }
        return lines.toString();
    }

    private static boolean inResiduals(Location location) {
        return location.memory() == Memory.RESIDUALS;
    }

    private static String exp2Table(SoftmaxFormat format) {
        int[] entries = new Exp2Table(format).entries();
        StringJoiner lines = new StringJoiner(",\n");
        for (int start = 0; start < entries.length; start += TABLE_COLUMNS) {
            lines.add(IntStream.range(start, Math.min(start + TABLE_COLUMNS, entries.length))
                    .mapToObj(i -> String.valueOf(entries[i]))
                    .collect(Collectors.joining(", ", "    ", "")));
        }
        return lines.toString();
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
