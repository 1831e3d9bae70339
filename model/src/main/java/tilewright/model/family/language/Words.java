package tilewright.model.family.language;

import java.util.List;
import tilewright.model.InvalidInputException;

/** The tokens of a family file, read one after another. */
final class Words {
    private final String file;
    private final List<Token> tokens;
    private int at;

    Words(String file, List<Token> tokens) {
        this.file = file;
        this.tokens = tokens;
    }

    String file() {
        return file;
    }

    Token peek() {
        return tokens.get(at);
    }

    /** The token after the next. */
    Token second() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = tokens.get(at);
        if (token.kind() != Token.Kind.END) {
            at++;
        }
        return token;
    }

    Expression.Place place() {
        return new Expression.Place(file, peek().line());
    }

    boolean at(String operatorOrName) {
        return peek().is(operatorOrName);
    }

    boolean at(Token.Kind kind) {
        return peek().kind() == kind;
    }

    /** Reads the word if it is next. */
    boolean take(String operatorOrName) {
        if (at(operatorOrName)) {
            at++;
            return true;
        }
        return false;
    }

    void expect(String operatorOrName) {
        if (!take(operatorOrName)) {
            throw unexpected("'" + operatorOrName + "'");
        }
    }

    String expect(Token.Kind kind, String description) {
        if (!at(kind)) {
            throw unexpected(description);
        }
        return next().text();
    }

    InvalidInputException unexpected(String expected) {
        return problem("found " + peek().described() + ", expected " + expected);
    }

    InvalidInputException problem(String problem) {
        return new InvalidInputException(place() + ": " + problem);
    }
}
