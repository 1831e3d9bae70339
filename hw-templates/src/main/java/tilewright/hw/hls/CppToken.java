package tilewright.hw.hls;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A token of C++ text as far as pragmas need it; comments and preprocessor lines other than pragmas and object-like
 * macros are gone.
 *
 * @param kind what it is
 * @param text its text; of a pragma what follows {@code #pragma}, of a macro {@code NAME value}
 * @param line the line where it starts, from 1
 */
record CppToken(Kind kind, String text, int line) {
    enum Kind {
        NAME,
        NUMBER,
        STRING,
        SYMBOL,
        PRAGMA,
        MACRO
    }

    private static final Pattern TOKEN = Pattern.compile("(?<name>[A-Za-z_]\\w*)|(?<number>\\d(?:[\\w.']|[eE][+-])*)"
            + "|(?<string>\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])*')|(?<symbol>::|->|\\S)");
    private static final Pattern DIRECTIVE = Pattern.compile("(?m)^[ \\t]*#[ \\t]*(\\w*)(.*)$");
    private static final Pattern MACRO_VALUE = Pattern.compile("\\s+([A-Za-z_]\\w*)\\s+(\\S.*?)\\s*");

    boolean is(String symbol) {
        return text.equals(symbol) && kind != Kind.STRING && kind != Kind.PRAGMA && kind != Kind.MACRO;
    }

    boolean isName() {
        return kind == Kind.NAME;
    }

    /** The tokens of a file or an expression, in order. */
    static List<CppToken> of(String source) {
        String text = withoutComments(source);
        List<CppToken> tokens = new ArrayList<>();
        int line = 1;
        Matcher directive = DIRECTIVE.matcher(text);
        for (int at = 0; at < text.length(); ) {
            int end = text.indexOf('\n', at);
            end = end < 0 ? text.length() : end;
            if (directive.region(at, end).lookingAt()) {
                // A backslash at the end continues the directive on the next line.
                StringBuilder rest = new StringBuilder(directive.group(2).stripTrailing());
                int lines = 1;
                while (!rest.isEmpty() && rest.charAt(rest.length() - 1) == '\\' && end < text.length()) {
                    int next = text.indexOf('\n', end + 1);
                    next = next < 0 ? text.length() : next;
                    rest.setLength(rest.length() - 1);
                    rest.append(' ').append(text.substring(end + 1, next).strip());
                    end = next;
                    lines++;
                }
                addDirective(tokens, directive.group(1), rest.toString(), line);
                line += lines;
                at = end + 1;
                continue;
            }
            addCode(tokens, text.substring(at, end), line);
            line++;
            at = end + 1;
        }
        return tokens;
    }

    private static void addDirective(List<CppToken> tokens, String directive, String rest, int line) {
        Matcher macro = MACRO_VALUE.matcher(rest);
        if (directive.equals("pragma")) {
            tokens.add(new CppToken(Kind.PRAGMA, rest.strip(), line));
        } else if (directive.equals("define") && macro.matches()) {
            tokens.add(new CppToken(Kind.MACRO, macro.group(1) + " " + macro.group(2), line));
        }
    }

    private static void addCode(List<CppToken> tokens, String code, int line) {
        Matcher matcher = TOKEN.matcher(code);
        while (matcher.find()) {
            Kind kind = matcher.group("name") != null
                    ? Kind.NAME
                    : matcher.group("number") != null
                            ? Kind.NUMBER
                            : matcher.group("string") != null ? Kind.STRING : Kind.SYMBOL;
            tokens.add(new CppToken(kind, matcher.group(), line));
        }
    }

    /** The text with every comment replaced by spaces; line ends stay. */
    private static String withoutComments(String source) {
        StringBuilder text = new StringBuilder(source);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\'' && (i == 0 || !Character.isLetterOrDigit(text.charAt(i - 1)))) {
                for (i++; i < text.length() && text.charAt(i) != c && text.charAt(i) != '\n'; i++) {
                    i += text.charAt(i) == '\\' ? 1 : 0;
                }
            } else if (c == '/' && i + 1 < text.length() && "/*".indexOf(text.charAt(i + 1)) >= 0) {
                boolean block = text.charAt(i + 1) == '*';
                int end = text.indexOf(block ? "*/" : "\n", i + 2);
                end = end < 0 ? text.length() : block ? end + 2 : end;
                for (; i < end; i++) {
                    text.setCharAt(i, text.charAt(i) == '\n' ? '\n' : ' ');
                }
                i--;
            }
        }
        return text.toString();
    }
}
