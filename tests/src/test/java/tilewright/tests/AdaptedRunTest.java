package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.compiler.Progress;
import tilewright.compiler.cli.language.AdaptedPerplexity;
import tilewright.compiler.codes.Rounding;
import tilewright.compiler.profile.Profile;
import tilewright.compiler.profile.ProfileOptions;
import tilewright.compiler.profile.Profiler;
import tilewright.compiler.profile.SensitivityUnit;
import tilewright.compiler.store.PackOptions;
import tilewright.compiler.store.PackWidths;
import tilewright.compiler.store.StorePacking;
import tilewright.edge.store.ExpertStore;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.store.LayerSensitivity;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorSource;
import tilewright.tests.AdaptationTable.Measured;
import tilewright.tests.AdaptationTable.Part;
import tilewright.tests.Tilewright.Result;

/** The trained model with memory for few of its experts, and precision that gives way within a tolerance. */
class AdaptedRunTest {
    private static final Path MODEL = Tilewright.checkout().resolve("examples/moe-lm");
    /** Ids of real text: half of them for calibration, the other half to measure. */
    private static final int CALIBRATION = 2048;

    private static final int MEASURED = 1024;

    @TempDir
    static Path folder;

    private static Path store;
    private static int[] ids;
    private static Path text;

    @BeforeAll
    static void pack() throws IOException {
        Path trace = Tilewright.shared().resolve("moe-lm").resolve("router_trace.safetensors");
        Assumptions.assumeTrue(Files.exists(trace), "the reference trace with real text is not here: " + trace);
        int[] all;
        try (TensorSource source = Safetensors.open(trace)) {
            float[] read = source.floats("input_ids");
            all = new int[read.length];
            for (int i = 0; i < all.length; i++) {
                all[i] = (int) read[i];
            }
        }
        Path file = folder.resolve("profile");
        ProfileOptions options = new ProfileOptions(
                128, 0, CALIBRATION, 0, 1 << 30, 1 << 22, 0, SensitivityUnit.EXPERT, 0, new Rounding(), 2, 1000);
        try (LoadedLanguageModel model = LanguageModels.load(MODEL)) {
            Profiler.profile(model, "ab", Arrays.copyOf(all, CALIBRATION + 1), options, file, Progress.NONE);
        }
        store = folder.resolve("store");
        try (Profile profile = Profile.read(file)) {
            PackOptions packing = new PackOptions(
                    PackWidths.uniform(6), new Rounding(), _ -> null, null, "p", profile::sensitivities, 2, false);
            StorePacking.pack(MODEL, store, packing, Progress.NONE, () -> false);
        }
        ids = Arrays.copyOfRange(all, CALIBRATION, CALIBRATION + MEASURED + 1);
        text = folder.resolve("ids.txt");
        Files.writeString(text, Arrays.toString(ids).replaceAll("[\\[\\],]", ""));
    }

    @Test
    void theStoreSaysWhatItsLayersBear() {
        try (ExpertStore read = ExpertStore.open(store)) {
            List<LayerSensitivity> layers = read.manifest().sensitivities();
            assertEquals(6, layers.size());
            for (LayerSensitivity layer : layers) {
                assertTrue(layer.sensitivity() > 0);
                // Two experts of a token.
                assertEquals(2, layer.frequencies().stream().mapToDouble(x -> x).sum(), 1e-3);
                assertTrue(layer.lowerLosses().stream().mapToDouble(x -> x).sum() > 0);
            }
        }
    }

    @Test
    void withoutAdaptationTheResultDoesNotDependOnTheMemoryAndNothingGivesWay() {
        Measured few = AdaptationTable.measure(store, ids, 0.25, 0, Part.EXACT, null);
        Measured half = AdaptationTable.measure(store, ids, 0.5, 0, Part.EXACT, null);
        assertArrayEquals(few.losses(), half.losses());
        assertEquals(0, few.part().cost().lowerUses() + few.part().cost().leftOutUses());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.02, 0.06})
    void theLossGrowsByNoMoreThanTheTolerance(double tolerance) {
        Measured exact = AdaptationTable.measure(store, ids, 0.25, 0, Part.EXACT, null);
        double bytes = exact.part().readBytesPerToken();
        for (Part part : List.of(Part.LOWER_WIDTH, Part.LEFT_OUT, Part.BOTH)) {
            Measured found = AdaptationTable.measure(store, ids, 0.25, tolerance, part, exact.losses());
            AdaptedPerplexity.Part adapted = found.part();
            assertTrue(found.most() <= tolerance, part + ": " + found);
            assertTrue(adapted.increase().nll() <= tolerance, part + ": " + adapted);
            assertEquals(part != Part.LEFT_OUT, adapted.cost().lowerUses() > 0, part + ": " + adapted);
            assertEquals(part != Part.LOWER_WIDTH, adapted.cost().leftOutUses() > 0, part + ": " + adapted);
            assertEquals(2L * 6 * MEASURED, adapted.cost().uses());
            assertTrue(adapted.readBytesPerToken() < bytes, part + ": " + adapted);
        }
    }

    @Test
    void perplexityPrintsEachPartsEffect() throws IOException {
        Result result = Tilewright.run(
                "perplexity", store, "--ids", text, "--memory", "64GiB", "--adapt=0.02", "--step", 64, "--json");
        assertEquals(0, result.status(), result.err());
        assertTrue(
                result.err().contains("all experts fit into the budget, so --adapt has nothing to do"), result.err());
        JsonNode adapted = new ObjectMapper().readTree(result.out()).path("adapted");
        for (String part : List.of("left_out", "lower_width", "both")) {
            assertEquals(0, adapted.path(part).path("increase").asDouble(1), part);
            assertEquals(0, adapted.path(part).path("lower_uses").asInt(1), part);
        }
        assertTrue(adapted.path("most_loss").asDouble() > 0);
        Result people = Tilewright.run("perplexity", store, "--ids", text, "--memory", "64GiB", "--adapt");
        assertEquals(0, people.status(), people.err());
        assertEquals(
                3,
                people.out()
                        .lines()
                        .filter(line -> line.startsWith("with --adapt, "))
                        .count(),
                people.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--adapt=0", "--adapt=-1", "--adapt=11", "--adapt=NaN"})
    void aToleranceThatIsNoneIsRefused(String option) {
        Result result = Tilewright.run("perplexity", store, "--ids", text, "--memory", "64GiB", option);
        assertEquals(2, result.status());
        assertTrue(result.err().contains(", expected nats per token above 0, at most 10"), result.err());
    }
}
