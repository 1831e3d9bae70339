package tilewright.model.family;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.AtomicFolder;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.NearestName;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.SafetensorsWriter;
import tilewright.model.tensor.SafetensorsWriter.Tensor;

/**
 * Writes MoE vision transformers with random weights: the same shape and seed give the same bytes on every machine.
 *
 * <p>Weights are scaled by the square root of their fan-in, so that activations stay near 1.
 */
public final class RandomModels {
    private RandomModels() {}

    /**
     * The shape of a model; odd blocks are mixtures of experts.
     *
     * @param modelType {@code vit_moe_multitask} or {@code m3vit}
     * @param image what it takes
     * @param hidden width of a token
     * @param heads attention heads; divides {@code hidden}
     * @param layers number of blocks
     * @param mlpHidden inner width of the dense blocks
     * @param experts experts of a mixture block
     * @param expertHidden inner width of an expert
     * @param topK experts per token
     * @param tasks names, each with a gate in every mixture block
     * @param outputs outputs of each task's head (the first on the CLS token, the others on the patches); not for
     *     {@code m3vit}, which has none
     * @param seed of the random numbers
     */
    public record Spec(
            String modelType,
            ImageGeometry image,
            int hidden,
            int heads,
            int layers,
            int mlpHidden,
            int experts,
            int expertHidden,
            int topK,
            List<String> tasks,
            List<Integer> outputs,
            long seed) {
        /** Copies the lists. */
        public Spec {
            tasks = List.copyOf(tasks);
            outputs = List.copyOf(outputs);
        }

        /** This shape with other random numbers. */
        public Spec withSeed(long other) {
            return new Spec(
                    modelType,
                    image,
                    hidden,
                    heads,
                    layers,
                    mlpHidden,
                    experts,
                    expertHidden,
                    topK,
                    tasks,
                    outputs,
                    other);
        }
    }

    /** The shapes that have a name. */
    public static Map<String, Spec> shapes() {
        Map<String, Spec> shapes = new TreeMap<>();
        // arXiv 2305.18691: M3ViT on Cityscapes as Edge-MoE runs it.
        shapes.put(
                "edge-moe",
                new Spec(
                        "m3vit",
                        new ImageGeometry(3, 128, 256, 16),
                        192,
                        3,
                        12,
                        768,
                        16,
                        384,
                        2,
                        List.of("semseg", "depth"),
                        List.of(),
                        1));
        shapes.put(
                "moe-vit-100m",
                new Spec(
                        "vit_moe_multitask",
                        new ImageGeometry(3, 224, 224, 16),
                        512,
                        8,
                        12,
                        2048,
                        16,
                        768,
                        2,
                        List.of("classify", "segment"),
                        List.of(1000, 150),
                        1));
        ImageGeometry small = new ImageGeometry(1, 8, 12, 4);
        shapes.put(
                "tiny",
                new Spec(
                        "vit_moe_multitask", small, 12, 2, 2, 20, 4, 8, 2, List.of("digit", "edge"), List.of(3, 4), 1));
        shapes.put("tiny-m3vit", new Spec("m3vit", small, 12, 2, 2, 20, 4, 8, 2, List.of("a", "b"), List.of(), 1));
        return shapes;
    }

    /** The named shape; an unknown name's error lists those that exist. */
    public static Spec shape(String name) {
        Spec spec = shapes().get(name);
        if (spec == null) {
            throw new InvalidInputException("there is no model shape " + InvalidInputException.quoted(name)
                    + "; shapes are " + String.join(", ", shapes().keySet())
                    + NearestName.hint(name, shapes().keySet()));
        }
        return spec;
    }

    /**
     * Writes {@code config.json} and {@code model.safetensors}.
     *
     * @param folder made if it does not exist; must be empty
     */
    public static void write(Path folder, Spec spec) {
        try {
            AtomicFolder.create(folder, partial -> {
                SafetensorsWriter.write(partial.resolve(Safetensors.SINGLE_FILE), tensors(spec));
                String json =
                        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(config(spec));
                Files.writeString(partial.resolve("config.json"), json.replace("\r", "") + "\n");
            });
        } catch (IOException e) {
            throw new InvalidInputException(
                    folder + ": cannot be written (" + InvalidInputException.reason(e) + ")", e);
        }
    }

    private static ObjectNode config(Spec spec) {
        ObjectNode config = new ObjectMapper().createObjectNode();
        config.put("model_type", spec.modelType());
        config.putArray("image_size")
                .add(spec.image().height())
                .add(spec.image().width());
        config.put("patch_size", spec.image().patch());
        config.put("num_channels", spec.image().channels());
        config.put("hidden_size", spec.hidden());
        config.put("num_layers", spec.layers());
        config.put("num_heads", spec.heads());
        config.put("mlp_hidden", spec.mlpHidden());
        config.put("expert_hidden", spec.expertHidden());
        config.put("num_experts", spec.experts());
        config.put("top_k", spec.topK());
        config.put("hidden_act", "gelu_erf");
        config.put("layer_norm_eps", 1e-6);
        if (isM3Vit(spec)) {
            spec.tasks().forEach(config.putArray("tasks")::add);
        } else {
            var layers = config.putArray("moe_layers");
            for (int i = 1; i < spec.layers(); i += 2) {
                layers.add(i);
            }
            config.put("router", "softmax_then_topk");
            config.put("norm_topk_prob", false);
            var tasks = config.putArray("tasks");
            for (int t = 0; t < spec.tasks().size(); t++) {
                tasks.addObject()
                        .put("name", spec.tasks().get(t))
                        .put("head", t == 0 ? "cls" : "patch")
                        .put("out", spec.outputs().get(t));
            }
        }
        config.put("pixel_mean", 0.5);
        config.put("pixel_std", 0.25);
        config.put("seed", spec.seed());
        return config;
    }

