package tilewright.hw.unit;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.vector.NormUnit;

/** The referee is {@link tilewright.hw.arith.LayerNormUnit}, bit for bit. */
class NormUnitsTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void normalisedRowsEqualTheIntegerSemantics(int stall) {
        for (boolean centred : new boolean[] {true, false}) {
            NormUnit.Shape bytes = new NormUnit.Shape(4, 64, 16, 8, centred);
            UnitBench.check(NormCases.norm(bytes, 64, Multiplier.DSP48E2, 1, 4), stall, stall);
            NormUnit.Shape words = new NormUnit.Shape(1, 20, 24, 16, centred);
            UnitBench.check(NormCases.norm(words, 17, Multiplier.DSP48E1, 4, 3), stall, stall);
        }
    }
}
