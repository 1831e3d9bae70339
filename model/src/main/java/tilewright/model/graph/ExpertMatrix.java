package tilewright.model.graph;

import java.util.Locale;

/** The matrices of an expert, in the order in which they are needed. */
public enum ExpertMatrix {
    /** [hidden, width]; of a plain (not gated) expert its first matrix. */
    GATE,
    /** [hidden, width]; gated experts only. */
    UP,
    /** [outputs, hidden]. */
    DOWN;

    /** The name in files and messages: {@code gate}, {@code up} or {@code down}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
