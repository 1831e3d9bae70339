package tilewright.hw.unit;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.vector.RequantizerUnit;

/** The referee is {@code tilewright.hw.arith}, bit for bit. */
class VectorUnitsTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void requantisersEqualTheIntegerSemantics(int stall) {
        for (Multiplier multiplier : Multiplier.values()) {
            UnitBench.check(UnitCases.requantizer(new RequantizerUnit.Widths(32, 8), multiplier, 1, 60), stall, stall);
        }
        for (int bits : new int[] {16, 24, 40}) {
            RequantizerUnit.Widths widths = new RequantizerUnit.Widths(48, bits);
            UnitBench.check(UnitCases.requantizer(widths, Multiplier.DSP48E1, bits, 100), stall, stall);
        }
    }

    @Test
    void everyAccumulatorOfTwelveBitsIsRequantisedByFactorsThatRoundTieAndSaturate() {
        for (Requantizer factor : List.of(
                new Requantizer(1 << 30, 31),
                new Requantizer(1 << 30, 34),
                new Requantizer(1 << 30, 29),
                new Requantizer(3 << 29, 37),
                new Requantizer(0, 0),
                Requantizer.of(0.0317))) {
            UnitBench.check(UnitCases.everyAccumulator(12, 8, factor), 0, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void tablesGiveWhatWasLoadedForEveryCode(int stall) {
        UnitBench.check(UnitCases.byteTable(3, 400), stall, stall);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void wideActivationsEqualTheIntegerSemantics(int stall) {
        UnitBench.check(UnitCases.evenResidual(Multiplier.DSP48E1, 5, 150), stall, stall);
        UnitBench.check(UnitCases.evenResidual(Multiplier.LOGIC, 6, 150), stall, stall);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void softmaxEqualsTheIntegerSemantics(int stall) {
        for (int length : new int[] {1, 7, 16, 197}) {
            UnitBench.check(UnitCases.softmax(length, Multiplier.DSP48E2, length, 100), stall, stall);
        }
        UnitBench.check(UnitCases.softmax(16, Multiplier.LOGIC, 8, 100), stall, stall);
    }
}
