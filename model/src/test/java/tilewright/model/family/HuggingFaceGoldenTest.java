package tilewright.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.Normalize;
import tilewright.model.graph.Tensor64;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.SafetensorsWriter;
import tilewright.model.tensor.SafetensorsWriter.Tensor;
import tilewright.model.tensor.TensorSource;

/** ViT and DeiT as written by save_pretrained, and the same weights under other layouts, against reference outputs. */
class HuggingFaceGoldenTest {
    private static final double TOLERANCE = 1e-4;

    @TempDir
    private Path temporary;

    @Test
    void vitGivesTheReferenceLogitsAndHiddenStates() {
        Path folder = Golden.folder("arch-zoo/vit");
        check(
                folder,
                folder,
                Map.of("logits", "logits", "embed", "hidden.0", "block0", "hidden.1", "block1", "hidden.2"));
    }

    @Test
    void deitWithTeacherGivesTheReferenceLogitsOfBothHeadsAndTheirAverage() {
        Path folder = Golden.folder("arch-zoo/deit");
        check(
                folder,
                folder,
                Map.of(
                        "logits",
                        "logits",
                        "cls_logits",
                        "cls_logits",
                        "distillation_logits",
                        "distillation_logits",
                        "embed",
                        "hidden.0",
                        "block0",
                        "hidden.1",
                        "block1",
                        "hidden.2"));
    }

    @Test
    void deitWithOneHeadReadsTheClsToken() throws IOException {
        Path folder = Golden.folder("arch-zoo/deit");
        Path written = rewritten(
                folder, name -> name.startsWith("distillation") ? null : name.replace("cls_classifier", "classifier"));
        check(written, folder, Map.of("logits", "cls_logits"));
    }

    @Test
    void tensorNamesOfTransformersFiveAreRead() throws IOException {
        Path folder = Golden.folder("arch-zoo/vit");
        Path written = rewritten(
                folder,
                name -> name.replace("encoder.layer.", "layers.")
                        .replace("attention.attention.query", "attention.q_proj")
                        .replace("attention.attention.key", "attention.k_proj")
                        .replace("attention.attention.value", "attention.v_proj")
                        .replace("attention.output.dense", "attention.o_proj")
                        .replace("intermediate.dense", "mlp.fc1")
                        .replace("output.dense", "mlp.fc2"));
        check(written, folder, Map.of("logits", "logits"));
    }

    @Test
    void aModelWithoutHeadAndPrefixGivesItsHiddenStates() throws IOException {
        Path folder = Golden.folder("arch-zoo/vit");
        Path written =
                rewritten(folder, name -> name.startsWith("classifier") ? null : name.replaceFirst("^vit\\.", ""));
        check(written, folder, Map.of("block1", "hidden.2"));
        try (LoadedModel model = Families.load(written)) {
            assertEquals(Set.of("last_hidden_state"), model.graph().outputs().keySet());
        }
    }

    @Test
    void aPoolerIsTanhOfALinearLayerOnTheFirstToken() throws IOException {
        Path folder = Golden.folder("arch-zoo/vit");
        // The classifier's rows as pooler: its output must be the tanh of the reference logits.
        Path written =
                rewritten(folder, name -> name.replaceFirst("^vit\\.", "").replace("classifier", "pooler.dense"));
        try (LoadedModel model = Families.load(written);
                TensorSource golden = Safetensors.open(folder.resolve("golden.safetensors"))) {
            Tensor64 found = run(model, golden, "pooler_output");
            Tensor64 logits = Golden.tensor(golden, "logits");
            for (int i = 0; i < logits.data().length; i++) {
                assertEquals(Math.tanh(logits.data()[i]), found.data()[i], TOLERANCE);
            }
        }
    }

    @Test
    void withoutQkvBiasItsTensorsAreNamedAsUnused() throws IOException {
        Path written = rewritten(Golden.folder("arch-zoo/vit"), name -> name, config -> config.put("qkv_bias", false));
        try (LoadedModel model = Families.load(written)) {
            assertEquals(2, model.graph().producers().get("block0.q").inputs().size());
            assertEquals(
                    "the checkpoint has 6 tensors that the model does not use:"
                            + " vit.encoder.layer.0.attention.attention.key.bias,"
                            + " vit.encoder.layer.0.attention.attention.query.bias,"
                            + " vit.encoder.layer.0.attention.attention.value.bias,"
                            + " vit.encoder.layer.1.attention.attention.key.bias,"
                            + " vit.encoder.layer.1.attention.attention.query.bias,"
                            + " vit.encoder.layer.1.attention.attention.value.bias",
                    model.warnings().getLast());
        }
    }

    @Test
    void pixelsAreNormalisedAsThePreprocessorSays() throws IOException {
        Path written = rewritten(Golden.folder("arch-zoo/deit"), name -> name);
        try (LoadedModel model = Families.load(written)) {
            assertTrue(
                    model.warnings().getFirst().startsWith("no preprocessor_config.json"), model.warnings()::toString);
            assertScale(model, 1 / (255 * 0.229), -0.485 / 0.229);
        }
        Files.writeString(written.resolve("preprocessor_config.json"), """
                {"do_rescale": true, "rescale_factor": 0.5, "do_normalize": true,
                 "image_mean": [0.25, 0.5, 0.5], "image_std": [2, 1, 1]}
                """);
        try (LoadedModel model = Families.load(written)) {
            assertEquals(List.of(), model.warnings());
            assertScale(model, 0.25, -0.125);
        }
        Files.writeString(
                written.resolve("preprocessor_config.json"), "{\"do_rescale\": false, \"do_normalize\": false}");
        try (LoadedModel model = Families.load(written)) {
            assertScale(model, 1, 0);
        }
    }

    private static void assertScale(LoadedModel model, double scale, double offset) {
        Normalize normalize =
                (Normalize) model.graph().producers().get("pixel_values").op();
        assertEquals(scale, normalize.scale()[0], 1e-7);
        assertEquals(offset, normalize.offset()[0], 1e-6);
    }

    private static void check(Path folder, Path reference, Map<String, String> values) {
        try (LoadedModel model = Families.load(folder);
                TensorSource golden = Safetensors.open(reference.resolve("golden.safetensors"))) {
            values.forEach((value, tensor) ->
                    Golden.assertClose(Golden.tensor(golden, tensor), run(model, golden, value), TOLERANCE, value));
        }
    }

    private static Tensor64 run(LoadedModel model, TensorSource golden, String value) {
        return Interpreter.run(
                        model.graph(), Map.of("pixel_values", Golden.tensor(golden, "pixel_values")), List.of(value))
                .get(value);
    }

    private Path rewritten(Path folder, UnaryOperator<String> rename) throws IOException {
        return rewritten(folder, rename, config -> {});
    }

    /** A copy of a model with other tensor names (null leaves a tensor out) and another configuration. */
    private Path rewritten(Path folder, UnaryOperator<String> rename, Consumer<ObjectNode> change) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (TensorSource source = Safetensors.open(folder)) {
            for (String name : source.names()) {
                String renamed = rename.apply(name);
                if (renamed != null) {
                    tensors.put(renamed, new Tensor(DType.F32, source.info(name).shape(), () -> source.floats(name)));
                }
            }
            SafetensorsWriter.write(temporary.resolve("model.safetensors"), tensors);
        }
        ObjectNode config = (ObjectNode)
                new ObjectMapper().readTree(folder.resolve("config.json").toFile());
        change.accept(config);
        Files.writeString(temporary.resolve("config.json"), config.toString());
        return temporary;
    }
}
