package tilewright.model.family;

import java.util.List;
import tilewright.model.graph.Graph;

/**
 * What a family makes of a model's files.
 *
 * @param graph the model
 * @param image what it takes
 * @param warnings what was assumed because the files do not say it
 */
public record BuiltModel(Graph graph, ImageGeometry image, List<String> warnings) {
    /** Copies the list. */
    public BuiltModel {
        warnings = List.copyOf(warnings);
    }
}
