package tilewright.model.family.language;

/**
 * A word of a family file.
 *
 * @param kind what it is
 * @param text a name, number or operator as written; of a string what stands between the quotes
 * @param line counted from 1
 */
record Token(Kind kind, String text, int line) {
    /** Kinds of words. */
    enum Kind {
        NAME,
        NUMBER,
        STRING,
        OPERATOR,
        NEWLINE,
        INDENT,
        DEDENT,
        END
    }

    boolean is(String operatorOrName) {
        return (kind == Kind.OPERATOR || kind == Kind.NAME) && text.equals(operatorOrName);
    }

    /** For messages: what was found. */
    String described() {
        return switch (kind) {
            case NEWLINE -> "the end of the line";
            case INDENT -> "an indented line";
            case DEDENT -> "the end of the block";
            case END -> "the end of the file";
            case STRING -> '"' + text + '"';
            default -> "'" + text + "'";
        };
    }
}
