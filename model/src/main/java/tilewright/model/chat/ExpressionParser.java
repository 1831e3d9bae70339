package tilewright.model.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tilewright.model.chat.Token.Kind;

/** Reads expressions, with Jinja's precedences. */
final class ExpressionParser {
    private static final int MAX_NESTING = 150;
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final Tokens tokens;
    private int nesting;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
    }

    /** An expression, or several separated by commas, which are a list. */
    Expression tuple(boolean conditional) {
        int line = tokens.current().line();
        Expression first = conditional ? expression() : or();
        if (!tokens.current().isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.takeOperator(",")) {
            if (endsTuple()) {
                break;
            }
            items.add(conditional ? expression() : or());
        }
        return new Expression.ListOf(items, true, line);
    }

    private boolean endsTuple() {
        Token token = tokens.current();
        return token.kind() == Kind.PRINT_END
                || token.kind() == Kind.BLOCK_END
                || token.isOperator(")")
                || token.isName("recursive");
    }

    Expression expression() {
        if (++nesting > MAX_NESTING) {
            throw tokens.failure("expressions nested deeper than " + MAX_NESTING);
        }
        Expression value = or();
        while (tokens.current().isName("if")) {
            int line = tokens.next().line();
            Expression condition = or();
            Expression otherwise = tokens.takeName("else") ? expression() : null;
            value = new Expression.Conditional(condition, value, otherwise, line);
        }
        nesting--;
        return value;
    }

    Expression or() {
        Expression left = and();
        while (tokens.current().isName("or")) {
            int line = tokens.next().line();
            left = new Expression.Binary("or", left, and(), line);
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.current().isName("and")) {
            int line = tokens.next().line();
            left = new Expression.Binary("and", left, not(), line);
        }
        return left;
    }

    private Expression not() {
        if (!tokens.current().isName("not")) {
            return comparison();
        }
        int line = tokens.next().line();
        if (++nesting > MAX_NESTING) {
            throw tokens.failure("expressions nested deeper than " + MAX_NESTING);
        }
        Expression value = new Expression.Unary("not", not(), line);
        nesting--;
        return value;
    }

    private Expression comparison() {
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                operators.add(tokens.next().text());
            } else if (tokens.takeName("in")) {
                operators.add("in");
            } else if (token.isName("not") && tokens.following().isName("in")) {
                tokens.next();
                tokens.next();
                operators.add("not in");
            } else {
                return operators.isEmpty() ? first : new Expression.Comparison(first, operators, others, first.line());
            }
            others.add(sum());
        }
    }

    private Expression sum() {
        Expression left = joined();
        while (tokens.current().isOperator("+") || tokens.current().isOperator("-")) {
            Token operator = tokens.next();
            left = new Expression.Binary(operator.text(), left, joined(), operator.line());
        }
        return left;
    }

    private Expression joined() {
        Expression left = product();
        while (tokens.current().isOperator("~")) {
            int line = tokens.next().line();
            left = new Expression.Binary("~", left, product(), line);
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (tokens.current().isOperator("*")
                || tokens.current().isOperator("/")
                || tokens.current().isOperator("//")
                || tokens.current().isOperator("%")) {
            Token operator = tokens.next();
            left = new Expression.Binary(operator.text(), left, power(), operator.line());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.current().isOperator("**")) {
            int line = tokens.next().line();
            left = new Expression.Binary("**", left, unary(true), line);
        }
        return left;
    }

    private Expression unary(boolean filters) {
        Token token = tokens.current();
        Expression value;
        if (token.isOperator("-") || token.isOperator("+")) {
            tokens.next();
            if (++nesting > MAX_NESTING) {
                throw tokens.failure("expressions nested deeper than " + MAX_NESTING);
            }
            value = new Expression.Unary(token.text(), unary(false), token.line());
            nesting--;
        } else {
            value = primary();
        }
        value = postfix(value);
        return filters ? filtered(value) : value;
    }

    private Expression primary() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case NAME ->
                switch (token.text()) {
                    case "true", "True" -> new Expression.Constant(true, token.line());
                    case "false", "False" -> new Expression.Constant(false, token.line());
                    case "none", "None" -> new Expression.Constant(null, token.line());
                    default -> new Expression.Name(token.text(), token.line());
                };
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (tokens.current().kind() == Kind.STRING) {
                    text.append(tokens.next().text());
                }
                yield new Expression.Constant(text.toString(), token.line());
            }
            case INTEGER -> new Expression.Constant(integer(token), token.line());
            case FLOAT ->
                new Expression.Constant(Double.parseDouble(token.text().replace("_", "")), token.line());
            case OPERATOR ->
                switch (token.text()) {
                    case "(" -> parenthesised(token.line());
                    case "[" -> list(token.line());
                    case "{" -> map(token.line());
                    default -> throw unexpected(token);
                };
            default -> throw unexpected(token);
        };
    }

    private static TemplateException unexpected(Token token) {
        return new TemplateException("unexpected " + token.shown(), token.line());
    }

    private static Long integer(Token token) {
        try {
            return Long.valueOf(token.text().replace("_", ""));
        } catch (NumberFormatException e) {
            throw new TemplateException("integer " + token.shown() + " is out of range", token.line());
        }
    }

    private Expression parenthesised(int line) {
        if (tokens.takeOperator(")")) {
            return new Expression.ListOf(List.of(), true, line);
        }
        Expression value = tuple(true);
        tokens.expectOperator(")");
        return value;
    }

    private Expression list(int line) {
        List<Expression> items = new ArrayList<>();
        while (!tokens.takeOperator("]")) {
            if (!items.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.takeOperator("]")) {
                    break;
                }
            }
            items.add(expression());
        }
        return new Expression.ListOf(items, false, line);
    }

    private Expression map(int line) {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.takeOperator("}")) {
            if (!keys.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.takeOperator("}")) {
                    break;
                }
            }
            keys.add(expression());
            tokens.expectOperator(":");
            values.add(expression());
        }
        return new Expression.MapOf(keys, values, line);
    }

    private Expression postfix(Expression value) {
        Expression node = value;
        while (true) {
            Token token = tokens.current();
            if (token.isOperator(".")) {
                tokens.next();
                Token name = tokens.next();
                node = switch (name.kind()) {
                    case NAME -> new Expression.Attribute(node, name.text(), name.line());
                    case INTEGER ->
                        new Expression.Item(node, new Expression.Constant(integer(name), name.line()), name.line());
                    default -> throw unexpected(name);
                };
            } else if (token.isOperator("[")) {
                tokens.next();
                node = subscript(node, token.line());
            } else if (token.isOperator("(")) {
                node = new Expression.Call(node, arguments(), token.line());
            } else {
                return node;
            }
        }
    }

    private Expression subscript(Expression of, int line) {
        Expression from = null;
        if (!tokens.current().isOperator(":")) {
            from = expression();
            if (tokens.takeOperator("]")) {
                return new Expression.Item(of, from, line);
            }
        }
        tokens.expectOperator(":");
        Expression to = bound();
        Expression step = tokens.takeOperator(":") ? bound() : null;
        tokens.expectOperator("]");
        return new Expression.Slice(of, from, to, step, line);
    }

    private Expression bound() {
        return tokens.current().isOperator(":") || tokens.current().isOperator("]") ? null : expression();
    }

    private Expression filtered(Expression value) {
        Expression node = value;
        while (true) {
            Token token = tokens.current();
            if (token.isOperator("|")) {
                node = filter(node);
            } else if (token.isName("is")) {
                node = test(node);
            } else if (token.isOperator("(")) {
                node = new Expression.Call(node, arguments(), token.line());
            } else {
                return node;
            }
        }
    }

    /** One filter, from its bar or (in a filter block) its name on. */
    Expression filter(Expression value) {
        tokens.takeOperator("|");
        Token name = tokens.expect(Kind.NAME, "the name of a filter");
        Expression.Arguments arguments = tokens.current().isOperator("(") ? arguments() : Expression.Arguments.NONE;
        return new Expression.Filter(value, name.text(), arguments, name.line());
    }

    private Expression test(Expression value) {
        int line = tokens.next().line();
        boolean negative = tokens.takeName("not");
        String name = tokens.expect(Kind.NAME, "the name of a test").text();
        Token token = tokens.current();
        Expression.Arguments arguments = Expression.Arguments.NONE;
        if (token.isOperator("(")) {
            arguments = arguments();
        } else if (token.kind() == Kind.STRING
                || token.kind() == Kind.INTEGER
                || token.kind() == Kind.FLOAT
                || token.isOperator("[")
                || token.isOperator("{")
                || token.kind() == Kind.NAME
                        && !token.isName("else")
                        && !token.isName("or")
                        && !token.isName("and")
                        && !token.isName("is")
                        && !token.isName("if")) {
            arguments = new Expression.Arguments(List.of(postfix(primary())), List.of(), List.of(), null, null);
        }
        Expression test = new Expression.Test(value, name, arguments, line);
        return negative ? new Expression.Unary("not", test, line) : test;
    }

    /** Arguments from the opening parenthesis on. */
    Expression.Arguments arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<Expression> named = new ArrayList<>();
        Expression morePositional = null;
        Expression moreNamed = null;
        boolean first = true;
        while (!tokens.takeOperator(")")) {
            if (!first) {
                tokens.expectOperator(",");
                if (tokens.takeOperator(")")) {
                    break;
                }
            }
            first = false;
            if (tokens.takeOperator("*")) {
                morePositional = expression();
            } else if (tokens.takeOperator("**")) {
                moreNamed = expression();
            } else if (tokens.current().kind() == Kind.NAME
                    && tokens.following().isOperator("=")) {
                names.add(tokens.next().text());
                tokens.next();
                named.add(expression());
            } else if (named.isEmpty()) {
                positional.add(expression());
            } else {
                throw tokens.failure("an argument without a name follows one with a name");
            }
        }
        return new Expression.Arguments(positional, names, named, morePositional, moreNamed);
    }
}
