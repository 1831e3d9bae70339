package tilewright.compiler.store;

import tilewright.compiler.codes.ChangedInputs;
import tilewright.compiler.codes.InputMoments;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;

/**
 * Lets the last matrix of an expert make up for what quantising the first ones does to its inputs; for one expert and one thread.
 *
 * <p>Results do not depend on the machine.
 */
public interface ExpertFit {
    /** Makes fits; safe for use by several threads. */
    interface Source {
        /** The fit of an expert, or null where nothing is known of its inputs. */
        ExpertFit of(Graph graph, int layer, int expert);
    }

    /**
     * Says what became of a gate or up matrix; to be called for each that the expert has.
     *
     * @param exact the model's own matrix [hidden, width]
     */
    void quantised(ExpertMatrix matrix, float[] exact, GroupedCodes codes);

    /**
     * What to quantise instead of the down matrix.
     *
     * @param down the model's own [outputs, hidden]; overwritten
     * @param moments of its inputs by the model's own matrices
     */
    ChangedInputs.Target target(float[] down, InputMoments moments);
}
