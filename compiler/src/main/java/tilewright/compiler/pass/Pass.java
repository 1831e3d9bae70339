package tilewright.compiler.pass;

import tilewright.model.graph.Graph;

/** A function from graph to graph. */
public interface Pass {
    /** The pass's name in messages. */
    String name();

    /** What the pass promises, in one sentence. */
    String contract();

    /** The new graph; the old one is not changed. */
    Graph apply(Graph graph);
}
