package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tilewright.edge.Executor;
import tilewright.edge.Tensor;
import tilewright.edge.vector.VectorExecutor;
import tilewright.edge.vector.WeightCache;
import tilewright.model.data.ImageSet;
import tilewright.model.family.ImageGeometry;
import tilewright.model.family.LoadedModel;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Type;

/** The model itself in float32. */
final class FloatEngine implements Engine {
    private static final int TOKENS_PER_BATCH = 2048;
    private static final int MAX_BATCH = 64;

    private final LoadedModel model;
    private final Map<String, Type> types;
    private final WeightCache weights = new WeightCache();
    private final Map<String, Executor> executors = new HashMap<>();

    /** Takes over the model, which is closed with this engine. */
    FloatEngine(LoadedModel model) {
        this.model = model;
        this.types = model.graph().types();
    }

    @Override
    public String place() {
        return model.folder().toString();
    }

    @Override
    public ImageGeometry image() {
        return model.image();
    }

    @Override
    public SequencedMap<String, int[]> outputs() {
        SequencedMap<String, int[]> outputs = new LinkedHashMap<>();
        model.graph().outputs().forEach((name, value) -> outputs.put(name, Outputs.shape(types.get(value))));
        return outputs;
    }

    @Override
    public List<String> classNames() {
        List<String> names = new ArrayList<>();
        JsonNode labels = model.config().path("id2label");
        for (int i = 0; labels.path(Integer.toString(i)).isTextual(); i++) {
            names.add(labels.path(Integer.toString(i)).textValue());
        }
        return names;
    }

    @Override
    public int batch() {
        return Math.clamp(TOKENS_PER_BATCH / (model.image().patches() + 1), 1, MAX_BATCH);
    }

    @Override
    public Map<String, float[]> run(List<String> wanted, ImageSet images, int from, int count) {
        Map<String, Tensor> feeds =
                Map.of(images.normalised() ? "pixel_values" : "pixels", pixels(images, from, count));
        Map<String, float[]> results = new LinkedHashMap<>();
        if (model.graph().tasks().isEmpty()) {
            Map<String, String> values = model.graph().outputs();
            Map<String, Tensor> made =
                    executor("").run(feeds, wanted.stream().map(values::get).toList());
            wanted.forEach(name -> results.put(name, made.get(values.get(name)).data()));
        } else {
            for (String task : wanted) {
                String value = model.graph().outputs().get(task);
                results.put(
                        task,
                        executor(task).run(feeds, List.of(value)).get(value).data());
            }
        }
        return results;
    }

    private Executor executor(String task) {
        return executors.computeIfAbsent(task, name -> {
            Graph graph = name.isEmpty() ? model.graph() : model.graph().forTask(name);
            return VectorExecutor.prepare(graph, weights, Runtime.getRuntime().availableProcessors());
        });
    }

    private static Tensor pixels(ImageSet images, int from, int count) {
        int size = images.channels() * images.height() * images.width();
        float[] values = new float[Math.multiplyExact(count, size)];
        for (int i = 0; i < count; i++) {
            System.arraycopy(images.floats(from + i), 0, values, i * size, size);
        }
        return new Tensor(new int[] {count, images.channels(), images.height(), images.width()}, values);
    }

    @Override
    public void close() {
        executors.values().forEach(Executor::close);
        model.close();
    }
}
