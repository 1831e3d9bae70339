package tilewright.sim.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.emit.SystemVerilog;
import tilewright.hw.unit.memory.DmaShape;
import tilewright.hw.unit.memory.ReadDma;
import tilewright.hw.unit.memory.StridedTransfers;
import tilewright.hw.unit.memory.WeightDecompressor;
import tilewright.hw.unit.memory.WeightLayout;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.pipeline.RoundingShift;
import tilewright.hw.unit.vector.RequantizerUnit;
import tilewright.sim.SimulationException;
import tilewright.sim.synthesis.Synthesis;

/**
 * The blocks that round, limit and address, for all inputs, against specifications written by hand ({@code *.sv} beside
 * this test in the resources); and each proof fails when the block is damaged.
 */
@Tag("hardware-tools")
class ProofTest {
    @BeforeEach
    void needsYosys() {
        assumeTrue(
                Synthesis.missing("yosys").isEmpty(),
                () -> Synthesis.missing("yosys").orElse(""));
    }

    /** Damage to a block's text: what is replaced, wherever it stands, by what. */
    private record Damage(String text, String by) {
        String to(String design) {
            assertTrue(design.contains(text), () -> "the design has no '" + text + "':\n" + design);
            return design.replace(text, by);
        }
    }

    /** A block, what is claimed of it, and damage that must be found. */
    private record Claim(
            String name,
            Supplier<Component> block,
            String specification,
            Map<String, Integer> macros,
            Function<Proof, Verdict> method,
            List<Damage> damages) {
        Verdict verdict(Damage damage) {
            String design = SystemVerilog.text(Elaboration.of(block));
            String text = damage == null ? design : damage.to(design);
            return method.apply(Proof.of(text, resource(specification)).with(macros));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static String resource(String name) {
        try (InputStream in = ProofTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Claim saturation(int from, int to) {
        return new Claim(
                "saturation of " + from + " to " + to + " bits",
                () -> new Blocks.Saturation(from, to),
                "saturation.sv",
                Map.of("FROM", from, "TO", to),
                proof -> proof.after(0),
                List.of(
                        new Damage("&value[" + (from - 1) + ":", "|value[" + (from - 1) + ":"),
                        new Damage("value[" + (from - 1) + "] ? ", "value[" + (from - 2) + "] ? "),
                        new Damage(to + "'d" + ((1L << to) - 1), to + "'d" + ((1L << to) - 2))));
    }

    private static Claim rounding(Blocks.Shape shape, Damage... damages) {
        Map<String, Integer> macros = Map.of(
                "DIVIDEND",
                shape.dividendBits(),
                "AMOUNT",
                shape.amountBits(),
                "LEAST",
                shape.least(),
                "BITS",
                shape.bits(),
                "RESULT",
                shape.resultBits(),
                "CLOCKS",
                shape.latency(),
                shape.range() == RoundingShift.Range.SIGNED ? "INTEGER" : "POWER",
                1);
        return new Claim(
                "rounding of " + shape,
                () -> new Blocks.Rounding(shape),
                "rounding.sv",
                macros,
                proof -> proof.after(shape.latency()),
                List.of(damages));
    }

    private static Claim product(Multiplier multiplier, int first, int second, int clocks, Damage... damages) {
        return new Claim(
                "product of " + first + " and " + second + " bits, " + multiplier,
                () -> new Blocks.Multiplication(multiplier, first, second),
                "product.sv",
                Map.of("FIRST", first, "SECOND", second, "CLOCKS", clocks),
                proof -> proof.after(clocks),
                List.of(damages));
    }

    private static Claim requantiser(RequantizerUnit.Widths widths, Multiplier multiplier, Damage... damages) {
        return new Claim(
                "requantiser of " + widths + ", " + multiplier,
                () -> new RequantizerUnit(widths, multiplier),
                "requantiser.sv",
                Map.of("VALUE", widths.accumulatorBits(), "WIDE", multiplier.wideBits(), "BITS", widths.resultBits()),
                proof -> proof.after(7),
                List.of(damages));
    }

    private static Claim bursts(DmaShape shape, int roomBits) {
        return new Claim(
                "bursts of " + shape,
                () -> new ReadDma(shape),
                "bursts.sv",
                Map.of(
                        "ADDRESS", shape.addressBits(),
                        "BYTES", shape.bytes(),
                        "BURST", shape.burstWords(),
                        "ROOM_BITS", roomBits),
                proof -> proof.always(6),
                List.of(
                        new Damage("remaining <= 24'(room)", "remaining < 24'(room)"),
                        new Damage("remaining - 24'(room)", "remaining - 24'd1 - 24'(room)"),
                        new Damage("working <= !working_next_at_most", "working <= 1'b0")));
    }

    static Stream<Claim> claims() {
        RoundingShift.Range signed = RoundingShift.Range.SIGNED;
        RoundingShift.Range upToPower = RoundingShift.Range.UP_TO_POWER;
        return Stream.of(
                saturation(9, 8),
                saturation(40, 8),
                saturation(32, 16),
                rounding(
                        new Blocks.Shape(32, 6, 0, signed, 8),
                        new Damage("|| shift_shifted_1[1])", "|| shift_shifted_1[2])"),
                        new Damage("|shift_shifted_0[15:0]", "|shift_shifted_0[14:0]"),
                        new Damage("input_payload_second[3:0] > 4'd7", "input_payload_second[3:0] > 4'd8"),
                        new Damage(
                                "shift_limited + 8'($signed(2'(shift_up)))",
                                "shift_limited - 8'($signed(2'(shift_up)))"),
                        new Damage("8'sd127", "8'sd126")),
                rounding(
                        new Blocks.Shape(24, 3, 2, signed, 12),
                        new Damage("shift_dropped_0 ||", "1'b0 ||"),
                        new Damage("shift_shifted_0[0] &&", "")),
                rounding(
                        new Blocks.Shape(50, 4, 28, upToPower, 20),
                        new Damage("|input_payload_first[26:0]", "|input_payload_first[25:0]"),
                        new Damage("shift_shifted_0[0] &&", "")),
                product(
                        Multiplier.LOGIC,
                        7,
                        7,
                        2,
                        new Damage("$signed({$unsigned(product_parts_1), 4'd0})", "$signed({product_parts_1, 3'd0})"),
                        new Damage("$signed(input_payload_second[6:4])", "input_payload_second[6:4]")),
                requantiser(
                        new RequantizerUnit.Widths(32, 8),
                        Multiplier.DSP48E2,
                        new Damage("$unsigned(product_sums_1), 26'd0", "$unsigned(product_sums_1), 25'd0"),
                        new Damage("rounded_dropped_1_reg > 3'd1", "rounded_dropped_1_reg > 3'd2")),
                new Claim(
                        "weights of codes",
                        () -> new WeightDecompressor(new WeightLayout(1, 8, 64)),
                        "scaled_lane.sv",
                        Map.of(),
                        proof -> proof.after(5),
                        List.of(
                                new Damage("|product2[6:0]", "|product2[6:1]"),
                                new Damage("sum4[17]", "sum4[7]"),
                                new Damage("minimum2 <= minimum1", "minimum2 <= minimum"))),
                bursts(new DmaShape(32, 128, 16, 8), 5),
                bursts(new DmaShape(40, 128, 256, 4), 9),
                bursts(new DmaShape(64, 8, 4, 2), 3),
                new Claim(
                        "strided transfers",
                        () -> new StridedTransfers(32),
                        "strides.sv",
                        Map.of("ADDRESS", 32),
                        proof -> proof.always(6),
                        List.of(
                                new Damage("address + stride", "address - stride"),
                                new Damage("blocks_payload_rows - 16'd1", "blocks_payload_rows - 16'd2"),
                                new Damage("left != 16'd0", "left[7:0] != 8'd0"))));
    }

    @ParameterizedTest
    @MethodSource("claims")
    void blocksAreWhatTheirSpecificationSaysForAllInputs(Claim claim) {
        assertEquals(new Verdict.Proven(), claim.verdict(null));
    }

    @ParameterizedTest
    @MethodSource("claims")
    void damagedBlocksAreNot(Claim claim) {
        assertTrue(claim.damages().size() >= 2, "too few kinds of damage");
        for (Damage damage : claim.damages()) {
            assertInstanceOf(Verdict.Refuted.class, claim.verdict(damage), () -> damage + " was not found");
        }
    }

    private static final String COUNTER = """
            module counter (input logic clock, input logic enable, output logic [7:0] count);
              logic [7:0] value = 8'd0;
              assign count = value;
              always_ff @(posedge clock) if (enable && value != 8'd9) value <= value + 8'd1;
            endmodule
            """;

    private static Proof below(int limit) {
        return Proof.of(COUNTER, """
                        module check (input logic clock, input logic enable);
                          logic [7:0] count;
                          counter dut (.clock(clock), .enable(enable), .count(count));
                          always_comb assert (count < LIMIT);
                        endmodule
                        """.replace("LIMIT", "`LIMIT")).with(Map.of("LIMIT", limit));
    }

    @Test
    void aCounterexampleTellsTheInputsClockByClock() {
        assertEquals(new Verdict.Proven(), below(10).always(3));
        Verdict.Refuted refuted = assertInstanceOf(Verdict.Refuted.class, below(3).always(20));
        long clocksEnabled = refuted.counterexample()
                .lines()
                .filter(line -> line.matches(" *\\d+ \\\\enable +1 .*"))
                .count();
        assertTrue(clocksEnabled >= 3, refuted.counterexample());
    }

    @Test
    void whatInductionCannotShowIsSaid() {
        // The counter stops at 9, which induction does not know of numbers beyond.
        Verdict.Undecided undecided =
                assertInstanceOf(Verdict.Undecided.class, below(200).always(2));
        assertEquals(
                "the induction does not hold; assert what the registers have in common with the specification",
                undecided.reason());
    }

    @Test
    void aTextThatYosysRefusesIsAnErrorWithItsPlace() {
        SimulationException refused = assertThrows(
                SimulationException.class,
                () -> Proof.of(COUNTER, "module check (;")
                        .within(Duration.ofSeconds(5))
                        .after(1));
        assertTrue(refused.getMessage().startsWith("yosys: check.sv:1: ERROR: syntax error"), refused.getMessage());
    }
}
