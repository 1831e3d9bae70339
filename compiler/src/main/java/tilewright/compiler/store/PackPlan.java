package tilewright.compiler.store;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tilewright.compiler.Version;
import tilewright.edge.store.MatrixForm;
import tilewright.edge.store.RecordShape;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Parameter;
import tilewright.model.store.AbsentGroup;
import tilewright.model.store.SourceDigest;
import tilewright.model.store.StoreManifest;
import tilewright.model.tensor.TensorInfo;

/**
 * What a store will hold, found from a model without reading its experts' elements.
 *
 * @param layers the model's layers of experts
 * @param shapes of every record
 * @param manifest what the finished store says about itself
 * @param denseTensors names of the tensors that stay as they are
 */
record PackPlan(
        List<ExpertLayer> layers, List<List<RecordShape>> shapes, StoreManifest manifest, List<String> denseTensors) {
    /**
     * Plans a store.
     *
     * @param model loaded through {@code read}
     * @param folder the store's place
     * @throws InvalidInputException when the model has no experts, or their matrices cannot have the forms
     */
    static PackPlan of(LoadedLanguageModel model, ReadTensors read, PackOptions options, Path folder) {
        List<ExpertLayer> layers = ExpertLayer.of(model.graph());
        if (layers.isEmpty()) {
            throw new InvalidInputException(
                    model.path() + ": has no experts, and a store is for experts; run the model as it is");
        }
        Set<String> expertTensors = new TreeSet<>();
        Set<String> others = new TreeSet<>();
        List<List<RecordShape>> shapes = new ArrayList<>();
        List<StoreManifest.Layer> described = new ArrayList<>();
        Set<Parameter> expertParameters = new HashSet<>();
        for (ExpertLayer layer : layers) {
            read.take();
            LayerMatrices matrices = new LayerMatrices(layer);
            expertTensors.addAll(read.take());
            StoreManifest.Layer description = new StoreManifest.Layer(
                    layer.node().name(),
                    layer.experts(),
                    layer.up() != null,
                    layer.width(ExpertMatrix.GATE),
                    layer.rows(ExpertMatrix.GATE),
                    layer.rows(ExpertMatrix.DOWN));
            described.add(description);
            layer.matrices().forEach(matrix -> expertParameters.add(layer.parameter(matrix)));
            shapes.add(shapes(model, layer, description, matrices, options.widths()));
        }
        for (Parameter parameter : model.graph().parameters().values()) {
            if (!expertParameters.contains(parameter)) {
                read.take();
                parameter.data().encoded();
                others.addAll(read.take());
            }
        }
        expertTensors.removeAll(others);
        List<TensorInfo> absent =
                expertTensors.stream().map(model.tensors()::info).toList();
        List<String> dense = model.tensors().names().stream()
                .filter(name -> !expertTensors.contains(name))
                .toList();
        StoreManifest.Source source = new StoreManifest.Source(
                model.path().toAbsolutePath().normalize().getFileName().toString(),
                SourceDigest.of(model.config().toString(), model.tensors()),
                SourceDigest.COVERS);
        Map<String, String> packed = new LinkedHashMap<>();
        packed.put("bits", options.widths().label());
        if (options.widths().allocation() != null) {
            packed.put("quantiser", options.quantiser().name());
            if (options.fit() != null) {
                packed.put("fitted", "down");
            }
            if (!options.knowledge().isEmpty()) {
                packed.put("profile", options.knowledge());
            }
        }
        boolean gguf = Files.isRegularFile(model.path());
        String digest = digest(source, packed, shapes);
        packed.putAll(options.widths().expected());
        StoreManifest manifest = new StoreManifest(
                folder,
                digest,
                source,
                gguf ? StoreManifest.DENSE_GGUF : StoreManifest.DENSE_SAFETENSORS,
                packed,
                described,
                AbsentGroup.of(absent),
                options.sensitivities().apply(place -> bits(shapes, place)));
        return new PackPlan(layers, shapes, manifest, dense);
    }

    private static int bits(List<List<RecordShape>> shapes, MatrixPlace place) {
        MatrixForm form = shapes.get(place.layer()).get(place.expert()).form(place.matrix());
        return form == null || form.stored() != null ? 0 : form.bits();
    }

    private static List<RecordShape> shapes(
            LoadedLanguageModel model,
            ExpertLayer layer,
            StoreManifest.Layer description,
            LayerMatrices matrices,
            PackWidths widths) {
        List<RecordShape> shapes = new ArrayList<>();
        for (int expert = 0; expert < layer.experts(); expert++) {
            MatrixForm[] forms = new MatrixForm[ExpertMatrix.values().length];
            for (ExpertMatrix matrix : layer.matrices()) {
                MatrixPlace place = new MatrixPlace(layer.index(), expert, matrix);
                forms[matrix.ordinal()] = widths.form(model.path().toString(), place, matrices.of(expert, matrix));
            }
            try {
                shapes.add(new RecordShape(description, Arrays.asList(forms)));
            } catch (IllegalArgumentException e) {
                throw new InvalidInputException(
                        model.path() + ": layer " + layer.index() + ", expert " + expert + ": " + e.getMessage(), e);
            }
        }
        return shapes;
    }

    /** Of all that decides the store's bytes. */
    private static String digest(
            StoreManifest.Source source, Map<String, String> options, List<List<RecordShape>> shapes) {
        StringBuilder text = new StringBuilder();
        // Quantisers of another release may choose other codes.
        text.append(StoreManifest.VERSION).append(' ').append(Version.current()).append('\n');
        text.append(source.digest()).append('\n');
        options.forEach(
                (option, value) -> text.append(option).append('=').append(value).append('\n'));
        for (List<RecordShape> layer : shapes) {
            for (RecordShape shape : layer) {
                for (ExpertMatrix matrix : ExpertMatrix.values()) {
                    MatrixForm form = shape.form(matrix);
                    text.append(form == null ? "-" : form.label()).append(' ');
                }
            }
            text.append('\n');
        }
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Weights of all experts. */
    long weights() {
        return shapes.stream()
                .flatMap(List::stream)
                .mapToLong(RecordShape::weights)
                .sum();
    }
}
