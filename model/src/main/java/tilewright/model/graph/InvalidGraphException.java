package tilewright.model.graph;

/** A graph breaks a rule of the IR; the message names the node, the operand, what was found and what was expected. */
public final class InvalidGraphException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final int operand;
    private final String detail;

    /** An error with this message. */
    public InvalidGraphException(String message) {
        super(message);
        this.operand = -1;
        this.detail = message;
    }

    /** An error about operand number {@code operand}, which plays {@code role}. */
    InvalidGraphException(int operand, String role, String problem) {
        super("operand " + operand + " (" + role + ") " + problem);
        this.operand = operand;
        this.detail = "(" + role + ") " + problem;
    }

    /** The same error with the node and the operand's value name in front. */
    InvalidGraphException at(Node node) {
        String place = "node '" + node.name() + "': " + node.op().mnemonic() + " ";
        if (operand < 0) {
            return new InvalidGraphException(place + detail);
        }
        return new InvalidGraphException(
                place + "operand " + operand + " '" + node.inputs().get(operand) + "' " + detail);
    }
}
