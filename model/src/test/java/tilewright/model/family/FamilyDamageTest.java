package tilewright.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.SafetensorsWriter;
import tilewright.model.tensor.SafetensorsWriter.Tensor;
import tilewright.model.tensor.TensorSource;

/** Damaged configurations and checkpoints, each with its exact message. */
class FamilyDamageTest {
    @TempDir
    private Path temporary;

    private Path folder;

    private void write(String shape) {
        folder = temporary.resolve(shape);
        RandomModels.write(folder, RandomModels.shape(shape));
    }

    private String refused() {
        InvalidInputException error = assertThrows(
                InvalidInputException.class, () -> Families.load(folder).close());
        return error.getMessage().replace(folder + "/", "");
    }

    private static Arguments damage(Consumer<ObjectNode> change, String message) {
        return Arguments.of(change, message);
    }

    static Stream<Arguments> damagedConfigurations() {
        return Stream.of(
                damage(
                        c -> c.put("model_type", "vit_moe_multitas"),
                        "config.json: key 'model_type' is 'vit_moe_multitas', expected one of vit_moe_multitask, vit, deit,"
                                + " m3vit; did you mean 'vit_moe_multitask'?"),
                damage(c -> c.remove("model_type"), "config.json: key 'model_type' is missing, expected a string"),
                damage(c -> c.put("model_type", 7), "config.json: key 'model_type' is 7, expected a string"),
                damage(
                        c -> {
                            c.remove("num_heads");
                            c.put("num_head", 2);
                        },
                        "config.json: key 'num_heads' is missing, expected a whole number from 1 to 65536; did you mean"
                                + " 'num_head'?"),
                damage(
                        c -> c.put("num_heads", 0),
                        "config.json: key 'num_heads' is 0, expected a whole number from 1 to 65536"),
                damage(
                        c -> c.put("num_heads", 5),
                        "config.json: key 'hidden_size' is 12, expected a multiple of num_heads, 5"),
                damage(
                        c -> c.put("hidden_size", "12"),
                        "config.json: key 'hidden_size' is \"12\", expected a whole number from 1 to 65536"),
                damage(
                        c -> c.put("hidden_size", 12.5),
                        "config.json: key 'hidden_size' is 12.5, expected a whole number from 1 to 65536"),
                damage(
                        c -> c.put("hidden_size", 1e300),
                        "config.json: key 'hidden_size' is 1.0E300, expected a whole number from 1 to 65536"),
                damage(c -> c.put("top_k", 5), "config.json: key 'top_k' is 5, expected at most num_experts, 4"),
                damage(
                        c -> c.put("patch_size", 5),
                        "config.json: key 'image_size' is 8 x 12, expected multiples of patch_size, 5"),
                damage(
                        c -> c.putArray("patch_size").add(4).add(2),
                        "config.json: key 'patch_size' is 4 x 2, expected a square"),
                damage(
                        c -> c.putArray("image_size").add(8),
                        "config.json: key 'image_size' is [8], expected a whole number or [rows, columns]"),
                damage(
                        c -> c.putArray("moe_layers").add(1).add(1),
                        "config.json: key 'moe_layers' has 1 after 1, expected ascending numbers"),
                damage(
                        c -> c.putArray("moe_layers").add(2),
                        "config.json: key 'moe_layers' is 2, expected a whole number from 0 to 1"),
                damage(c -> c.putArray("tasks"), "config.json: key 'tasks' is empty, expected at least one task"),
                damage(
                        c -> ((ObjectNode) c.get("tasks").get(1)).put("head", "patches"),
                        "config.json: key 'tasks[1].head' is 'patches', expected one of cls, patch; did you mean 'patch'?"),
                damage(
                        c -> ((ObjectNode) c.get("tasks").get(1)).put("name", "digit"),
                        "config.json: key 'tasks[1].name' has 'digit' twice"),
                damage(
                        c -> ((ObjectNode) c.get("tasks").get(0)).put("name", "a b"),
                        "config.json: key 'tasks[0].name' is 'a b', expected at most 64 letters, digits, '_', '-' and"
                                + " '.'"),
                damage(
                        c -> ((ObjectNode) c.get("tasks").get(0)).put("name", "norm"),
                        "config.json: gives no valid graph: graph 'vit_moe_multitask': 'norm' is defined twice"),
                damage(
                        c -> c.put("router", "top_p"),
                        "config.json: key 'router' is 'top_p', expected one of softmax_then_topk, topk_then_softmax,"
                                + " sigmoid_then_topk"),
                damage(
                        c -> c.put("norm_topk_prob", "no"),
                        "config.json: key 'norm_topk_prob' is \"no\", expected true or false"),
                damage(
                        c -> c.put("hidden_act", "gelu_er"),
                        "config.json: key 'hidden_act' is 'gelu_er', expected one of gelu, gelu_erf, gelu_new,"
                                + " gelu_pytorch_tanh, quick_gelu, relu, silu, swish, tanh; did you mean 'gelu_erf'?"),
                damage(
                        c -> c.put("layer_norm_eps", 0),
                        "config.json: key 'layer_norm_eps' is 0, expected a number from 1.0E-15 to 1.0"),
                damage(
                        c -> c.put("pixel_std", 0),
                        "config.json: key 'pixel_std' is 0, expected a number from 1.0E-6 to 1000000.0"),
                damage(
                        c -> c.putArray("pixel_mean").add(1).add(2),
                        "config.json: key 'pixel_mean' has 2 numbers, expected one for each of num_channels, 1"),
                damage(
                        c -> c.put("num_layers", 3),
                        "model.safetensors: tensor 'blocks.2.mlp.fc1.weight' is missing; did you mean"
                                + " 'blocks.0.mlp.fc1.weight'? (the checkpoint has 48 tensors)"),
                damage(
                        c -> c.put("expert_hidden", 9),
                        "model.safetensors: tensor 'blocks.1.mlp.experts.0.fc1.weight' has shape [8, 12], expected [9,"
                                + " 12]; do config.json and checkpoint belong together?"));
    }

