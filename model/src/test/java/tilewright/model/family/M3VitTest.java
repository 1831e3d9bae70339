package tilewright.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.Tensor64;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.SafetensorsWriter;
import tilewright.model.tensor.SafetensorsWriter.Tensor;
import tilewright.model.tensor.TensorSource;

/** M3ViT checkpoints: the trained multi-task model under M3ViT's names must give its reference activations. */
class M3VitTest {
    private static final int EXPERTS = 16;
    private static final int HIDDEN = 96;

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"", "module."})
    void theTrainedModelUnderM3VitsNamesGivesTheReferenceTokens(String prefix) throws IOException {
        Path folder = Golden.folder("vit-moe-mnist");
        try (TensorSource source = Safetensors.open(folder);
                TensorSource golden = Safetensors.open(folder.resolve("golden.safetensors"))) {
            SafetensorsWriter.write(temporary.resolve("model.safetensors"), renamed(source, prefix + "backbone."));
            Files.writeString(temporary.resolve("config.json"), """
                    {"model_type": "m3vit", "image_size": [28, 28], "patch_size": 4, "num_channels": 1, "num_heads": 3,
                     "top_k": 2, "tasks": ["digit", "edge"], "pixel_mean": 0.1307, "pixel_std": 0.3081}
                    """);
            try (LoadedModel model = Families.load(temporary)) {
                assertEquals(List.of(), model.warnings());
                assertEquals(
                        Map.of("digit", "block5", "edge", "block5"),
                        model.graph().outputs());
                for (int task = 0; task < 2; task++) {
                    Tensor64 found = Interpreter.run(
                                    model.graph().forTask(model.graph().tasks().get(task)),
                                    Map.of("pixel_values", Golden.tensor(golden, "pixel_values4")),
                                    List.of("block5"))
                            .get("block5");
                    Golden.assertClose(
                            Golden.tensor(golden, "task" + task + ".act4.block5"), found, 1e-4, "task " + task);
                }
            }
        }
    }

    private static Map<String, Tensor> renamed(TensorSource source, String backbone) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : source.names()) {
            if (name.startsWith("heads.") || name.startsWith("norm.") || name.contains(".experts.")) {
                continue;
            }
            List<Long> shape = source.info(name).shape();
            if (name.contains(".gates.")) {
                String gate = name.replace(".gates.", ".gate.").replace(".weight", ".w_gate");
                tensors.put(
                        backbone + gate,
                        new Tensor(DType.F32, shape.reversed(), () -> transposed(source.floats(name))));
            } else {
                String same = name.replace("patch_embed.", "patch_embed.proj.");
                tensors.put(backbone + same, new Tensor(DType.F32, shape, () -> source.floats(name)));
            }
        }
        for (int block = 1; block < 6; block += 2) {
            for (String[] pair : new String[][] {{"fc1", "htoh4"}, {"fc2", "h4toh"}}) {
                for (String part : List.of("weight", "bias")) {
                    String prefix = "blocks." + block + ".mlp.experts.";
                    List<Long> shape = new ArrayList<>(
                            source.info(prefix + "0." + pair[0] + "." + part).shape());
                    shape.addFirst((long) EXPERTS);
                    String suffix = "." + pair[0] + "." + part;
                    tensors.put(
                            backbone + prefix + pair[1] + "." + part,
                            new Tensor(DType.F32, shape, () -> stacked(source, prefix, suffix)));
                }
            }
        }
        return tensors;
    }

    private static float[] transposed(float[] gate) {
        float[] values = new float[gate.length];
        for (int i = 0; i < gate.length; i++) {
            values[i % HIDDEN * EXPERTS + i / HIDDEN] = gate[i];
        }
        return values;
    }

    private static float[] stacked(TensorSource source, String prefix, String suffix) {
        int size = source.floats(prefix + 0 + suffix).length;
        float[] values = new float[EXPERTS * size];
        for (int expert = 0; expert < EXPERTS; expert++) {
            System.arraycopy(source.floats(prefix + expert + suffix), 0, values, expert * size, size);
        }
        return values;
    }
}
