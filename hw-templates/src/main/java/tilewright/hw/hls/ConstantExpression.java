package tilewright.hw.hls;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tilewright.hw.hls.CppScope.Variable;

/**
 * Evaluates integer constant expressions: literals, names of constants, arithmetic, shifts, parentheses. What depends on
 * a template parameter, a function or {@code sizeof} has no value here.
 */
final class ConstantExpression {
    private static final int MAX_DEPTH = 64;

    /** A value; or none, with the name that has no constant when that is why. */
    record Value(OptionalLong number, Optional<String> undefined) {
        static final Value UNKNOWN = new Value(OptionalLong.empty(), Optional.empty());
    }

    private static final class Unknown extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Optional<String> undefined;

        Unknown(Optional<String> undefined) {
            super(null, null, false, false);
            this.undefined = undefined;
        }
    }

    private final Map<String, Variable> globals;
    private final CppScope scope;
    private final int line;
    private List<CppToken> tokens;
    private int at;
    private int depth;

    /** Expressions as they stand at a line of a region; {@code globals} are the constants of all files. */
    ConstantExpression(CppScope scope, int line, Map<String, Variable> globals) {
        this.scope = scope;
        this.line = line;
        this.globals = globals;
    }

    /** The value of an expression. */
    Value of(List<CppToken> expression) {
        try {
            return new Value(OptionalLong.of(evaluate(expression)), Optional.empty());
        } catch (Unknown e) {
            return new Value(OptionalLong.empty(), e.undefined);
        } catch (ArithmeticException e) {
            return Value.UNKNOWN;
        }
    }

    private long evaluate(List<CppToken> expression) {
        List<CppToken> outerTokens = tokens;
        int outerAt = at;
        if (++depth > MAX_DEPTH || expression.isEmpty()) {
            throw unknown();
        }
        tokens = expression;
        at = 0;
        long value = binary(0);
        if (at < tokens.size()) {
            throw unknown();
        }
        depth--;
        tokens = outerTokens;
        at = outerAt;
        return value;
    }

    private static final List<List<String>> LEVELS = List.of(
            List.of("|"), List.of("^"), List.of("&"), List.of("<<", ">>"), List.of("+", "-"), List.of("*", "/", "%"));

    private long binary(int level) {
        if (level == LEVELS.size()) {
            return unary();
        }
        long value = binary(level + 1);
        for (String operator = operator(); LEVELS.get(level).contains(operator); operator = operator()) {
            at += operator.length();
            long right = binary(level + 1);
            value = switch (operator) {
                case "|" -> value | right;
                case "^" -> value ^ right;
                case "&" -> value & right;
                case "<<" -> value << right;
                case ">>" -> value >> right;
                case "+" -> Math.addExact(value, right);
                case "-" -> Math.subtractExact(value, right);
                case "*" -> Math.multiplyExact(value, right);
                case "/" -> value / right;
                default -> value % right;
            };
        }
        return value;
    }

    private String operator() {
        String first = at < tokens.size() ? tokens.get(at).text() : "";
        boolean shift = (first.equals("<") || first.equals(">")) && at + 1 < tokens.size();
        return shift ? first + tokens.get(at + 1).text() : first;
    }

    private long unary() {
        if (at >= tokens.size()) {
            throw unknown();
        }
        CppToken token = tokens.get(at++);
        if (token.is("-")) {
            return Math.negateExact(unary());
        }
        if (token.is("+")) {
            return unary();
        }
        if (token.is("(")) {
            long value = binary(0);
            if (at >= tokens.size() || !tokens.get(at++).is(")")) {
                throw unknown();
            }
            return value;
        }
        if (token.kind() == CppToken.Kind.NUMBER) {
            return literal(token.text());
        }
        if (token.isName()) {
            return named(token.text());
        }
        throw unknown();
    }

    private static long literal(String text) {
        String digits = text.replace("'", "").replaceAll("[uUlL]+$", "");
        try {
            return digits.matches("0[bB].*") ? Long.parseLong(digits.substring(2), 2) : Long.decode(digits);
        } catch (NumberFormatException e) {
            throw new Unknown(Optional.of(text));
        }
    }

    private long named(String first) {
        String name = first;
        boolean qualified = false;
        while (at + 1 < tokens.size() && tokens.get(at).is("::")) {
            name = tokens.get(at + 1).text();
            qualified = true;
            at += 2;
        }
        if (at < tokens.size()
                && (tokens.get(at).is("(")
                        || tokens.get(at).is("<") && !operator().equals("<<"))) {
            throw unknown(); // a function or a cast
        }
        Optional<Variable> visible = scope.visible(name, line);
        Variable variable = visible.orElse(globals.get(name));
        if (variable == null && qualified) {
            throw unknown();
        }
        if (variable == null || !variable.constant()) {
            throw new Unknown(Optional.of(name));
        }
        return evaluate(variable.value());
    }

    private static Unknown unknown() {
        return new Unknown(Optional.empty());
    }
}
