package tilewright.edge.language;

/** What an operand of a stage is bound to. */
sealed interface Bound permits Rows, Indices, Constant {}
