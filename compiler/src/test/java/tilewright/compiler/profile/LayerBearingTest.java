package tilewright.compiler.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.compiler.Progress;
import tilewright.compiler.SharedData;
import tilewright.compiler.codes.Rounding;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.Tensor64;
import tilewright.model.store.LayerSensitivity;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorSource;

/** What layers bear, against reference routing and a float64 model. */
class LayerBearingTest {
    private static final int WINDOW = 128;
    private static final int EXPERTS = 16;
    private static final int SIDE = 128;

    @TempDir
    private Path folder;

    private Path profile(int[] ids) {
        Path out = folder.resolve("profile");
        ProfileOptions options = new ProfileOptions(
                WINDOW, 0, ids.length, 0, 1 << 30, 1 << 20, 0, SensitivityUnit.LAYER, 0, new Rounding(), 2, 1000);
        try (LoadedLanguageModel model = LanguageModels.load(SharedData.repository("examples/moe-lm"))) {
            Profiler.profile(model, "ab12", ids, options, out, Progress.NONE);
        }
        return out;
    }

    @Test
    void squaredSharesAreThoseOfTheReferenceTrace() {
        Path golden = SharedData.golden("moe-lm").resolve("router_trace.safetensors");
        try (TensorSource trace = Safetensors.open(golden)) {
            float[] read = trace.floats("input_ids");
            int tokens = 1024;
            int[] ids = new int[tokens + 1];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = (int) read[i];
            }
            float[] weights = trace.floats("topk_weights");
            try (Profile profile = Profile.read(profile(ids))) {
                List<LayerSensitivity> found = profile.sensitivities(_ -> 4);
                assertEquals(6, found.size());
                for (int layer = 0; layer < 6; layer++) {
                    LayerSensitivity of = found.get(layer);
                    assertTrue(of.sensitivity() > 0);
                    double[] shares = new double[2 * tokens];
                    for (int i = 0; i < shares.length; i++) {
                        int at = (layer * 4096 + i / 2) * 2;
                        shares[i] = weights[at + i % 2] / ((double) weights[at] + weights[at + 1]);
                    }
                    double sum = 0;
                    for (int range = 0; range < LayerSensitivity.RANGES; range++) {
                        sum += of.squaredShares().get(range);
                        double most = Math.pow(2, (range - 63) / 4.0);
                        double expected = Arrays.stream(shares)
                                        .filter(share -> share < most || most == 1)
                                        .map(share -> share * share)
                                        .sum()
                                / tokens;
                        // A share at the very edge of a range may fall on either side, and near ties may be chosen
                        // otherwise.
                        assertEquals(expected, sum, 3e-3, "layer " + layer + ", below " + most);
                    }
                    assertEquals(of.sensitivity() * sum, of.leftOutLoss(1.1), 1e-9);
                }
            }
        }
    }

    @Test
    void errorsOfBasesAreThoseOfAFloat64Expert() {
        int[] ids = new int[WINDOW + 1];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (i * 37 + 11) % 4096;
        }
        int layer = 3;
        try (TensorSource profile = Safetensors.open(profile(ids));
                LoadedLanguageModel model = LanguageModels.load(SharedData.repository("examples/moe-lm"))) {
            float[] lower = profile.floats("layer3.lower_error");
            RoutedLayer routed = RoutedLayer.of("m", model.graph()).get(layer);
            double[] input = Arrays.stream(ids).limit(WINDOW).asDoubleStream().toArray();
            Map<String, Tensor64> values = Interpreter.run(
                    model.graph(),
                    Map.of("ids", new Tensor64(new int[] {1, WINDOW}, input)),
                    List.of(routed.tokens(), routed.ids(), routed.weights()));
            double[] x = values.get(routed.tokens()).data();
            double[] chosen = values.get(routed.ids()).data();
            double[] weights = values.get(routed.weights()).data();
            ExpertLayer experts = ExpertLayer.of(model.graph()).get(layer);
            int compared = 0;
            for (int expert = 0; expert < EXPERTS; expert++) {
                long rows = 0;
                for (double id : chosen) {
                    rows += id == expert ? 1 : 0;
                }
                // Of busier experts the profile keeps only some rows.
                if (rows == 0 || rows > 16) {
                    continue;
                }
                compared++;
                double[] gate = part(experts.gate().data().load64(), expert);
                double[] up = part(experts.up().data().load64(), expert);
                double[] down = part(experts.down().data().load64(), expert);
                double[] base = base(down, 4, 2);
                double square = 0;
                double error = 0;
                for (int slot = 0; slot < chosen.length; slot++) {
                    if ((int) chosen[slot] == expert) {
                        double[] row = Arrays.copyOfRange(x, slot / 2 * SIDE, slot / 2 * SIDE + SIDE);
                        double[] g = product(gate, row);
                        double[] u = product(up, row);
                        for (int i = 0; i < SIDE; i++) {
                            g[i] *= u[i] / (1 + Math.exp(-g[i]));
                        }
                        double[] exact = product(down, g);
                        double[] other = product(base, g);
                        for (int i = 0; i < SIDE; i++) {
                            double w = weights[slot] * weights[slot];
                            square += w * exact[i] * exact[i];
                            error += w * (other[i] - exact[i]) * (other[i] - exact[i]);
                        }
                    }
                }
                float found = lower[(expert * 3 + 2) * Profile.WIDTHS.size() + Profile.WIDTHS.indexOf(4)];
                assertEquals(error / square, found, 1e-3 * error / square, "expert " + expert);
                assertEquals(0, lower[(expert * 3 + 2) * Profile.WIDTHS.size()], "2 bits have no base");
            }
            assertTrue(compared > 3);
        }
    }

    private static double[] part(double[] all, int expert) {
        return Arrays.copyOfRange(all, expert * SIDE * SIDE, (expert + 1) * SIDE * SIDE);
    }

    /** A matrix from the highest bits of its codes. */
    private static double[] base(double[] matrix, int bits, int kept) {
        float[] values = new float[matrix.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) matrix[i];
        }
        GroupedCodes codes = new Rounding().quantise(values, SIDE, SIDE, bits, null);
        double[] base = new double[matrix.length];
        for (int row = 0; row < SIDE; row++) {
            float[] decoded = new float[SIDE];
            codes.decode(row, kept, decoded, 0);
            for (int i = 0; i < SIDE; i++) {
                base[row * SIDE + i] = decoded[i];
            }
        }
        return base;
    }

    private static double[] product(double[] matrix, double[] x) {
        double[] y = new double[SIDE];
        for (int row = 0; row < SIDE; row++) {
            for (int i = 0; i < SIDE; i++) {
                y[row] += matrix[row * SIDE + i] * x[i];
            }
        }
        return y;
    }

    @Test
    void aQuarterOfTheSquaresBelowTheMeanShareIsLeftOut() {
        Random random = new Random(5);
        for (int round = 0; round < 50; round++) {
            int topK = 2 + random.nextInt(7);
            double[] squares =
                    random.doubles(64).map(value -> value < 0.5 ? 0 : value).toArray();
            double below = 0;
            for (int range = 0; range < 64 && Math.pow(2, (range - 63) / 4.0) <= 1.0 / topK; range++) {
                below += squares[range];
            }
            double threshold = LeftOutUses.threshold(squares, topK);
            double sum = 0;
            double last = 0;
            for (int range = 0; range < 64 && Math.pow(2, (range - 63) / 4.0) <= threshold * (1 + 1e-9); range++) {
                sum += squares[range];
                last = squares[range];
            }
            assertTrue(sum >= 0.25 * below - 1e-12 && sum - last < 0.25 * below, "topK " + topK);
            assertTrue(threshold <= 1.0 / topK + 1e-12);
        }
    }
}
