package tilewright.model.chat;

/** Says what is wrong with a template, or went wrong in rendering it; the line is added where it is known. */
final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int line;

    TemplateException(String problem) {
        this(problem, 0);
    }

    TemplateException(String problem, int line) {
        super(problem);
        this.line = line;
    }

    /** The line, from 1; 0 if it is not known. */
    int line() {
        return line;
    }

    /** The same with a line, if it has none. */
    TemplateException at(int knownLine) {
        return line > 0 ? this : new TemplateException(getMessage(), knownLine);
    }
}
