package tilewright.hw.lang.primitive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Evaluation;
import tilewright.hw.lang.design.Interpreter;
import tilewright.hw.lang.design.Net;
import tilewright.hw.lang.emit.SystemVerilog;
import tilewright.hw.lang.emit.Tool;

@Tag("hardware-tools")
class PrimitiveTest {
    private static final Path CELLS = Path.of("/usr/share/yosys");
    private static final int CYCLES = 400;

    @TempDir
    Path folder;

    /** Values for every input at every clock: random, and every few clocks an extreme. */
    private static List<List<BigInteger>> stimulus(Design design, long seed) {
        Random random = new Random(seed);
        List<Net> inputs = inputs(design);
        List<List<BigInteger>> result = new ArrayList<>();
        for (int i = 0; i < CYCLES; i++) {
            List<BigInteger> row = new ArrayList<>();
            for (Net net : inputs) {
                BigInteger bits = new BigInteger(net.width(), random);
                if (random.nextInt(8) == 0) {
                    bits = BigInteger.ONE.shiftLeft(net.width() - 1);
                }
                boolean isControl = net.width() == 1;
                row.add(
                        isControl
                                ? BigInteger.valueOf(
                                        random.nextInt(10)
                                                        < (List.of("enable", "move")
                                                                        .contains(net.name())
                                                                ? 9
                                                                : 2)
                                                ? 1
                                                : 0)
                                : Evaluation.wrap(bits, net.width(), net.signed()));
            }
            result.add(row);
        }
        return result;
    }

    private static List<Net> inputs(Design design) {
        return design.top().ports().stream()
                .filter(net -> net.kind() == Net.Kind.INPUT)
                .toList();
    }

    private static Net result(Design design) {
        return design.top().ports().stream()
                .filter(net -> net.kind() == Net.Kind.OUTPUT)
                .findFirst()
                .orElseThrow();
    }

    /** What the twin gives before each clock, in hexadecimal. */
    private static List<String> twin(Design design, List<List<BigInteger>> stimulus) {
        Interpreter interpreter = new Interpreter(design);
        Net p = result(design);
        List<String> result = new ArrayList<>();
        for (List<BigInteger> row : stimulus) {
            for (int i = 0; i < row.size(); i++) {
                interpreter.set(inputs(design).get(i).name(), row.get(i));
            }
            BigInteger bits = Evaluation.wrap(interpreter.get(p.name()), p.width(), false);
            result.add(bits.toString(16));
            interpreter.step();
        }
        return result;
    }

    /** What the vendor's block gives, as modelled in the cell library of Yosys, under Icarus Verilog. */
    private List<String> vendor(Design design, List<List<BigInteger>> stimulus, String cells, String name)
            throws IOException {
        Tool.need("iverilog");
        Path library = CELLS.resolve(cells);
        assumeTrue(Files.exists(library), "the cell library of Yosys is not installed; run apt-get install yosys");
        String text = Files.readString(library);
        int start = text.indexOf("module " + name + " ");
        String model = text.substring(start, text.indexOf("endmodule", start) + "endmodule\n".length());
        StringBuilder bench = new StringBuilder("module bench;\n  logic clock = 0;\n");
        StringBuilder pins = new StringBuilder("    .clock(clock), .")
                .append(result(design).name())
                .append("(p)");
        Net p = result(design);
        bench.append("  logic [").append(p.width() - 1).append(":0] p;\n");
        for (Net net : inputs(design)) {
            bench.append("  logic [")
                    .append(net.width() - 1)
                    .append(":0] ")
                    .append(net.name())
                    .append(";\n");
            pins.append(", .").append(net.name()).append('(').append(net.name()).append(')');
        }
        bench.append("  ")
                .append(design.top().name())
                .append(" dut (\n")
                .append(pins)
                .append(");\n  initial begin\n");
        for (List<BigInteger> row : stimulus) {
            for (int i = 0; i < row.size(); i++) {
                Net net = inputs(design).get(i);
                bench.append("    ")
                        .append(net.name())
                        .append(" = ")
                        .append(net.width())
                        .append("'h");
                bench.append(Evaluation.wrap(row.get(i), net.width(), false).toString(16))
                        .append(";\n");
            }
            bench.append("    #1 $display(\"%h\", p); clock = 1; #1 clock = 0;\n");
        }
        bench.append("    $finish;\n  end\nendmodule\n");
        Files.writeString(folder.resolve("bench.sv"), bench);
        Files.writeString(folder.resolve("cells.v"), model);
        SystemVerilog.write(design, folder);
        Tool tool = new Tool(folder);
        tool.run(List.of(
                "iverilog",
                "-g2012",
                "-DTILEWRIGHT_PRIMITIVES",
                "-s",
                "bench",
                "-o",
                "bench.vvp",
                "bench.sv",
                "cells.v",
                design.top().name() + ".sv"));
        return tool.run(List.of("vvp", "-n", "bench.vvp"))
                .lines()
                .filter(line -> line.matches("[0-9a-fx]+"))
                .map(line -> line.replaceFirst("^0+(?=.)", ""))
                .toList();
    }

    private void isTwin(Supplier<Component> component, String cells, String name) throws IOException {
        Design design = Elaboration.of(component);
        List<List<BigInteger>> stimulus = stimulus(design, name.hashCode());
        List<String> expected = vendor(design, stimulus, cells, name);
        List<String> actual = twin(design, stimulus);
        // The first clocks show what the registers held at power-up.
        assertEquals(expected.subList(8, CYCLES), actual.subList(8, CYCLES));
        assertTrue(expected.stream().distinct().count() > CYCLES / 2);
    }

