package tilewright.compiler.pass;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.graph.Graph;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.Verifier;

/** The passes in the order in which they run. */
public final class Passes {
    private Passes() {}

    /** The passes for a graph without tasks. */
    public static List<Pass> standard() {
        return List.of(new ConstantFolding(), new QkvFusion(), new DeadCode());
    }

    /** The passes for one task of a graph. */
    public static List<Pass> standard(String task) {
        List<Pass> passes = new ArrayList<>();
        passes.add(new TaskSpecialisation(task));
        passes.addAll(standard());
        return List.copyOf(passes);
    }

    /**
     * Runs passes in order and verifies the graph after each.
     *
     * @throws InvalidGraphException when a pass breaks the graph, naming the pass
     */
    public static Graph run(Graph graph, List<Pass> passes) {
        Graph current = graph;
        for (Pass pass : passes) {
            current = pass.apply(current);
            try {
                Verifier.check(current);
            } catch (InvalidGraphException e) {
                throw new InvalidGraphException("after pass " + pass.name() + ": " + e.getMessage());
            }
        }
        return current;
    }
}
