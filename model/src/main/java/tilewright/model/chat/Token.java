package tilewright.model.chat;

/**
 * A piece of a template.
 *
 * @param text what it stands for: data as it is written, a string without its quotes, the characters of anything else
 * @param line where it begins, from 1
 */
record Token(Kind kind, String text, int line) {
    /** What a piece is. */
    enum Kind {
        DATA,
        PRINT_BEGIN,
        PRINT_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    /** For messages. */
    String shown() {
        return switch (kind) {
            case END -> "the end of the template";
            case PRINT_END -> "'}}'";
            case BLOCK_END -> "'%}'";
            default -> "'" + (text.length() <= 40 ? text : text.substring(0, 40) + "...") + "'";
        };
    }
}