    @ParameterizedTest
    @MethodSource("damagedConfigurations")
    void aDamagedConfigurationIsRefused(Consumer<ObjectNode> change, String message) throws IOException {
        write("tiny");
        edit(change);
        assertEquals(message, refused());
    }

    private void edit(Consumer<ObjectNode> change) throws IOException {
        Path file = folder.resolve("config.json");
        ObjectNode config = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        change.accept(config);
        Files.writeString(file, config.toString());
    }

    static Stream<Arguments> damagedM3VitConfigurations() {
        return Stream.of(
                damage(
                        c -> c.putArray("tasks").add("a"),
                        "config.json: key 'tasks' names 1 tasks, expected 2, one for each gate in"
                                + " backbone.blocks.1.mlp.gate"),
                damage(
                        c -> c.putArray("tasks").add("a").add("b").add("c"),
                        "model.safetensors: tensor 'backbone.blocks.1.mlp.gate.2.w_gate' is missing; did you mean"
                                + " 'backbone.blocks.1.mlp.gate.0.w_gate'? (the checkpoint has 30 tensors)"),
                damage(c -> c.put("num_layers", 4), "config.json: key 'num_layers' is 4, but the tensors have 2"),
                damage(c -> c.put("num_experts", 8), "config.json: key 'num_experts' is 8, but the tensors have 4"),
                damage(
                        c -> c.put("top_k", 6),
                        "config.json: key 'top_k' is 6, expected at most the number of experts, 4"),
                damage(
                        c -> c.put("num_heads", 8),
                        "config.json: key 'num_heads' is 8, expected a divisor of the width, 12"),
                damage(
                        c -> c.putArray("image_size").add(8).add(8),
                        "model.safetensors: tensor 'backbone.pos_embed' has shape [1, 7, 12], expected [1, 5, 12]; do"
                                + " config.json and checkpoint belong together?"));
    }

    @ParameterizedTest
    @MethodSource("damagedM3VitConfigurations")
    void aDamagedM3VitConfigurationIsRefused(Consumer<ObjectNode> change, String message) throws IOException {
        write("tiny-m3vit");
        edit(change);
        assertEquals(message, refused());
    }

