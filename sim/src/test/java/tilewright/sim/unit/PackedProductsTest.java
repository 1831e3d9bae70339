package tilewright.sim.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.primitive.Dsp48;
import tilewright.hw.lang.primitive.Int8Pair;
import tilewright.hw.lang.primitive.Int8StationaryPair;
import tilewright.sim.rtl.Engine;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.bench.Engines;
import tilewright.sim.rtl.compiled.JavaEngine;

@Tag("hardware-tools")
class PackedProductsTest {
    private static final int LATENCY = 4;

    /** Every pair of weights and activation, one at each clock: bytes 0, 1 and 2 of a counter. */
    private abstract static class Products extends Component {
        final SInt low;
        final SInt high;
        final UInt count = reg(uint(24), 0);

        Products(int bits) {
            low = out(sint(bits));
            high = out(sint(bits));
            count.assign(count.plusMod(1));
        }

        SInt factor(int index) {
            return count.slice(8 * index + 7, 8 * index).asSInt();
        }
    }

    private static final class Pair extends Products {
        private final Int8Pair pair = child(() -> new Int8Pair(Dsp48.Sum.NONE, false));

        Pair() {
            super(Int8Pair.SHIFT);
            pair.w0.assign(factor(0));
            pair.w1.assign(factor(1));
            pair.x.assign(factor(2));
            pair.load.assign(true);
            pair.enable.assign(true);
            low.assign(Int8Pair.low(pair.p));
            high.assign(Int8Pair.high(pair.p, Int8Pair.SHIFT));
        }
    }

    private static final class StationaryPair extends Products {
        private final Int8StationaryPair pair = child(() -> new Int8StationaryPair(true));

        StationaryPair() {
            super(Int8StationaryPair.SUM_BITS);
            pair.w0.assign(factor(0));
            pair.w1.assign(factor(1));
            pair.x.assign(regNext(factor(2)));
            pair.load.assign(true);
            pair.swap.assign(true);
            pair.enable.assign(true);
            low.assign(Int8StationaryPair.low(pair.below));
            high.assign(Int8StationaryPair.high(pair.below));
        }
    }

    static Stream<Engine> engines() {
        return Stream.concat(Stream.of(new JavaEngine()), Engines.verilator().stream());
    }

    /** Compares every product; {@code least} is the least weight. */
    private static void compare(Engine engine, Supplier<Component> products, int least) {
        assumeTrue(engine instanceof JavaEngine || Engines.missing().isEmpty(), "Verilator is not installed");
        try (Simulation simulation = Simulation.open(Elaboration.of(products), engine)) {
            simulation.reset();
            int low = simulation.port("low");
            int high = simulation.port("high");
            simulation.run(LATENCY);
            long wrong = 0;
            for (int i = 0; i < 1 << 24; i++) {
                byte w0 = (byte) i;
                byte w1 = (byte) (i >> 8);
                byte x = (byte) (i >> 16);
                boolean exact = simulation.get(low) == w0 * x && simulation.get(high) == w1 * x;
                wrong += exact || w0 < least || w1 < least ? 0 : 1;
                simulation.tick();
            }
            assertEquals(0, wrong);
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void twoProductsInOneDspAreExactForAllBytes(Engine engine) {
        compare(engine, Pair::new, -128);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void twoProductsWithResidentWeightsAreExactForAllActivationsAndSymmetricWeights(Engine engine) {
        compare(engine, StationaryPair::new, -127);
    }
}
