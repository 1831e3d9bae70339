package tilewright.compiler.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tilewright.compiler.Progress;
import tilewright.compiler.SharedData;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.codes.Rounding;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.expert.ExpertSource;
import tilewright.edge.expert.FileExperts;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.Tensor64;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorSource;

/** Profiles of the trained language model against its reference routing, which another implementation has written. */
class ProfilerTest {
    private static final int WINDOW = 128;
    private static final int EXPERTS = 16;
    /** Tokens whose second and third expert are nearer than float32 can tell. */
    private static final int NEAR_TIES = 2;

    @TempDir
    private Path folder;

    private static ProfileOptions options(long tokens, long sensitivityTokens, long trialTokens, SensitivityUnit unit) {
        return new ProfileOptions(
                WINDOW,
                tokens,
                sensitivityTokens,
                trialTokens,
                1 << 30,
                1 << 20,
                1 << 20,
                unit,
                0,
                new Rounding(),
                2,
                0);
    }

    private Path profile(int[] ids, ProfileOptions options, String name, Progress progress) {
        Path out = folder.resolve(name);
        try (LoadedLanguageModel model = LanguageModels.load(SharedData.repository("examples/moe-lm"))) {
            Profiler.profile(model, "ab12", ids, options, out, progress);
        }
        return out;
    }

    /** The trace's ids and one more, which the last window's last token is followed by. */
    private static int[] ids(TensorSource trace) {
        float[] read = trace.floats("input_ids");
        int[] ids = new int[read.length + 1];
        for (int i = 0; i < read.length; i++) {
            ids[i] = (int) read[i];
        }
        return ids;
    }

    @Test
    void useOfExpertsIsThatOfTheReferenceTrace() {
        Path golden = SharedData.golden("moe-lm").resolve("router_trace.safetensors");
        try (TensorSource trace = Safetensors.open(golden);
                Profile profile = Profile.read(
                        profile(ids(trace), options(0, 128, 0, SensitivityUnit.NONE), "a", Progress.NONE))) {
            float[] chosen = trace.floats("topk_ids");
            float[] weights = trace.floats("topk_weights");
            int tokens = 4096;
            assertEquals(tokens, profile.tokens());
            assertEquals(6, profile.layers());
            for (int layer = 0; layer < 6; layer++) {
                double[] counts = new double[EXPERTS];
                double[] sums = new double[EXPERTS];
                double[] squares = new double[EXPERTS];
                double[][] pairs = new double[EXPERTS][EXPERTS];
                for (int token = 0; token < tokens; token++) {
                    for (int k = 0; k < 2; k++) {
                        int at = (layer * tokens + token) * 2 + k;
                        int expert = (int) chosen[at];
                        counts[expert]++;
                        sums[expert] += weights[at];
                        squares[expert] += weights[at] * weights[at];
                        for (int j = 0; j < 2 && layer < 5; j++) {
                            pairs[expert][(int) chosen[((layer + 1) * tokens + token) * 2 + j]]++;
                        }
                    }
                }
                for (int expert = 0; expert < EXPERTS; expert++) {
                    String place = "layer " + layer + ", expert " + expert;
                    assertEquals(counts[expert], profile.tokens(layer, expert), NEAR_TIES, place);
                    assertEquals(counts[expert] / tokens, profile.frequency(layer, expert), 1e-3, place);
                    assertEquals(sums[expert] / counts[expert], profile.meanWeight(layer, expert), 2e-3, place);
                    assertEquals(
                            squares[expert] / counts[expert], profile.meanSquaredWeight(layer, expert), 2e-3, place);
                    for (int next = 0; next < EXPERTS && layer < 5; next++) {
                        assertEquals(pairs[expert][next], profile.coactivation(layer, expert, next), NEAR_TIES, place);
                    }
                }
            }
        }
    }

