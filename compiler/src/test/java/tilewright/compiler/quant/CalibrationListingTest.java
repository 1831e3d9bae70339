package tilewright.compiler.quant;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CalibrationListingTest {
    private static Map<ScalePolicy, Double> each(double minMax, double percentile, double mse) {
        return new EnumMap<>(
                Map.of(ScalePolicy.MIN_MAX, minMax, ScalePolicy.PERCENTILE, percentile, ScalePolicy.MSE, mse));
    }

    @Test
    void everyTensorHasALineAndEveryPolicyItsError() {
        QuantisedModel quantised = new QuantisedModel(
                null,
                ScalePolicy.MSE,
                each(0.02, 0.025, 0.015),
                List.of(
                        new TensorScale("embed", 16, 3.5, 0.001, each(64, 63, 62.5)),
                        new TensorScale("block0.q", 8, 0.5, 0.004, each(37, 38, Double.POSITIVE_INFINITY))),
                Map.of(),
                12);
        assertEquals("""
                12 calibration images; scales: mse
                min-max      median relative L2 error of the outputs 0.0200
                percentile   median relative L2 error of the outputs 0.0250
                mse          median relative L2 error of the outputs 0.0150

                tensor                             bits      largest        scale      min-max dB  percentile dB         mse dB
                embed                                16      3.50000   0.00100000            64.0           63.0           62.5
                block0.q                              8     0.500000   0.00400000            37.0           38.0       Infinity
                """, CalibrationListing.of(quantised));
    }

    @Test
    void aModelTooLargeToTryIsSaidSo() {
        QuantisedModel quantised = new QuantisedModel(null, ScalePolicy.MSE, Map.of(), List.of(), Map.of(), 1);
        assertEquals(
                "the model is too large to try the policies on whole images",
                CalibrationListing.of(quantised).lines().skip(1).findFirst().orElseThrow());
    }
}
