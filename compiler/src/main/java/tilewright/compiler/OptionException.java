package tilewright.compiler;

/** An option's value that what it is used on does not allow, such as a context longer than the model's; exit code 2. */
public class OptionException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes an exception with a message for the user: the thing, the option, its value, and what is allowed. */
    public OptionException(String message) {
        super(message);
    }
}