    @Test
    void secondMomentsAndKeptRowsAreThoseOfTheFloat64Interpreter() {
        int[] ids = new int[WINDOW + 1];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (i * 37 + 11) % 4096;
        }
        int layer = 3;
        try (LoadedLanguageModel model = LanguageModels.load(SharedData.repository("examples/moe-lm"));
                Profile profile =
                        Profile.read(profile(ids, options(0, 128, 0, SensitivityUnit.NONE), "b", Progress.NONE))) {
            RoutedLayer routed = RoutedLayer.of("m", model.graph()).get(layer);
            double[] input = new double[WINDOW];
            for (int i = 0; i < WINDOW; i++) {
                input[i] = ids[i];
            }
            Map<String, Tensor64> values = Interpreter.run(
                    model.graph(),
                    Map.of("ids", new Tensor64(new int[] {1, WINDOW}, input)),
                    List.of(routed.tokens(), routed.ids(), routed.weights()));
            double[] x = values.get(routed.tokens()).data();
            double[] chosen = values.get(routed.ids()).data();
            double[] weights = values.get(routed.weights()).data();
            TokenRows rows = profile.rows(layer);
            assertEquals(WINDOW, rows.tokens());
            for (int token = 0; token < WINDOW; token++) {
                float[] row = new float[128];
                rows.rows().read(token, 0, 128, row, 0);
                for (int i = 0; i < 128; i++) {
                    assertEquals(x[token * 128 + i], row[i], 1e-3 * Math.abs(row[i]) + 1e-5, "token " + token);
                }
                for (int k = 2 * token; k < 2 * token + 2; k++) {
                    assertEquals(chosen[k], rows.experts()[k], "token " + token);
                    assertEquals(weights[k], rows.weights()[k], 1e-5, "token " + token);
                }
            }
            ExpertLayer experts = ExpertLayer.of(model.graph()).get(layer);
            double[] gate = experts.gate().data().load64();
            double[] up = experts.up().data().load64();
            for (int expert = 0; expert < EXPERTS; expert++) {
                double[][] inputs = new double[128][128];
                double[][] inner = new double[128][128];
                double total = 0;
                for (int slot = 0; slot < chosen.length; slot++) {
                    if ((int) chosen[slot] == expert) {
                        double[] row = Arrays.copyOfRange(x, slot / 2 * 128, slot / 2 * 128 + 128);
                        double square = weights[slot] * weights[slot];
                        total += square;
                        add(inputs, row, square);
                        add(inner, hidden(row, gate, up, expert), square);
                    }
                }
                String place = "expert " + expert;
                compare(inputs, total, profile.moments(new MatrixPlace(layer, expert, ExpertMatrix.UP)), place);
                compare(inner, total, profile.moments(new MatrixPlace(layer, expert, ExpertMatrix.DOWN)), place);
            }
        }
    }

    private static double[] hidden(double[] x, double[] gate, double[] up, int expert) {
        double[] hidden = new double[128];
        for (int i = 0; i < 128; i++) {
            double g = 0;
            double u = 0;
            for (int j = 0; j < 128; j++) {
                g += gate[(expert * 128 + i) * 128 + j] * x[j];
                u += up[(expert * 128 + i) * 128 + j] * x[j];
            }
            hidden[i] = g / (1 + Math.exp(-g)) * u;
        }
        return hidden;
    }

    private static void add(double[][] sums, double[] row, double by) {
        for (int i = 0; i < row.length; i++) {
            for (int j = 0; j < row.length; j++) {
                sums[i][j] += by * row[i] * row[j];
            }
        }
    }

    private static void compare(double[][] sums, double total, InputMoments found, String place) {
        double largest = 0;
        for (int i = 0; i < 128 && total > 0; i++) {
            largest = Math.max(largest, sums[i][i] / total);
        }
        for (int i = 0; i < 128; i++) {
            for (int j = 0; j < 128; j++) {
                double expected = total > 0 ? sums[i][j] / total : 0;
                assertEquals(expected, found.value(i, j), 1e-4 * largest, place);
            }
        }
    }

    @Test
    void anInterruptedRunGoesOnToTheSameFile() throws IOException {
        int[] ids = new int[8 * WINDOW + 1];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (i * 53 + 7) % 4096;
        }
        ProfileOptions options = options(0, 2 * WINDOW, 2 * WINDOW, SensitivityUnit.LAYER);
        byte[] whole = Files.readAllBytes(profile(ids, options, "whole", Progress.NONE));

        Path parts = folder.resolve("parts");
        for (String stage : List.of("calibrate", "quantise", "sensitivity", "try allocations")) {
            assertThrows(
                    Stopped.class,
                    () -> profile(ids, options, "parts", (what, done, total) -> {
                        if (what.equals(stage)) {
                            throw new Stopped();
                        }
                    }));
            assertFalse(Files.exists(parts), stage);
        }
        profile(ids, options, "parts", Progress.NONE);

        assertArrayEquals(whole, Files.readAllBytes(parts));
        assertFalse(Files.exists(folder.resolve("parts.partial")));
        try (Profile profile = Profile.read(parts)) {
            assertTrue(profile.hasSensitivity());
            assertEquals(20, profile.trials().size());
            assertEquals(2.25, profile.trials().getFirst().bitsPerWeight(), 1e-9);
        }
    }

    /** Experts from the model's files, of which two layers' share of a token is in memory at a time. */
    private static final class ReadOnDemand implements ExpertMemory {
        private long required;
        private long later;
        private int uses;
        private int present;

        @Override
        public void require(LoadedLanguageModel model, long bytes) {
            required = bytes;
        }

        @Override
        public Use begin(LoadedLanguageModel model, List<Path> besides) {
            uses++;
            StreamedExperts experts = new StreamedExperts(
                    model.graph(),
                    new FileExperts(model.graph(), model.tensors(), _ -> {}),
                    StreamingOptions.defaults());
            return new Use() {
                @Override
                public ExpertSource source() {
                    return experts;
                }

                @Override
                public long share(LanguageEngine engine, Need need, List<Later> coming) {
                    coming.forEach(each -> later += each.freed());
                    assertTrue(need.heap() > 0 && need.other() > 0);
                    experts.start(experts.leastBytes());
                    return need.twice() ? 1 : 0;
                }

                @Override
                public void tidy() {
                    present = Math.max(present, experts.present());
                }

                @Override
                public void close() {
                    experts.close();
                }
            };
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SensitivityUnit.class,
            names = {"MATRIX", "SAMPLED"})
    void aProfileWithExpertsReadOnDemandHasTheSameBytes(SensitivityUnit unit) throws IOException {
        int[] ids = new int[4 * WINDOW + 1];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (i * 29 + 3) % 4096;
        }
        ProfileOptions options = options(0, WINDOW, WINDOW, unit);
        byte[] whole = Files.readAllBytes(profile(ids, options, "whole", Progress.NONE));
        ReadOnDemand memory = new ReadOnDemand();
        Path out = folder.resolve("streamed");
        try (LoadedLanguageModel model = LanguageModels.load(SharedData.repository("examples/moe-lm"))) {
            Profiler.profile(model, "ab12", ids, options, memory, out, Progress.NONE);
        }

        assertArrayEquals(whole, Files.readAllBytes(out));
        assertEquals(2, memory.uses);
        assertTrue(memory.present > 0 && memory.present <= 8, memory.present + " experts of 96 in memory");
        assertEquals(memory.required, memory.later);
        assertTrue(memory.required > 96 * 2 * 128 * 128 * Float.BYTES, "second moments at least");
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(
                    List.of("streamed", "whole"),
                    left.map(path -> path.getFileName().toString()).sorted().toList());
        }
    }

    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
