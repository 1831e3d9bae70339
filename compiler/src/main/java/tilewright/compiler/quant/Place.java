package tilewright.compiler.quant;

import java.util.List;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.TokenRange;
import tilewright.model.graph.Node;

/** Where a value of the graph lives in the accelerator. */
sealed interface Place {
    /** Rows of an activation buffer. */
    record Rows(Buffer buffer, TokenRange tokens) implements Place {}

    /** The residual stream; only its newest value is still there. */
    record Residual() implements Place {}

    /** A part of a fused query-key-value buffer. */
    record Part(Buffer buffer, int index, String value) implements Place {}

    /** Patches or tokens that have not been embedded yet. */
    record Pending(Node patchEmbed, List<String> prefix) implements Place {}

    /** Routing tables and expert outputs, which live in the router and expert units. */
    record Routed(String tokens) implements Place {}
}
