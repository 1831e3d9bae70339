package tilewright.compiler.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The estimator's coefficients are those that the table of what was synthesised gives. */
class MeasuredUnitsTest {
    private static MeasuredUnits.Measured xcup(String component) throws IOException {
        String page = Files.readString(MeasuredUnits.page());
        return MeasuredUnits.measured(page, component, "xcup").orElseThrow();
    }

    @Test
    void coefficientsThatAreCalledMeasuredAreInTheTable() throws IOException {
        MeasuredUnits.Measured requantiser = xcup("requantiser, 32 to 8 bits");
        assertEquals(requantiser.lut(), Coefficients.REQUANTISER_LUT_8);
        assertEquals((double) requantiser.ff() / requantiser.lut(), Coefficients.REQUANTISER_FF_PER_LUT, 0.1);
        assertEquals(xcup("requantiser, 48 to 16 bits").lut(), Coefficients.REQUANTISER_LUT_16);
        assertEquals(xcup("int8 table").lut(), Coefficients.TABLE_LUT_PER_LANE);
        assertEquals(xcup("int16 activation").lut() - requantiser.lut(), Coefficients.INTERPOLATION_LUT_PER_LANE);
        assertEquals(xcup("softmax, rows to 1 024").lut(), Coefficients.SOFTMAX_LUT);
        assertEquals(xcup("softmax, rows to 1 024").ff(), Coefficients.SOFTMAX_FF);
        int laneLut = xcup("LayerNorm, 4 lanes, 192 features").lut()
                - xcup("LayerNorm, 1 lane, 192 features").lut();
        assertEquals(laneLut / 3.0, Coefficients.NORM_LUT_PER_LANE);
        assertEquals(xcup("top-k, 8 of 128").lut() / 8.0, Coefficients.TOP_K_LUT_PER_PLACE);
    }

    /** The geometric mean over what is neither multipliers nor memory. */
    @Test
    void smallerTablesTakeAsManyMoreAsTheTableSays() throws IOException {
        String page = Files.readString(MeasuredUnits.page());
        List<Double> ratios = new ArrayList<>();
        for (String component : List.of(
                "weight decompressor, 8 lanes, words of 64 bits",
                "DMA, reading, 128 bits, 8 bursts of 16",
                "DMA, writing, 128 bits, 8 bursts of 16",
                "strided transfers, 32 bits",
                "requantiser, 32 to 8 bits",
                "requantiser, 48 to 16 bits",
                "int16 activation")) {
            for (String family : List.of("ecp5", "ice40")) {
                MeasuredUnits.Measured small =
                        MeasuredUnits.measured(page, component, family).orElseThrow();
                ratios.add((double) small.lut() / xcup(component).lut());
            }
        }
        double mean = Math.exp(ratios.stream().mapToDouble(Math::log).average().orElseThrow());
        assertEquals(mean, Coefficients.FOUR_INPUT_LUTS, 0.005);
    }

    @Test
    void thePageComparesEachEstimateWithWhatWasMeasured() throws IOException {
        String page = Files.readString(MeasuredUnits.page());
        assertTrue(
                page.endsWith(MeasuredUnits.section(page)),
                "docs/synthesis.md: the section '" + MeasuredUnits.HEADING
                        + "' is not what the estimator says; run MeasuredUnits");
    }
}
