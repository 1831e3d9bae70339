package tilewright.edge.expert;

import java.util.function.Supplier;
import tilewright.edge.matrix.ExpertWeights;

/** Where an engine takes a model's experts from, when not from the model's own parameters. */
@FunctionalInterface
public interface ExpertSource {
    /**
     * The experts of one layer; asked once for each layer while an engine is made.
     *
     * @param layer the layer among those with experts (nodes of {@code GatedExperts} or {@code Experts}), from 0 in the order of
     *     the graph's nodes
     * @param stored gives the experts of the model's own parameters, packed on first use; fails where the graph holds shapes only
     * @throws tilewright.model.InvalidInputException when there is no such layer, or its shape is another one than the model's
     */
    ExpertWeights layer(int layer, Supplier<ExpertWeights> stored);
}
