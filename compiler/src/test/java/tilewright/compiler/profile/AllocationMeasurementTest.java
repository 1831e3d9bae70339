package tilewright.compiler.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AllocationMeasurementTest {
    /** The result for tokens whose divergences and increases are these. */
    private static AllocationMeasurement.Result result(double[] divergences, double[] increases) {
        double[] sums = {
            Arrays.stream(divergences).sum(),
            Arrays.stream(increases).sum(),
            Arrays.stream(increases).map(x -> x * x).sum()
        };
        return AllocationMeasurement.results(sums, increases.length).getFirst();
    }

    @Test
    void twoTextsTogetherHaveTheMeansAndTheErrorOfAllTheirTokens() {
        Random random = new Random(4);
        double[] divergences = random.doubles(700, 0, 0.01).toArray();
        double[] increases = random.doubles(700, -0.1, 0.2).toArray();

        AllocationMeasurement.Result both = result(Arrays.copyOf(divergences, 200), Arrays.copyOf(increases, 200))
                .and(result(Arrays.copyOfRange(divergences, 200, 700), Arrays.copyOfRange(increases, 200, 700)));

        double mean = Arrays.stream(increases).average().orElseThrow();
        double squares =
                Arrays.stream(increases).map(x -> (x - mean) * (x - mean)).sum();
        assertEquals(700, both.tokens());
        assertEquals(Arrays.stream(divergences).average().orElseThrow(), both.divergence(), 1e-12);
        assertEquals(mean, both.lossIncrease(), 1e-12);
        assertEquals(Math.sqrt(squares / 700 / 699), both.standardError(), 1e-12);
    }
}
