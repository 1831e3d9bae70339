package tilewright.model.family.language;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import tilewright.model.InvalidInputException;

/**
 * Cuts a family file into tokens; indentation becomes {@code INDENT} and {@code DEDENT}.
 *
 * <p>{@code #} begins a comment. Inside brackets line ends and indentation count for nothing. Strings stay on one line, in
 * double quotes; what stands in them between braces is left to the parser.
 */
final class Lexer {
    /** Longer operators before those that they begin with. */
    private static final List<String> OPERATORS = List.of(
            "??=", "**", "//", "==", "!=", "<=", ">=", "??", "+", "-", "*", "/", "%", "<", ">", "=", ".", ",", ":", "(",
            ")", "[", "]", "{", "}");

    private final String file;
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private final Deque<Integer> indents = new ArrayDeque<>(List.of(0));
    private int at;
    private int line = 1;
    /** Lines of the brackets that are open. */
    private final Deque<Integer> brackets = new ArrayDeque<>();

    private Lexer(String file, String text) {
        this.file = file;
        this.text = text;
    }

    /** The tokens of a file; the last is {@code END}. */
    static List<Token> tokens(String file, String text) {
        return new Lexer(file, text).lines();
    }

    /** The tokens of an expression that stands inside a string in this line, without line ends. */
    static List<Token> expression(String file, int line, String text) {
        Lexer lexer = new Lexer(file, text);
        lexer.line = line;
        lexer.brackets.push(line);
        while (lexer.at < text.length()) {
            lexer.word();
        }
        lexer.add(Token.Kind.END, "");
        return lexer.tokens;
    }

    private List<Token> lines() {
        while (at < text.length()) {
            int indent = 0;
            while (at < text.length() && text.charAt(at) == ' ') {
                indent++;
                at++;
            }
            if (at < text.length() && !atLineEnd() && text.charAt(at) != '#') {
                indentation(indent);
            }
            restOfLine();
        }
        if (!brackets.isEmpty()) {
            line = brackets.peek();
            throw problem("a bracket is not closed");
        }
        while (indents.size() > 1) {
            indents.pop();
            add(Token.Kind.DEDENT, "");
        }
        add(Token.Kind.END, "");
        return tokens;
    }

    private void indentation(int indent) {
        if (indent > indents.peek()) {
            indents.push(indent);
            add(Token.Kind.INDENT, "");
        }
        while (indent < indents.peek()) {
            indents.pop();
            add(Token.Kind.DEDENT, "");
        }
        if (indent != indents.peek()) {
            throw problem("is indented by " + indent + " spaces, expected " + indents.peek()
                    + " as the lines before it that it belongs to");
        }
    }

    /** Up to the line end that ends a statement. */
    private void restOfLine() {
        while (at < text.length()) {
            if (atLineEnd()) {
                boolean ends = brackets.isEmpty();
                if (ends
                        && !tokens.isEmpty()
                        && tokens.getLast().line() == line
                        && tokens.getLast().kind() != Token.Kind.NEWLINE
                        && tokens.getLast().kind() != Token.Kind.DEDENT) {
                    add(Token.Kind.NEWLINE, "");
                }
                at++;
                line++;
                if (ends) {
                    return;
                }
            } else {
                word();
            }
        }
        if (!tokens.isEmpty() && tokens.getLast().line() == line && brackets.isEmpty()) {
            add(Token.Kind.NEWLINE, "");
        }
    }

    private boolean atLineEnd() {
        return text.charAt(at) == '\n';
    }

    private void word() {
        char c = text.charAt(at);
        if (c == ' ' || c == '\r') {
            at++;
        } else if (c == '#') {
            while (at < text.length() && !atLineEnd()) {
                at++;
            }
        } else if (c == '"') {
            string();
        } else if (isDigit(c)) {
            number();
        } else if (isLetter(c)) {
            int from = at;
            while (at < text.length() && (isLetter(text.charAt(at)) || isDigit(text.charAt(at)))) {
                at++;
            }
            add(Token.Kind.NAME, text.substring(from, at));
        } else {
            operator();
        }
    }

    private void operator() {
        for (String operator : OPERATORS) {
            if (text.startsWith(operator, at)) {
                switch (operator) {
                    case "(", "[", "{" -> brackets.push(line);
                    case ")", "]", "}" -> {
                        if (brackets.poll() == null) {
                            throw problem("'" + operator + "' closes nothing");
                        }
                    }
                    default -> {}
                }
                add(Token.Kind.OPERATOR, operator);
                at += operator.length();
                return;
            }
        }
        char c = text.charAt(at);
        throw problem(
                c == '\t'
                        ? "has a tab; indent by spaces"
                        : "has the character '" + c + "', which means nothing here"
                                + (c == '\'' ? "; strings stand in double quotes" : ""));
    }

    private void string() {
        int from = ++at;
        while (at < text.length() && text.charAt(at) != '"' && !atLineEnd()) {
            at++;
        }
        if (at == text.length() || atLineEnd()) {
            throw problem("a string does not end on its line");
        }
        add(Token.Kind.STRING, text.substring(from, at));
        at++;
    }

    /** Digits with {@code _} between them, a fraction, an exponent. */
    private void number() {
        int from = at;
        digits();
        // 0..n is no number: a point counts only with a digit behind it.
        if (at + 1 < text.length() && text.charAt(at) == '.' && isDigit(text.charAt(at + 1))) {
            at++;
            digits();
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
                at++;
            }
            digits();
        }
        add(Token.Kind.NUMBER, text.substring(from, at).replace("_", ""));
    }

    private void digits() {
        while (at < text.length() && (isDigit(text.charAt(at)) || text.charAt(at) == '_')) {
            at++;
        }
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    private void add(Token.Kind kind, String word) {
        tokens.add(new Token(kind, word, line));
    }

    private InvalidInputException problem(String problem) {
        return new InvalidInputException(file + ":" + line + ": " + problem);
    }
}
