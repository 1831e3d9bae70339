package tilewright.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import tilewright.model.graph.Graph;
import tilewright.model.tensor.TensorSource;

/**
 * A model on disk, understood: its graph, whose parameters are read on demand until the model is closed.
 *
 * @param folder where it lies
 * @param family the {@code model_type}
 * @param graph what it computes
 * @param image what it takes
 * @param config its {@code config.json}
 * @param tensors its checkpoint, mapped
 * @param warnings what a user should know: assumptions made, tensors not used
 */
public record LoadedModel(
        Path folder,
        String family,
        Graph graph,
        ImageGeometry image,
        JsonNode config,
        TensorSource tensors,
        List<String> warnings)
        implements AutoCloseable {
    /** Copies the list. */
    public LoadedModel {
        warnings = List.copyOf(warnings);
    }

    /** Colour channels of an image. */
    public int channels() {
        return image.channels();
    }

    /** Rows of an image, in pixels. */
    public int height() {
        return image.height();
    }

    /** Columns of an image, in pixels. */
    public int width() {
        return image.width();
    }

    /** Unmaps the checkpoint; parameters cannot be loaded afterwards. */
    @Override
    public void close() {
        tensors.close();
    }
}
