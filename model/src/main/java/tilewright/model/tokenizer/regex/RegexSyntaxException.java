package tilewright.model.tokenizer.regex;

/** Says what in a pattern is wrong or not supported, and where. */
public final class RegexSyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RegexSyntaxException(String problem, int at) {
        super(problem + " at character " + at);
    }
}
