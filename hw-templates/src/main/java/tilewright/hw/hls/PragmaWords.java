package tilewright.hw.hls;

import java.util.Optional;

/** Cuts the options of a pragma into words: {@code name}, or {@code name = value} where the value is an expression. */
final class PragmaWords {
    private static final String OPERATORS = "+-*/%&|^<>";

    private final String text;
    private int start;
    private int at;
    private String name = "";
    private String value;

    PragmaWords(String text) {
        this.text = text.strip();
    }

    /** Moves to the next word; false at the end. */
    boolean next() {
        at = skipBlanks(at);
        start = at;
        while (at < text.length() && Character.isJavaIdentifierPart(text.charAt(at))) {
            at++;
        }
        name = text.substring(start, at);
        value = null;
        int sign = skipBlanks(at);
        if (sign < text.length() && text.charAt(sign) == '=') {
            int from = skipBlanks(sign + 1);
            at = valueEnd(from);
            value = text.substring(from, at);
        }
        return start < text.length();
    }

    /** The name of the option. */
    String name() {
        return name;
    }

    /** Its value, if it has one. */
    Optional<String> value() {
        return Optional.ofNullable(value);
    }

    /** Whether what stands here is no word. */
    boolean unreadable() {
        boolean noName = name.isEmpty() || Character.isDigit(name.charAt(0));
        boolean glued = value == null && at < text.length() && !Character.isWhitespace(text.charAt(at));
        return noName || glued || value != null && (value.isEmpty() || value.endsWith(","));
    }

    /** All that is left, from this word on. */
    String rest() {
        return text.substring(start);
    }

    private int skipBlanks(int from) {
        int i = from;
        while (i < text.length() && Character.isWhitespace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    /** The end of a value: a blank that is not in parentheses and not beside an operator. */
    private int valueEnd(int from) {
        int depth = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (Character.isWhitespace(c) && depth <= 0) {
                int after = skipBlanks(i);
                boolean goesOn = isOperator(i - 1) || isOperator(after);
                if (!goesOn) {
                    return i;
                }
                i = after - 1;
            }
        }
        return text.length();
    }

    private boolean isOperator(int index) {
        return index < text.length() && OPERATORS.indexOf(text.charAt(index)) >= 0;
    }
}
