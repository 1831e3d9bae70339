package tilewright.boards;

/** A value that board files write under a name of its own. */
interface Labelled {
    /** The name as written in a board file. */
    String label();
}
