package tilewright.boards;

/**
 * A board that is unknown or whose file is wrong. The message is one line: {@code FILE:LINE: what is wrong; the way out}
 * (without a line where the file as a whole is meant).
 */
public class InvalidBoardException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST = 60;

    InvalidBoardException(String message) {
        super(message);
    }

    /** The exception for {@code problem} at 1-based {@code line} of {@code file}. */
    static InvalidBoardException at(String file, int line, String problem) {
        return new InvalidBoardException(shown(file, Integer.MAX_VALUE) + ":" + line + ": " + problem);
    }

    /** The exception for {@code problem} with {@code file} as a whole. */
    static InvalidBoardException in(String file, String problem) {
        return new InvalidBoardException(shown(file, Integer.MAX_VALUE) + ": " + problem);
    }

    /** {@code text} in quotes, cut to a readable length and on one line whatever it holds. */
    static String quoted(String text) {
        return "'" + shown(text, LONGEST) + "'";
    }

    private static String shown(String text, int longest) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(longest).forEach(c -> {
            int type = Character.getType(c);
            boolean breaks = Character.isISOControl(c)
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR
                    || type == Character.SURROGATE
                    || type == Character.FORMAT;
            shown.appendCodePoint(breaks ? '?' : c);
        });
        return text.codePointCount(0, text.length()) > longest ? shown + "..." : shown.toString();
    }
}
