package tilewright.edge.vector;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tilewright.model.graph.Parameter;

/**
 * Parameters, loaded and packed once and shared by executors: those of one model's tasks share all they have in common.
 *
 * <p>Two graphs share a parameter when it has the same name, type and {@link Parameter#data() source}; a parameter that a pass
 * computed anew is another one, whatever its name.
 */
public final class WeightCache {
    private final Map<Parameter, Weight> weights = new ConcurrentHashMap<>();

    /** An empty cache. */
    public WeightCache() {}

    /** The weight of this parameter. */
    Weight weight(Parameter parameter) {
        return weights.computeIfAbsent(parameter, Weight::new);
    }
}
