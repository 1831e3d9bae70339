package tilewright.hw.unit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import tilewright.hw.arith.FixedPoint;
import tilewright.hw.arith.LayerNormParameters;
import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.vector.NormUnit;

/** Random rows for the normalisation unit, with what {@link LayerNormUnit} makes of them. */
public final class NormCases {
    private NormCases() {}

    /**
     * Rows of so many features: of any spread around any centre, constant, or extreme.
     *
     * @param features a multiple of the shape's lanes
     */
    public static UnitCase norm(NormUnit.Shape shape, int features, Multiplier multiplier, long seed, int rows) {
        SplittableRandom random = new SplittableRandom(seed);
        LayerNormUnit unit = shape.centred()
                ? new LayerNormUnit(features, shape.inputBits())
                : LayerNormUnit.rootMeanSquare(features, shape.inputBits());
        LayerNormParameters parameters = parameters(shape, features, random);
        List<List<Long>> words = new ArrayList<>();
        List<List<Long>> scales = new ArrayList<>();
        List<List<Long>> results = new ArrayList<>();
        for (int r = 0; r < rows; r++) {
            int[] row = row(random, features, shape.inputBits());
            int[] output = new int[features];
            unit.apply(row, 0, parameters, shape.resultBits(), output, 0);
            for (int i = 0; i < features; i += shape.lanes()) {
                List<Long> word = new ArrayList<>();
                List<Long> scale = new ArrayList<>();
                List<Long> result = new ArrayList<>();
                for (int f = i; f < i + shape.lanes(); f++) {
                    word.add((long) row[f]);
                    scale.add(parameters.gamma(f));
                    scale.add(parameters.beta(f));
                    result.add((long) output[f]);
                }
                long last = i + shape.lanes() == features ? 1 : 0;
                word.add(last);
                result.add(last);
                words.add(word);
                scales.add(scale);
                results.add(result);
            }
        }
        Map<String, Long> settings = Map.of(
                "settings_features", (long) features,
                "settings_fraction", (long) unit.fractionBits(),
                "settings_shift", (long) parameters.shift(),
                "settings_epsilon", parameters.epsilon());
        return new UnitCase(
                shape + " of " + features + " " + multiplier,
                () -> new NormUnit(shape, multiplier),
                settings,
                Map.of(),
                Map.of("words", words, "parameters", scales),
                Map.of("results", results));
    }

    private static LayerNormParameters parameters(NormUnit.Shape shape, int features, SplittableRandom random) {
        float[] gamma = new float[features];
        float[] beta = new float[features];
        for (int i = 0; i < features; i++) {
            gamma[i] = (float) random.nextDouble(-2, 2);
            beta[i] = (float) random.nextDouble(-1, 1);
        }
        double outputScale = 6.0 / FixedPoint.highest(shape.resultBits());
        return LayerNormParameters.quantise(gamma, beta, 1e-6, 1e-3, shape.inputBits(), outputScale);
    }

    private static int[] row(SplittableRandom random, int features, int bits) {
        int highest = (int) FixedPoint.highest(bits);
        int centre = (int) UnitCases.anyInteger(random, bits);
        int spread = 1 << random.nextInt(0, bits);
        boolean extreme = random.nextInt(5) == 0;
        int[] row = new int[features];
        for (int i = 0; i < features; i++) {
            row[i] = extreme
                    ? random.nextInt(3) == 0 ? highest : -highest - 1
                    : (int) FixedPoint.saturate((long) centre + random.nextInt(-spread, spread), bits);
        }
        return row;
    }
}
