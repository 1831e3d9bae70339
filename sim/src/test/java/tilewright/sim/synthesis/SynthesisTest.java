package tilewright.sim.synthesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.UInt;
import tilewright.hw.unit.tensor.MacBlock;
import tilewright.hw.unit.tensor.OutputStationaryTile;
import tilewright.hw.unit.tensor.TileShape;

/** Circuits whose size and depth are known beforehand. */
class SynthesisTest {
    @TempDir
    Path cache;

    private static void need(String... programs) {
        Optional<String> missing = Synthesis.missing(programs);
        assumeTrue(missing.isEmpty(), () -> missing.orElseThrow());
    }

    private Resources resources(Supplier<Component> component, Target target) {
        need("yosys");
        return new Synthesis(cache).resources(Elaboration.of(component), target);
    }

    /** One bit of many. */
    private static final class Fold extends Component {
        private final Bits word;
        private final Bool result = out(bool());

        Fold(int width, Function<Bits, Bool> function) {
            word = in(bits(width));
            result.assign(function.apply(word));
        }
    }

    /** Two numbers, their sum. */
    private static final class Sum extends Component {
        private final UInt a;
        private final UInt b;
        private final UInt sum;

        Sum(int width) {
            a = in(uint(width));
            b = in(uint(width));
            sum = out(uint(width));
            sum.assign(regNext(regNext(a).plusMod(regNext(b))));
        }
    }

    /** With tables of 4 inputs, 64 are joined in 3 levels of 16 + 4 + 1. */
    @Test
    void aConjunctionOf64BitsHasThreeLevelsOfFourInputTables() {
        Resources r = resources(() -> new Fold(64, Bits::all), Target.ICE40);
        assertEquals(3, r.levels());
        assertEquals(21, r.lookupTables());
        assertEquals("word -> result", r.path());
    }

    @Test
    void aParityOf16BitsHasTwoLevelsOfFourInputTables() {
        Resources r = resources(() -> new Fold(16, Bits::parity), Target.ICE40);
        assertEquals(2, r.levels());
        assertEquals(5, r.lookupTables());
    }

    @Test
    void aConjunctionOf36BitsHasTwoLevelsOfSixInputTables() {
        Resources r = resources(() -> new Fold(36, Bits::all), Target.XC7);
        assertEquals(2, r.levels());
        // One of the seven may be a dedicated multiplexer.
        assertTrue(r.lookupTables() == 6 || r.lookupTables() == 7, r::toString);
    }

    /** A table for each bit, its carry free; three registers of as many bits. */
    @ParameterizedTest
    @EnumSource(names = {"ECP5", "ICE40"})
    void anAdderIsOneLevelHoweverWide(Target target) {
        for (int width : new int[] {8, 32}) {
            Resources r = resources(() -> new Sum(width), target);
            assertEquals(1, r.levels(), target + ", " + width);
            assertTrue(Math.abs(r.lookupTables() - width) <= 2, target + ", " + width + ": " + r);
            assertEquals(3 * width, r.flipFlops(), target + ", " + width);
        }
    }

    @Test
    void whatIsKeptIsNotSynthesisedAgain() throws IOException {
        Resources first = resources(() -> new Fold(9, Bits::all), Target.ICE40);
        List<Path> files = kept();
        assertEquals(1, files.size());
        String text = Files.readString(files.getFirst());
        Files.writeString(
                files.getFirst(), text.replace("\"lookupTables\":" + first.lookupTables(), "\"lookupTables\":77"));
        assertEquals(77, resources(() -> new Fold(9, Bits::all), Target.ICE40).lookupTables());
        resources(() -> new Fold(10, Bits::all), Target.ICE40);
        assertEquals(2, kept().size());
    }

    private List<Path> kept() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.toList();
        }
    }

    /** A path of one table and its carry between registers; the fabric's limit is some 500 MHz, and 32 carries 4 ns. */
    @Test
    void anAdderIsPlacedAndRouted() {
        need("yosys", "nextpnr-ice40");
        OptionalDouble clock = new Synthesis(cache).megahertz(Elaboration.of(() -> new Sum(32)), Synthesis.Device.HX8K);
        assertTrue(clock.orElseThrow() > 80 && clock.orElseThrow() < 500, clock + " MHz");
    }

    /** 16 multipliers on a device that has 8. */
    @Test
    void whatDoesNotFitHasNoClock() {
        need("yosys", "nextpnr-ice40");
        TileShape shape = new TileShape(MacBlock.SB_MAC16, 4, 4, false);
        assertEquals(
                OptionalDouble.empty(),
                new Synthesis(cache)
                        .megahertz(Elaboration.of(() -> new OutputStationaryTile(shape)), Synthesis.Device.UP5K));
    }

    @Test
    void aMissingToolIsNamedWithTheWayOut() {
        assertEquals(
                Optional.of("no-such-synthesis, no-such-router not found; install it and see that PATH has it"),
                Synthesis.missing("no-such-synthesis", "sh", "no-such-router"));
        assertEquals(Optional.empty(), Synthesis.missing("sh"));
    }
}
