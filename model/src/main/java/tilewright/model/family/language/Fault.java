package tilewright.model.family.language;

/** Something went wrong in an expression; the evaluator adds the line of the family file. */
final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Value about;
    private final boolean user;

    private Fault(String message, Value about, boolean user) {
        super(message, null, false, false);
        this.about = about;
        this.user = user;
    }

    /** The author of the family file made a mistake. */
    static Fault author(String problem) {
        return new Fault(problem, null, false);
    }

    /** A value is not what is needed; if it was read from the configuration, that is to blame. */
    static Fault value(Value value, String problem) {
        return new Fault(problem, value, false);
    }

    /** The model asks for something that there is not; said about its configuration as a whole. */
    static Fault user(String problem) {
        return new Fault(problem, null, true);
    }

    /** Whether the model is to blame, whatever the value's origin. */
    boolean user() {
        return user;
    }

    /** The value that is wrong, or null. */
    Value about() {
        return about;
    }
}