    @Test
    void textThatIsNoJsonObjectIsRefused() throws IOException {
        write("tiny");
        Path config = folder.resolve("config.json");
        Files.writeString(config, "[1]");
        assertEquals("config.json: is not a JSON object", refused());
        Files.writeString(config, "");
        assertEquals("config.json: is not a JSON object", refused());
        Files.writeString(config, "{\"a\": 1,\n \"a\": 2}");
        assertEquals("config.json: is not valid JSON at line 2, column 5: Duplicate field 'a'", refused());
        Files.delete(config);
        assertEquals(
                "config.json: there is no such file; a model is a folder with config.json and model.safetensors",
                refused());
        folder = temporary.resolve("nothing");
        assertEquals(
                folder + ": there is no such folder; a model is a folder with config.json and model.safetensors",
                refused());
    }

    /** Writes the tiny model's checkpoint again with one change. */
    private void rewrite(Consumer<Map<String, Tensor>> change) throws IOException {
        write("tiny");
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (TensorSource source = Safetensors.open(folder)) {
            for (String name : source.names()) {
                float[] values = source.floats(name);
                tensors.put(name, new Tensor(DType.F32, source.info(name).shape(), () -> values));
            }
        }
        change.accept(tensors);
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors);
    }

    @Test
    void aTransposedMatrixIsNamedAsSuch() throws IOException {
        rewrite(tensors -> tensors.computeIfPresent(
                "blocks.0.mlp.fc1.weight",
                (name, tensor) ->
                        new Tensor(tensor.dtype(), tensor.shape().reversed(), tensor.parts(), tensor.values())));
        assertEquals(
                "model.safetensors: tensor 'blocks.0.mlp.fc1.weight' has shape [12, 20], expected [20, 12]; is the"
                        + " checkpoint transposed?",
                refused());
    }

    @Test
    void aMissingTensorIsNamedWithTheNearest() throws IOException {
        rewrite(tensors -> tensors.put("norm.weigth", tensors.remove("norm.weight")));
        assertEquals(
                "model.safetensors: tensor 'norm.weight' is missing; did you mean 'norm.weigth'? (the checkpoint has 48"
                        + " tensors)",
                refused());
    }

    @Test
    void integersAreNotTakenForWeights() throws IOException {
        rewrite(tensors -> tensors.put("norm.bias", new Tensor(DType.I8, List.of(12L), () -> new float[12])));
        assertEquals(
                "model.safetensors: tensor 'norm.bias' has type I8, expected F32, F16, BF16 or F64; is the checkpoint"
                        + " quantised?",
                refused());
    }

    @Test
    void aTensorThatIsNotFiniteIsRefusedWhenItIsLoaded() throws IOException {
        rewrite(tensors -> tensors.put("blocks.1.mlp.experts.3.fc1.bias", new Tensor(DType.F32, List.of(8L), () ->
                new float[] {0, 0, Float.NaN, 0, 0, 0, 0, 0})));
        try (LoadedModel model = Families.load(folder)) {
            var bias = model.graph()
                    .parameters()
                    .get("blocks.1.mlp.experts.fc1.bias")
                    .data();
            InvalidInputException error = assertThrows(InvalidInputException.class, bias::load);
            assertEquals(
                    "model.safetensors: tensor 'blocks.1.mlp.experts.3.fc1.bias' holds NaN at index [2] (1 of 8 values"
                            + " are not finite); the checkpoint is damaged or training diverged, use another one",
                    error.getMessage().replace(folder + "/", ""));
        }
    }

    @Test
    void tensorsThatTheModelDoesNotUseAreListed() throws IOException {
        rewrite(tensors -> {
            for (int i = 0; i < 12; i++) {
                tensors.put("extra." + (char) ('a' + i), new Tensor(DType.F32, List.of(1L), () -> new float[1]));
            }
        });
        List<String> warnings = new ArrayList<>();
        try (LoadedModel model = Families.load(folder)) {
            warnings.addAll(model.warnings());
        }
        assertEquals(
                List.of("the checkpoint has 12 tensors that the model does not use: extra.a, extra.b, extra.c, extra.d,"
                        + " extra.e, extra.f, extra.g, extra.h, extra.i, extra.j, ..."),
                warnings);
    }
}
