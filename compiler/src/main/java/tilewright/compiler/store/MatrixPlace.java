package tilewright.compiler.store;

import tilewright.model.graph.ExpertMatrix;

/**
 * Which matrix of a model's experts.
 *
 * @param layer the layer of experts, counted from 0 as {@link tilewright.model.graph.ExpertLayer} does
 * @param expert from 0
 * @param matrix one of the expert's matrices
 */
public record MatrixPlace(int layer, int expert, ExpertMatrix matrix) {
    /** For messages, such as {@code layer 3, expert 17, down}. */
    @Override
    public String toString() {
        return "layer " + layer + ", expert " + expert + ", " + matrix.label();
    }
}
