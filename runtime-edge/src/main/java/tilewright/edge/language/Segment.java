package tilewright.edge.language;

/**
 * Consecutive rows of a pass that belong to one sequence.
 *
 * @param state the sequence's state
 * @param position of the first row's token
 * @param row the first row
 * @param rows how many
 */
record Segment(SequenceState state, int position, int row, int rows) {}
