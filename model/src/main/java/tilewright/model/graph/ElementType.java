package tilewright.model.graph;

/** What the elements of a value are in the float graph. */
public enum ElementType {
    /** Numbers. */
    F32("f32"),
    /** Token ids, expert ids, queue offsets and slots. */
    I32("i32");

    private final String label;

    ElementType(String label) {
        this.label = label;
    }

    /** The name in the text form. */
    public String label() {
        return label;
    }
}
