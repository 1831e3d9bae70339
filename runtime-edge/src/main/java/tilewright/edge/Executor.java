package tilewright.edge;

import java.util.Collection;
import java.util.Map;

/** Runs one prepared graph, batch after batch; every backend implements it. */
public interface Executor extends AutoCloseable {
    /**
     * Computes values of the graph.
     *
     * <p>A feed may name any value, also an intermediate one or a parameter: evaluation starts there. Only what the fetched
     * values need is evaluated, and a value is dropped after its last use. Feeds are only read; what is fetched belongs to the
     * caller.
     *
     * @param feeds values by name; dimensions of one symbol must agree among the feeds
     * @param fetch names of values (not of outputs)
     * @return the fetched values, in that order
     * @throws tilewright.model.graph.InvalidGraphException when a fetched value does not exist, an input is missing, or a feed
     *     has the wrong shape
     */
    Map<String, Tensor> run(Map<String, Tensor> feeds, Collection<String> fetch);

    /** Ends the executor's threads; a later run is an error. */
    @Override
    void close();
}
