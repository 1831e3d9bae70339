package tilewright.compiler.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.compiler.Progress;
import tilewright.compiler.SharedData;
import tilewright.compiler.codes.ErrorFeedback;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.codes.Rounding;
import tilewright.compiler.store.ExpertFit;
import tilewright.compiler.store.MatrixPlace;
import tilewright.compiler.store.PackOptions;
import tilewright.compiler.store.PackWidths;
import tilewright.compiler.store.StorePacking;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;

/** Down matrices of the trained language model, fitted to quantised gate and up matrices. */
class DownFitTest {
    private static final Path MODEL = SharedData.repository("examples/moe-lm");
    private static final int WIDTH = 128;

    @TempDir
    private Path folder;

    /** A profile of ids that are no text, which only makes routing less even. */
    private Path profile() {
        int[] ids = new int[16 * WIDTH + 1];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (i * 53 + i / 7 * 11) % 4096;
        }
        ProfileOptions options = new ProfileOptions(
                WIDTH, 0, 128, 0, 1 << 30, 1 << 20, 1 << 24, SensitivityUnit.NONE, 0, new Rounding(), 2, 60);
        Path out = folder.resolve("profile");
        try (LoadedLanguageModel model = LanguageModels.load(MODEL)) {
            Profiler.profile(model, "ab12", ids, options, out, Progress.NONE);
        }
        return out;
    }

    private static double[] multiply(float[] matrix, double[] x) {
        double[] out = new double[WIDTH];
        for (int i = 0; i < WIDTH * WIDTH; i++) {
            out[i / WIDTH] += matrix[i] * x[i % WIDTH];
        }
        return out;
    }

    /** SiLU(gate x) * (up x), in float64. */
    private static double[] hidden(float[] gate, float[] up, double[] x) {
        double[] h = multiply(gate, x);
        double[] u = multiply(up, x);
        for (int i = 0; i < WIDTH; i++) {
            h[i] = h[i] / (1 + Math.exp(-h[i])) * u[i];
        }
        return h;
    }

    private static float[] decoded(GroupedCodes codes) {
        float[] values = new float[WIDTH * WIDTH];
        for (int row = 0; row < WIDTH; row++) {
            codes.decode(row, values, row * WIDTH);
        }
        return values;
    }

    /** The weighted squared error of an expert's outputs on its rows, in float64. */
    private static double error(TokenRows.OfExpert rows, float[][] exact, float[][] found) {
        double error = 0;
        for (int row = 0; row < rows.count(); row++) {
            double[] x = new double[WIDTH];
            for (int i = 0; i < WIDTH; i++) {
                x[i] = rows.rows()[row * WIDTH + i];
            }
            double[] expected = multiply(exact[2], hidden(exact[0], exact[1], x));
            double[] y = multiply(found[2], hidden(found[0], found[1], x));
            for (int i = 0; i < WIDTH; i++) {
                error += rows.weights()[row] * (y[i] - expected[i]) * (y[i] - expected[i]);
            }
        }
        return error;
    }

    @Test
    void theFitBringsOutputsOfQuantisedExpertsNearerToTheModels() {
        try (LoadedLanguageModel model = LanguageModels.load(MODEL);
                Profile profile = Profile.read(profile())) {
            int layer = 2;
            ExpertLayer experts = ExpertLayer.of(model.graph()).get(layer);
            RoutedLayer routed = RoutedLayer.of("m", model.graph()).get(layer);
            QuantisedExperts quantised = new QuantisedExperts(experts, new ErrorFeedback());
            for (int expert = 0; expert < 16; expert += 3) {
                TokenRows.OfExpert rows = profile.rows(layer).of(routed, expert, Integer.MAX_VALUE);
                for (int bits : new int[] {2, 3, 4}) {
                    float[][] exact = new float[3][];
                    float[][] plain = new float[3][];
                    ExpertFit fit = profile.fit(model.graph(), layer, expert);
                    for (ExpertMatrix matrix : ExpertMatrix.values()) {
                        int place = matrix.ordinal();
                        InputMoments moments = profile.quantisingMoments(new MatrixPlace(layer, expert, matrix));
                        exact[place] = quantised.weights(expert, matrix);
                        GroupedCodes codes = quantised.codes(expert, matrix, bits, moments);
                        plain[place] = decoded(codes);
                        if (matrix != ExpertMatrix.DOWN) {
                            fit.quantised(matrix, exact[place], codes);
                        }
                    }
                    var target = fit.target(
                            exact[2].clone(),
                            profile.quantisingMoments(new MatrixPlace(layer, expert, ExpertMatrix.DOWN)));
                    float[] fitted = decoded(
                            new ErrorFeedback().quantise(target.weights(), WIDTH, WIDTH, bits, target.moments()));

                    double before = error(rows, exact, plain);
                    double after = error(rows, exact, new float[][] {plain[0], plain[1], fitted});

                    String place = "expert " + expert + " with " + rows.count() + " rows, " + bits + " bits: ";
                    assertTrue(after <= before, place + after + ", without the fit " + before);
                }
            }
        }
    }

    @Test
    void aPackedStoreDoesNotDependOnThreads() throws IOException {
        try (Profile profile = Profile.read(profile())) {
            byte[][] packed = new byte[3][];
            for (int i = 0; i < packed.length; i++) {
                Path store = folder.resolve("store" + i);
                PackOptions options = new PackOptions(
                        PackWidths.uniform(2),
                        new ErrorFeedback(),
                        profile::quantisingMoments,
                        i < 2 ? profile::fit : null,
                        profile.digest(),
                        profile::sensitivities,
                        i + 1,
                        false);
                assertTrue(StorePacking.pack(MODEL, store, options, Progress.NONE, () -> false)
                        .complete());
                packed[i] = Files.readAllBytes(store.resolve("experts.bin"));
            }
            assertArrayEquals(packed[0], packed[1]);
            assertFalse(java.util.Arrays.equals(packed[0], packed[2]), "the fit must change something");
        }
    }
}
