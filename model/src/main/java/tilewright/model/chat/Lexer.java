package tilewright.model.chat;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.chat.Token.Kind;

/**
 * Cuts a template into tokens, with the white space rules that chat templates are written for: the first newline behind a
 * block is dropped, and so are spaces before a block that begins its line.
 */
final class Lexer {
    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private boolean lineStarting = true;

    private Lexer(String source) {
        this.source = source;
    }

    /** The tokens of a template; the last one is {@link Kind#END}. */
    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1);
        }
        Lexer lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (at < source.length()) {
            int begin = nextTag(at);
            if (begin < 0) {
                data(source.substring(at));
                advance(source.length());
                break;
            }
            tag(begin);
        }
        add(Kind.END, "");
    }

    private int nextTag(int from) {
        for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
            char next = i + 1 < source.length() ? source.charAt(i + 1) : 0;
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    private void tag(int begin) {
        char kind = source.charAt(begin + 1);
        char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : 0;
        boolean signed = sign == '-' || sign == '+';
        data(before(begin, kind, signed ? sign : 0));
        advance(begin);
        lineStarting = false;
        int inner = begin + 2 + (signed ? 1 : 0);
        switch (kind) {
            case '#' -> comment(inner);
            case '{' -> {
                add(Kind.PRINT_BEGIN, "{{");
                advance(inner);
                expression('}');
            }
            default -> {
                int raw = rawBody(inner);
                if (raw >= 0) {
                    raw(raw);
                } else {
                    add(Kind.BLOCK_BEGIN, "{%");
                    advance(inner);
                    expression('%');
                }
            }
        }
    }

    /** The text before a tag, less the white space that the tag takes. */
    private String before(int begin, char kind, char sign) {
        String text = source.substring(at, begin);
        if (sign == '-') {
            return text.stripTrailing();
        }
        if (sign != '+' && kind != '{') {
            int lineBegin = text.lastIndexOf('\n') + 1;
            if ((lineBegin > 0 || lineStarting) && text.substring(lineBegin).isBlank()) {
                return text.substring(0, lineBegin);
            }
        }
        return text;
    }

    private void comment(int inner) {
        int end = source.indexOf("#}", inner);
        if (end < 0) {
            throw new TemplateException("comment without '#}'", line);
        }
        endTag(end, source.charAt(end - 1), end - 1 >= inner, true);
    }

    /** Goes behind the end of a tag at {@code end}, and behind the white space that it takes. */
    private void endTag(int end, char signBefore, boolean signAllowed, boolean trims) {
        int behind = end + 2;
        if (signAllowed && signBefore == '-') {
            while (behind < source.length() && isSpace(source.charAt(behind))) {
                behind++;
            }
        } else if (trims && !(signAllowed && signBefore == '+') && source.startsWith("\n", behind)) {
            behind++;
        }
        advance(behind);
        lineStarting = source.charAt(behind - 1) == '\n';
    }

    /** Where the text of a raw block begins; -1 if this is no such block. */
    private int rawBody(int inner) {
        int i = skipSpace(inner);
        if (!source.startsWith("raw", i)) {
            return -1;
        }
        i = skipSpace(i + 3);
        if (source.startsWith("-%}", i)) {
            return skipSpace(i + 3);
        }
        return source.startsWith("%}", i) ? i + 2 : -1;
    }

    private void raw(int body) {
        advance(body);
        for (int i = source.indexOf("{%", at); i >= 0; i = source.indexOf("{%", i + 2)) {
            char sign = i + 2 < source.length() ? source.charAt(i + 2) : 0;
            int name = skipSpace(i + 2 + (sign == '-' || sign == '+' ? 1 : 0));
            if (!source.startsWith("endraw", name)) {
                continue;
            }
            int end = skipSpace(name + 6);
            boolean signed = end < source.length() && (source.charAt(end) == '-' || source.charAt(end) == '+');
            int close = signed ? end + 1 : end;
            if (source.startsWith("%}", close)) {
                data(before(i, '%', sign == '-' || sign == '+' ? sign : 0));
                endTag(close, source.charAt(end), signed, true);
                return;
            }
        }
        throw new TemplateException("raw block without 'endraw'", line);
    }

    /** The tokens up to the end of a tag: {@code }}} or {@code %}}. */
    private void expression(char closing) {
        int depth = 0;
        while (true) {
            advance(skipSpace(at));
            if (at >= source.length()) {
                throw new TemplateException("tag without '" + closing + "}'", line);
            }
            char c = source.charAt(at);
            boolean signed = (c == '-' || c == '+' && closing == '%') && source.startsWith(closing + "}", at + 1);
            if (depth == 0 && (signed || source.startsWith(closing + "}", at))) {
                add(closing == '}' ? Kind.PRINT_END : Kind.BLOCK_END, "");
                endTag(signed ? at + 1 : at, c, signed, closing == '%');
                return;
            }
            if (c == '(' || c == '[' || c == '{') {
                depth++;
            } else if (c == ')' || c == ']' || c == '}') {
                depth = Math.max(0, depth - 1);
            }
            token(c);
        }
    }

    private void token(char c) {
        if (Character.isLetter(c) || c == '_') {
            int end = at + 1;
            while (end < source.length()
                    && (Character.isLetterOrDigit(source.charAt(end)) || source.charAt(end) == '_')) {
                end++;
            }
            take(Kind.NAME, end);
        } else if (c >= '0' && c <= '9') {
            number();
        } else if (c == '\'' || c == '"') {
            string(c);
        } else {
            String two = source.substring(at, Math.min(source.length(), at + 2));
            boolean isTwo = switch (two) {
                case "//", "**", "==", "!=", ">=", "<=" -> true;
                default -> false;
            };
            if (!isTwo && "+-/*%~[](){}><=.:|,;".indexOf(c) < 0) {
                throw new TemplateException("unexpected character '" + c + "'", line);
            }
            take(Kind.OPERATOR, at + (isTwo ? 2 : 1));
        }
    }

    private void number() {
        int end = digits(at);
        boolean isFloat = false;
        if (end + 1 < source.length() && source.charAt(end) == '.' && isDigit(source.charAt(end + 1))) {
            isFloat = true;
            end = digits(end + 1);
        }
        if (end < source.length() && (source.charAt(end) == 'e' || source.charAt(end) == 'E')) {
            int exponent = end + 1;
            if (exponent < source.length() && (source.charAt(exponent) == '+' || source.charAt(exponent) == '-')) {
                exponent++;
            }
            if (exponent < source.length() && isDigit(source.charAt(exponent))) {
                isFloat = true;
                end = digits(exponent);
            }
        }
        take(isFloat ? Kind.FLOAT : Kind.INTEGER, end);
    }

    private int digits(int from) {
        int end = from;
        while (end < source.length() && (isDigit(source.charAt(end)) || source.charAt(end) == '_')) {
            end++;
        }
        return end;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private void string(char quote) {
        StringBuilder text = new StringBuilder();
        int i = at + 1;
        while (true) {
            if (i >= source.length()) {
                throw new TemplateException("string without a closing " + quote, line);
            }
            char c = source.charAt(i);
            if (c == quote) {
                break;
            }
            if (c == '\\' && i + 1 < source.length()) {
                i = escape(i + 1, text);
            } else {
                text.append(c);
                i++;
            }
        }
        tokens.add(new Token(Kind.STRING, text.toString(), line));
        advance(i + 1);
    }

    /** Python's escapes; returns the position behind. */
    private int escape(int i, StringBuilder text) {
        char c = source.charAt(i);
        int digits = switch (c) {
            case 'x' -> 2;
            case 'u' -> 4;
            case 'U' -> 8;
            default -> 0;
        };
        if (digits > 0) {
            try {
                String number = source.substring(i + 1, Math.min(source.length(), i + 1 + digits));
                text.appendCodePoint(Integer.parseInt(number, 16));
                return i + 1 + digits;
            } catch (IllegalArgumentException e) {
                throw new TemplateException("bad escape '\\" + c + "' in a string", line);
            }
        }
        switch (c) {
            case 'n' -> text.append('\n');
            case 't' -> text.append('\t');
            case 'r' -> text.append('\r');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'v' -> text.append('\u000B');
            case 'a' -> text.append('\u0007');
            case '0' -> text.append('\0');
            case '\n' -> {}
            case '\\', '\'', '"' -> text.append(c);
            default -> text.append('\\').append(c);
        }
        return i + 1;
    }

    private void take(Kind kind, int end) {
        add(kind, source.substring(at, end));
        advance(end);
    }

    private void data(String text) {
        if (!text.isEmpty()) {
            add(Kind.DATA, text);
        }
    }

    private void add(Kind kind, String text) {
        tokens.add(new Token(kind, text, line));
    }

    private int skipSpace(int from) {
        int i = from;
        while (i < source.length() && isSpace(source.charAt(i))) {
            i++;
        }
        return i;
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || c == '\u00A0';
    }

    private void advance(int to) {
        for (int i = at; i < to; i++) {
            if (source.charAt(i) == '\n') {
                line++;
            }
        }
        at = to;
    }
}
