package tilewright.compiler.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class LossCalibrationTest {
    private static Trial trial(String rule, double sum, double divergence) {
        return new Trial(rule, 3, sum, divergence, 0, 1, 100);
    }

    @Test
    void withoutTrialsALossIsItsSum() {
        assertEquals(0.25, LossCalibration.of(List.of(), "ilp").lossIncrease(0.25));
    }

    @Test
    void ratiosGoOnALineOfLogarithmsThroughTheTrials() {
        // Losses are 0.1 times the root of sums: 0.001 at 0.0001, 0.01 at 0.01.
        LossCalibration calibration =
                LossCalibration.of(List.of(trial("ilp", 0.01, 0.01), trial("ilp", 0.0001, 0.001)), "ilp");

        assertEquals(0.1 * Math.sqrt(0.0025), calibration.lossIncrease(0.0025), 1e-12);
        assertEquals(0.1 * Math.sqrt(1e-6), calibration.lossIncrease(1e-6), 1e-12);
        assertEquals(0.04, calibration.lossIncrease(0.04), 1e-12);
        assertEquals(0, calibration.lossIncrease(0));
    }

    @Test
    void aRuleIsCalibratedByItsOwnTrialsWhereThereAreSome() {
        List<Trial> trials = List.of(
                trial("ilp", 0.01, 0.01),
                trial("ilp", 0.1, 0.1),
                trial("uniform", 0.01, 0.02),
                trial("uniform", 0.1, 0.2));

        assertEquals(0.05, LossCalibration.of(trials, "ilp").lossIncrease(0.05), 1e-12);
        assertEquals(0.1, LossCalibration.of(trials, "uniform").lossIncrease(0.05), 1e-12);
    }
}