    @ParameterizedTest
    @EnumSource(Dsp48.Sum.class)
    void theTwinOfDsp48e1DoesWhatTheCellLibrarySays(Dsp48.Sum sum) throws IOException {
        isTwin(() -> new Dsp48(Dsp48.Family.DSP48E1, sum, false), "xilinx/cells_sim.v", "DSP48E1");
    }

    @Test
    void theTwinOfSbMac16DoesWhatTheCellLibrarySays() throws IOException {
        isTwin(SbMac16::new, "ice40/cells_sim.v", "SB_MAC16");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theTwinOfAnSbMac16InAColumnDoesWhatTheCellLibrarySays(boolean accumulates) throws IOException {
        isTwin(() -> new SbMac16Chain(accumulates, false), "ice40/cells_sim.v", "SB_MAC16");
    }

    @Test
    void theTwinsOfResidentWeightsAndSumsDoWhatTheCellLibrarySays() throws IOException {
        isTwin(() -> new Int8Stationary(Dsp48.Family.DSP48E1, false), "xilinx/cells_sim.v", "DSP48E1");
        isTwin(() -> new Int8Accumulator(Dsp48.Family.DSP48E1, false), "xilinx/cells_sim.v", "DSP48E1");
    }

    private void yosysKnowsThePins(Supplier<Component> component, String library) {
        Tool.need("yosys");
        Design design = Elaboration.of(component);
        SystemVerilog.write(design, folder);
        String name = design.top().name();
        new Tool(folder)
                .run(List.of(
                        "yosys",
                        "-q",
                        "-p",
                        "read_verilog -lib +/" + library + "; read_verilog -sv -D TILEWRIGHT_PRIMITIVES " + name
                                + ".sv; hierarchy -check -top " + name + "; proc; check -assert"));
    }

    @Test
    void everyPinAndParameterIsOneOfTheVendors() {
        for (Dsp48.Sum sum : Dsp48.Sum.values()) {
            yosysKnowsThePins(() -> new Dsp48(Dsp48.Family.DSP48E2, sum, true), "xilinx/cells_xtra.v");
            yosysKnowsThePins(() -> new Dsp48(Dsp48.Family.DSP48E1, sum, true), "xilinx/cells_sim.v");
        }
        yosysKnowsThePins(() -> new Int8Pair(Dsp48.Sum.ACCUMULATE, true), "xilinx/cells_xtra.v");
        for (boolean top : new boolean[] {false, true}) {
            yosysKnowsThePins(() -> new Int8Stationary(Dsp48.Family.DSP48E2, top), "xilinx/cells_xtra.v");
            yosysKnowsThePins(() -> new Int8Accumulator(Dsp48.Family.DSP48E2, top), "xilinx/cells_xtra.v");
            yosysKnowsThePins(() -> new Int8StationaryPair(top), "xilinx/cells_xtra.v");
            yosysKnowsThePins(() -> new SbMac16Chain(top, top), "ice40/cells_sim.v");
        }
        yosysKnowsThePins(Mult18x18d::new, "ecp5/cells_bb.v");
        yosysKnowsThePins(SbMac16::new, "ice40/cells_sim.v");
    }

    /** Takes the sums apart. */
    private static final class Apart extends Component {
        final Int8Pair pair = child(() -> new Int8Pair(Dsp48.Sum.ACCUMULATE, false));
        final tilewright.hw.lang.SInt w0 = in(sint(8));
        final tilewright.hw.lang.SInt w1 = in(sint(8));
        final tilewright.hw.lang.SInt x = in(sint(8));
        final tilewright.hw.lang.Bool restart = in(bool());
        final tilewright.hw.lang.SInt low = out(sint(18));
        final tilewright.hw.lang.SInt high = out(sint(19));

        Apart() {
            pair.w0.assign(w0);
            pair.w1.assign(w1);
            pair.x.assign(x);
            pair.load.assign(true);
            pair.enable.assign(true);
            pair.restart.assign(regNext(regNext(restart)));
            low.assign(Int8Pair.low(pair.p));
            high.assign(Int8Pair.high(pair.p, 19));
        }
    }

    @Test
    void sevenProductsOfTwoWeightsAndOneFactorAreExactInOneDsp() {
        int[] corners = {-128, -127, -1, 0, 1, 127};
        Random random = new Random(5);
        Interpreter dut = new Interpreter(Elaboration.of(Apart::new));
        for (int trial = 0; trial < 300; trial++) {
            long low = 0;
            long high = 0;
            for (int i = 0; i < Int8Pair.MOST_PRODUCTS; i++) {
                boolean isCorner = trial < 216;
                int w0 = isCorner ? corners[trial % 6] : random.nextInt(256) - 128;
                int w1 = isCorner ? corners[trial / 6 % 6] : random.nextInt(256) - 128;
                int x = isCorner ? corners[trial / 36] : random.nextInt(256) - 128;
                low += w0 * x;
                high += w1 * x;
                dut.set("w0", w0);
                dut.set("w1", w1);
                dut.set("x", x);
                dut.set("restart", i == 0 ? 1 : 0);
                dut.step();
            }
            // The last product has come after four clocks; what comes behind it starts a new sum.
            dut.set("restart", 1);
            for (int i = 0; i < 3; i++) {
                dut.step();
            }
            assertEquals(low, dut.getLong("low"), "trial " + trial);
            assertEquals(high, dut.getLong("high"), "trial " + trial);
        }
    }
}