    private static boolean isM3Vit(Spec spec) {
        return spec.modelType().equals("m3vit");
    }

    private static Map<String, Tensor> tensors(Spec spec) {
        Tensors tensors = new Tensors(spec.seed());
        boolean m3vit = isM3Vit(spec);
        String root = m3vit ? "backbone." : "";
        int hidden = spec.hidden();
        int patch = spec.image().patch();
        int taps = spec.image().channels() * patch * patch;
        String embed = root + (m3vit ? "patch_embed.proj" : "patch_embed");
        tensors.add(embed + ".weight", 0, scale(taps), hidden, spec.image().channels(), patch, patch);
        tensors.add(embed + ".bias", 0, 0.1, hidden);
        tensors.add(root + "cls_token", 0, 1, 1, 1, hidden);
        tensors.add(root + "pos_embed", 0, 0.5, 1, spec.image().patches() + 1, hidden);
        for (int i = 0; i < spec.layers(); i++) {
            String block = root + "blocks." + i + ".";
            tensors.norm(block + "norm1", hidden);
            tensors.linear(block + "attn.qkv", 3 * hidden, hidden);
            tensors.linear(block + "attn.proj", hidden, hidden);
            tensors.norm(block + "norm2", hidden);
            if (i % 2 == 0) {
                tensors.linear(block + "mlp.fc1", spec.mlpHidden(), hidden);
                tensors.linear(block + "mlp.fc2", hidden, spec.mlpHidden());
            } else if (m3vit) {
                m3vitExperts(tensors, block + "mlp.", spec);
            } else {
                multitaskExperts(tensors, block + "mlp.", spec);
            }
        }
        if (!m3vit) {
            tensors.norm("norm", hidden);
            for (int t = 0; t < spec.tasks().size(); t++) {
                tensors.linear("heads." + t, spec.outputs().get(t), hidden);
            }
        }
        return tensors.byName;
    }

    private static void m3vitExperts(Tensors tensors, String prefix, Spec spec) {
        int experts = spec.experts();
        int inner = spec.expertHidden();
        tensors.add(prefix + "experts.htoh4.weight", 0, scale(spec.hidden()), experts, inner, spec.hidden());
        tensors.add(prefix + "experts.htoh4.bias", 0, 0.1, experts, inner);
        tensors.add(prefix + "experts.h4toh.weight", 0, scale(inner), experts, spec.hidden(), inner);
        tensors.add(prefix + "experts.h4toh.bias", 0, 0.1, experts, spec.hidden());
        for (int t = 0; t < spec.tasks().size(); t++) {
            tensors.add(prefix + "gate." + t + ".w_gate", 0, scale(spec.hidden()), spec.hidden(), experts);
        }
    }

    private static void multitaskExperts(Tensors tensors, String prefix, Spec spec) {
        for (int e = 0; e < spec.experts(); e++) {
            tensors.linear(prefix + "experts." + e + ".fc1", spec.expertHidden(), spec.hidden());
            tensors.linear(prefix + "experts." + e + ".fc2", spec.hidden(), spec.expertHidden());
        }
        for (int t = 0; t < spec.tasks().size(); t++) {
            tensors.add(prefix + "gates." + t + ".weight", 0, scale(spec.hidden()), spec.experts(), spec.hidden());
        }
    }

    private static double scale(int fanIn) {
        return 1 / Math.sqrt(fanIn);
    }

    /** Collects tensors; each has a random stream of its own, from the seed and its name. */
    private static final class Tensors {
        private final long seed;
        private final Map<String, Tensor> byName = new LinkedHashMap<>();

        Tensors(long seed) {
            this.seed = seed;
        }

        void linear(String prefix, int out, int in) {
            add(prefix + ".weight", 0, scale(in), out, in);
            add(prefix + ".bias", 0, 0.1, out);
        }

        void norm(String prefix, int width) {
            add(prefix + ".weight", 1, 0.1, width);
            add(prefix + ".bias", 0, 0.1, width);
        }

        void add(String name, double mean, double deviation, long... shape) {
            int elements = Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact));
            byName.put(
                    name,
                    new Tensor(
                            DType.F32,
                            LongStream.of(shape).boxed().toList(),
                            () -> normal(
                                    new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ name.hashCode()),
                                    elements,
                                    mean,
                                    deviation)));
        }

        /** Sums of twelve uniform numbers: normal enough, and exact arithmetic, so equal everywhere. */
        private static float[] normal(SplittableRandom random, int elements, double mean, double deviation) {
            float[] values = new float[elements];
            for (int i = 0; i < elements; i++) {
                long sum = 0;
                for (int draw = 0; draw < 3; draw++) {
                    long bits = random.nextLong();
                    sum += (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
                }
                // Twelve numbers of 0..65535: mean 6 * 65535, deviation very nearly 65536.
                values[i] = (float) (mean + deviation * (sum - 6 * 65535) / 65536.0);
            }
            return values;
        }
    }
}
