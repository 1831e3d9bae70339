package tilewright.compiler.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tilewright.compiler.profile.ProfileHeader.LayerShape;
import tilewright.compiler.store.MatrixPlace;

class SampledSensitivityTest {
    private static final int EXPERTS = 16;
    private static final int WIDTHS = Profile.WIDTHS.size();
    private static final LayerShape GATED = new LayerShape(EXPERTS, 2, 8, 8, 8, true, 8, 8, 8);
    private static final LayerShape PLAIN = new LayerShape(EXPERTS, 2, 8, 8, 8, false, 8, 8, 8);

    private final Random random = new Random(3);

    private float[][] random(int layers, int length) {
        float[][] values = new float[layers][length];
        for (float[] of : values) {
            for (int i = 0; i < length; i++) {
                of[i] = (float) Math.exp(2 * random.nextGaussian());
            }
        }
        return values;
    }

    private static double[] sums(SampledSensitivity sampled, double[][] losses) {
        return sampled.groups().stream()
                .mapToDouble(group -> group.stream()
                        .mapToDouble(place -> losses[place.layer()][
                                3 * place.expert() + place.matrix().ordinal()])
                        .sum())
                .toArray();
    }

    @Test
    void everyMatrixIsInOneKindAndOneBlockOfItsLayer() {
        List<LayerShape> shapes = List.of(GATED, PLAIN);
        SampledSensitivity sampled =
                new SampledSensitivity(shapes, random(2, EXPERTS * 3 * WIDTHS), random(2, EXPERTS), 5 + 2 * 4);

        assertEquals(5 + 2 * 4, sampled.groups().size());
        assertEquals(5 + 2 * 4, SampledSensitivity.count(shapes, 5 + 2 * 4));
        assertEquals(5 + 2, SampledSensitivity.fewest(shapes));
        List<MatrixPlace> places =
                sampled.groups().stream().flatMap(List::stream).toList();
        assertEquals(2 * EXPERTS * 5, places.size());
        assertEquals(EXPERTS * 5, places.stream().distinct().count());
    }

    @Test
    void lossesThatAreAPowerTimesFactorsAreFoundFromTheirSums() {
        List<LayerShape> shapes = List.of(GATED, GATED, GATED);
        float[][] errors = random(3, EXPERTS * 3 * WIDTHS);
        float[][] energies = random(3, EXPERTS);
        SampledSensitivity sampled = new SampledSensitivity(shapes, errors, energies, 9 + 3 * 4);
        double[][] losses = new double[3][EXPERTS * 3];
        for (int layer = 0; layer < 3; layer++) {
            for (int i = 0; i < losses[layer].length; i++) {
                losses[layer][i] = (1 + layer) * (1 + i % 3) * energies[layer][i / 3] * errors[layer][i * WIDTHS];
            }
        }

        float[][] found = sampled.sensitivity(sums(sampled, losses), 1, errors);

        for (int layer = 0; layer < 3; layer++) {
            double[] expected = new double[losses[layer].length];
            double[] relative = new double[losses[layer].length];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = 1;
                relative[i] = found[layer][i] * errors[layer][i * WIDTHS] / losses[layer][i];
            }
            // The power is a little off, because few blocks tell it.
            assertArrayEquals(expected, relative, 0.3);
        }
    }

    @Test
    void sumsOfGroupsAreWhatWasMeasured() {
        List<LayerShape> shapes = List.of(GATED, PLAIN);
        float[][] errors = random(2, EXPERTS * 3 * WIDTHS);
        SampledSensitivity sampled = new SampledSensitivity(shapes, errors, random(2, EXPERTS), 0);
        double[][] losses = new double[2][EXPERTS * 3];
        for (double[] of : losses) {
            Arrays.setAll(of, i -> Math.exp(random.nextGaussian()));
        }
        double[] measured = sums(sampled, losses);

        float[][] found = sampled.sensitivity(measured, 1, errors);

        double[][] fitted = new double[2][EXPERTS * 3];
        for (int layer = 0; layer < 2; layer++) {
            for (int i = 0; i < fitted[layer].length; i++) {
                fitted[layer][i] = (double) found[layer][i] * errors[layer][i * WIDTHS];
            }
        }
        double[] sums = sums(sampled, fitted);
        for (int group = 0; group < sums.length; group++) {
            assertEquals(
                    measured[group],
                    sums[group],
                    0.01 * measured[group],
                    sampled.groups().get(group)::toString);
        }
    }

    @Test
    void expertsThatNoTokenUsedCostNothing() {
        float[][] errors = random(1, EXPERTS * 3 * WIDTHS);
        float[][] energies = random(1, EXPERTS);
        energies[0][7] = 0;
        Arrays.fill(errors[0], 7 * 3 * WIDTHS, 8 * 3 * WIDTHS, 0);
        SampledSensitivity sampled = new SampledSensitivity(List.of(GATED), errors, energies, 9);
        double[] measured = new double[sampled.groups().size()];
        Arrays.fill(measured, 0.5);

        float[][] found = sampled.sensitivity(measured, 10, errors);

        assertArrayEquals(new float[3], Arrays.copyOfRange(found[0], 21, 24));
    }

    @Test
    void errorsOfOtherWidthsFallAsThoseOfTheChosenExpertsDo() {
        float[] energies = random(1, EXPERTS)[0];
        boolean[] chosen = SampledErrors.chosen(energies, 6);
        float[] errors = new float[EXPERTS * 3 * WIDTHS];
        for (int i = 0; i < EXPERTS * 3; i++) {
            int widths = chosen[i / 3] ? WIDTHS : 1;
            for (int width = 0; width < widths; width++) {
                errors[i * WIDTHS + width] = (1 + i) * (float) Math.pow(0.2 + 0.1 * (i % 3), width);
            }
        }

        SampledErrors.fill(errors, chosen);

        for (int i = 0; i < EXPERTS * 3; i++) {
            for (int width = 0; width < WIDTHS; width++) {
                double expected = (1 + i) * Math.pow(0.2 + 0.1 * (i % 3), width);
                assertEquals(expected, errors[i * WIDTHS + width], 1e-4 * expected);
            }
        }
    }

    @Test
    void errorsOfOtherExpertsAreThoseOfQuickCodesTimesTheRatioOfTheChosen() {
        boolean[] chosen = SampledErrors.chosen(random(1, EXPERTS)[0], 16);
        float[] errors = new float[EXPERTS * 3 * WIDTHS];
        float[] quick = new float[errors.length];
        for (int i = 0; i < errors.length; i++) {
            quick[i] = 1 + i % 7;
            double ratio = 0.5 + 0.01 * (i % (3 * WIDTHS));
            errors[i] = chosen[i / (3 * WIDTHS)] ? (float) (ratio * quick[i]) : 0;
        }

        SampledErrors.fill(errors, quick, chosen);

        for (int i = 0; i < errors.length; i++) {
            double expected = (0.5 + 0.01 * (i % (3 * WIDTHS))) * (1 + i % 7);
            assertEquals(expected, errors[i], 1e-5 * expected, "place " + i);
        }
    }
}
