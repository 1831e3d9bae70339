package tilewright.model.family.language;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import tilewright.model.family.language.Expression.Argument;
import tilewright.model.family.language.Expression.Place;

/**
 * Reads expressions; from loose to tight: {@code as}, {@code a if c else b}, {@code or}, {@code and}, {@code not}, comparisons
 * and {@code in}, {@code ??}, {@code + -}, {@code * / // %}, {@code -}, {@code **}, calls, members and indices.
 */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=", "in");
    private static final Set<String> KEYWORDS = Set.of("as", "if", "else", "or", "and", "not", "in", "for", "elif");
    private static final int MAX_NESTING = 200;

    private final Words words;
    private int nesting;

    ExpressionParser(Words words) {
        this.words = words;
    }

    /** The next expression, with {@code as} where it is there. */
    Expression read() {
        if (++nesting > MAX_NESTING) {
            throw words.problem("expressions are nested more than " + MAX_NESTING + " deep");
        }
        Expression value = choice();
        if (words.at("as")) {
            Place place = words.place();
            words.next();
            value = new Expression.Named(value, choice(), place);
        }
        nesting--;
        return value;
    }

    private Expression choice() {
        Expression then = or();
        if (!words.at("if")) {
            return then;
        }
        Place place = words.place();
        words.next();
        Expression condition = or();
        words.expect("else");
        return new Expression.Choice(condition, then, choice(), place);
    }

    private Expression or() {
        Expression left = and();
        while (words.at("or")) {
            left = binary(left, this::and);
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (words.at("and")) {
            left = binary(left, this::not);
        }
        return left;
    }

    private Expression not() {
        if (words.at("not")) {
            Place place = words.place();
            words.next();
            return new Expression.Unary("not", not(), place);
        }
        return comparison();
    }

    private Expression comparison() {
        Expression left = coalesced();
        Place place = words.place();
        if (words.at("not") && words.second().is("in")) {
            words.next();
            words.next();
            return new Expression.Unary("not", new Expression.Binary("in", left, coalesced(), place), place);
        }
        if (COMPARISONS.contains(words.peek().text()) && !words.at(Token.Kind.STRING)) {
            return binary(left, this::coalesced);
        }
        return left;
    }

    private Expression coalesced() {
        Expression left = sum();
        while (words.at("??")) {
            left = binary(left, this::sum);
        }
        return left;
    }

    private Expression sum() {
        Expression left = product();
        while (words.at("+") || words.at("-")) {
            left = binary(left, this::product);
        }
        return left;
    }

    private Expression product() {
        Expression left = unary();
        while (words.at("*") || words.at("/") || words.at("//") || words.at("%")) {
            left = binary(left, this::unary);
        }
        return left;
    }

    private Expression unary() {
        if (words.at("-")) {
            Place place = words.place();
            words.next();
            return new Expression.Unary("-", unary(), place);
        }
        Expression base = postfix();
        return words.at("**") ? binary(base, this::unary) : base;
    }

    private Expression binary(Expression left, Supplier<Expression> right) {
        Place place = words.place();
        String operator = words.next().text();
        return new Expression.Binary(operator, left, right.get(), place);
    }

    private Expression postfix() {
        Expression value = primary();
        while (true) {
            Place place = words.place();
            if (words.take(".")) {
                value = new Expression.Member(value, words.expect(Token.Kind.NAME, "a key"), place);
            } else if (words.take("[")) {
                value = new Expression.Index(value, read(), place);
                words.expect("]");
            } else if (words.take("(")) {
                value = new Expression.Call(value, arguments(), place);
            } else {
                return value;
            }
        }
    }

    private List<Argument> arguments() {
        List<Argument> arguments = new ArrayList<>();
        while (!words.take(")")) {
            String name = null;
            if (words.at(Token.Kind.NAME) && words.second().is("=")) {
                name = words.next().text();
                words.next();
            } else if (!arguments.isEmpty() && arguments.getLast().name() != null) {
                throw words.problem("an argument without a name follows one with a name");
            }
            arguments.add(new Argument(name, read()));
            if (!words.at(")")) {
                words.expect(",");
            }
        }
        return arguments;
    }

    private Expression primary() {
        Place place = words.place();
        Token token = words.peek();
        switch (token.kind()) {
            case NUMBER -> {
                words.next();
                return new Expression.Literal(number(token), place);
            }
            case STRING -> {
                words.next();
                return template(token, place);
            }
            case NAME -> {
                return name(token, place);
            }
            default -> {}
        }
        if (words.take("(")) {
            Expression inner = read();
            words.expect(")");
            return inner;
        }
        if (words.take("[")) {
            return listed(place);
        }
        if (words.take("{")) {
            return fielded(place);
        }
        throw words.unexpected("a value");
    }

    private Expression name(Token token, Place place) {
        if (KEYWORDS.contains(token.text())) {
            throw words.unexpected("a value");
        }
        words.next();
        return switch (token.text()) {
            case "true" -> new Expression.Literal(new Value.Truth(true, null), place);
            case "false" -> new Expression.Literal(new Value.Truth(false, null), place);
            case "null" -> new Expression.Literal(new Value.Null(null), place);
            default -> new Expression.Name(token.text(), place);
        };
    }

    private Value number(Token token) {
        try {
            boolean whole = token.text().chars().allMatch(c -> c >= '0' && c <= '9');
            return whole
                    ? new Value.Whole(Long.parseLong(token.text()), null)
                    : new Value.Real(Double.parseDouble(token.text()), null);
        } catch (NumberFormatException e) {
            throw words.problem("'" + token.text() + "' is no number");
        }
    }

    private Expression listed(Place place) {
        List<Expression> items = new ArrayList<>();
        while (!words.take("]")) {
            items.add(read());
            if (items.size() == 1 && words.take("for")) {
                String variable = words.expect(Token.Kind.NAME, "a variable");
                words.expect("in");
                Expression source = or();
                Expression condition = words.take("if") ? or() : null;
                words.expect("]");
                return new Expression.Comprehension(items.getFirst(), variable, source, condition, place);
            }
            if (!words.at("]")) {
                words.expect(",");
            }
        }
        return new Expression.Listed(items, place);
    }

    private Expression fielded(Place place) {
        List<String> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!words.take("}")) {
            keys.add(words.expect(Token.Kind.STRING, "a key in double quotes"));
            words.expect(":");
            values.add(read());
            if (!words.at("}")) {
                words.expect(",");
            }
        }
        return new Expression.Fielded(keys, values, place);
    }

    /** A string, cut at its braces. */
    private Expression template(Token token, Place place) {
        List<Object> parts = new ArrayList<>();
        String text = token.text();
        int from = 0;
        for (int open = text.indexOf('{'); open >= 0; open = text.indexOf('{', from)) {
            int close = text.indexOf('}', open);
            if (close < 0) {
                throw words.problem("\"" + text + "\" has '{' without '}'");
            }
            parts.add(text.substring(from, open));
            Words inside = new Words(
                    words.file(), Lexer.expression(words.file(), token.line(), text.substring(open + 1, close)));
            ExpressionParser parser = new ExpressionParser(inside);
            parts.add(parser.read());
            if (!inside.at(Token.Kind.END)) {
                throw inside.unexpected("'}'");
            }
            from = close + 1;
        }
        parts.add(text.substring(from));
        return new Expression.Template(parts, place);
    }
}
