package tilewright.model.chat;

import java.util.List;
import tilewright.model.chat.Token.Kind;

/** Tokens, taken one by one. */
final class Tokens {
    private final List<Token> tokens;
    private int at;

    Tokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    /** The token after the current one. */
    Token following() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = tokens.get(at);
        if (token.kind() != Kind.END) {
            at++;
        }
        return token;
    }

    boolean takeOperator(String operator) {
        boolean found = current().isOperator(operator);
        if (found) {
            at++;
        }
        return found;
    }

    boolean takeName(String name) {
        boolean found = current().isName(name);
        if (found) {
            at++;
        }
        return found;
    }

    void expectOperator(String operator) {
        if (!takeOperator(operator)) {
            throw failure("expected '" + operator + "', found " + current().shown());
        }
    }

    Token expect(Kind kind, String what) {
        if (current().kind() != kind) {
            throw failure("expected " + what + ", found " + current().shown());
        }
        return next();
    }

    TemplateException failure(String problem) {
        return new TemplateException(problem, current().line());
    }
}
