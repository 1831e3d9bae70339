package tilewright.model.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tilewright.model.chat.Statement.Target;
import tilewright.model.chat.Token.Kind;

/** Reads a whole template. */
final class StatementParser {
    private static final int MAX_NESTING = 100;
    private static final String KNOWN = "if, for, set, macro, call, filter, with, generation, raw, break, continue";

    private final Tokens tokens;
    private final ExpressionParser expressions;
    private int nesting;
    private int loops;

    private StatementParser(Tokens tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(String template) {
        StatementParser parser = new StatementParser(new Tokens(Lexer.tokens(template)));
        return parser.body(Set.of());
    }

    /** Statements up to a block whose name is one of {@code ends}, whose name is the current token then. */
    private List<Statement> body(Set<String> ends) {
        if (++nesting > MAX_NESTING) {
            throw tokens.failure("blocks nested deeper than " + MAX_NESTING);
        }
        int start = tokens.current().line();
        List<Statement> body = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.kind()) {
                case DATA -> body.add(new Statement.Text(token.text(), token.line()));
                case PRINT_BEGIN -> {
                    body.add(new Statement.Print(expressions.tuple(true), token.line()));
                    tokens.expect(Kind.PRINT_END, "'}}'");
                }
                case BLOCK_BEGIN -> {
                    if (tokens.current().kind() == Kind.NAME
                            && ends.contains(tokens.current().text())) {
                        nesting--;
                        return body;
                    }
                    Statement statement = statement();
                    if (statement == null) {
                        body.addAll(last);
                    } else {
                        body.add(statement);
                    }
                    tokens.expect(Kind.BLOCK_END, "'%}'");
                }
                case END -> {
                    if (!ends.isEmpty()) {
                        throw new TemplateException(
                                "block without "
                                        + String.join(
                                                " or ", ends.stream().sorted().toList()),
                                start);
                    }
                    nesting--;
                    return body;
                }
                default -> throw new TemplateException("unexpected " + token.shown(), token.line());
            }
        }
    }

    /** The statements of a block that is only a mark around them. */
    private List<Statement> last = List.of();

    private Statement statement() {
        Token name = tokens.expect(Kind.NAME, "the name of a block");
        int line = name.line();
        return switch (name.text()) {
            case "if" -> ifBlock(line);
            case "for" -> forBlock(line);
            case "set" -> setBlock(line);
            case "macro" -> macro(line);
            case "call" -> call(line);
            case "filter" -> {
                Expression filter = expressions.filter(null);
                while (tokens.current().isOperator("|")) {
                    filter = expressions.filter(filter);
                }
                yield new Statement.FilterBlock(filter, blockUntil("endfilter"), line);
            }
            case "with" -> with(line);
            case "generation" -> {
                last = blockUntil("endgeneration");
                yield null;
            }
            case "break", "continue" -> {
                if (loops == 0) {
                    throw new TemplateException("'" + name.text() + "' outside of a loop", line);
                }
                yield name.text().equals("break") ? new Statement.Break(line) : new Statement.Continue(line);
            }
            default ->
                throw new TemplateException(
                        "block " + name.shown() + " is not supported, expected one of " + KNOWN, line);
        };
    }

    private List<Statement> blockUntil(String end) {
        tokens.expect(Kind.BLOCK_END, "'%}'");
        List<Statement> body = body(Set.of(end));
        tokens.next();
        return body;
    }

    private Statement ifBlock(int line) {
        List<Expression> conditions = new ArrayList<>();
        List<List<Statement>> bodies = new ArrayList<>();
        conditions.add(expressions.tuple(false));
        while (true) {
            tokens.expect(Kind.BLOCK_END, "'%}'");
            boolean isLast = conditions.size() == bodies.size() + 1
                    && conditions.getLast() instanceof Expression.Constant constant
                    && constant.line() < 0;
            bodies.add(body(isLast ? Set.of("endif") : Set.of("elif", "else", "endif")));
            switch (tokens.next().text()) {
                case "elif" -> conditions.add(expressions.tuple(false));
                case "else" -> conditions.add(new Expression.Constant(true, -1));
                default -> {
                    return new Statement.If(conditions, bodies, line);
                }
            }
        }
    }

    private Statement forBlock(int line) {
        Target target = target(false);
        if (!tokens.takeName("in")) {
            throw tokens.failure("expected 'in', found " + tokens.current().shown());
        }
        Expression items = expressions.tuple(false);
        Expression filter = tokens.takeName("if") ? expressions.expression() : null;
        boolean recursive = tokens.takeName("recursive");
        tokens.expect(Kind.BLOCK_END, "'%}'");
        loops++;
        List<Statement> body = body(Set.of("else", "endfor"));
        loops--;
        List<Statement> otherwise = List.of();
        if (tokens.next().text().equals("else")) {
            otherwise = blockUntil("endfor");
        }
        return new Statement.For(target, items, filter, recursive, body, otherwise, line);
    }

    private Statement setBlock(int line) {
        Target target = target(true);
        if (tokens.takeOperator("=")) {
            return new Statement.Set(target, expressions.tuple(true), line);
        }
        Expression filter = null;
        while (tokens.current().isOperator("|")) {
            filter = expressions.filter(filter);
        }
        return new Statement.SetBlock(target, filter, blockUntil("endset"), line);
    }

    private Target target(boolean members) {
        List<Target> parts = new ArrayList<>();
        boolean several = false;
        while (true) {
            if (tokens.takeOperator("(")) {
                parts.add(target(members));
                tokens.expectOperator(")");
            } else {
                String name = tokens.expect(Kind.NAME, "a name").text();
                boolean member = members && tokens.takeOperator(".");
                parts.add(
                        member
                                ? new Target.Member(
                                        name, tokens.expect(Kind.NAME, "a name").text())
                                : new Target.Variable(name));
            }
            if (!tokens.takeOperator(",")) {
                return several || parts.size() > 1 ? new Target.Several(parts) : parts.getFirst();
            }
            several = true;
            if (tokens.current().kind() != Kind.NAME && !tokens.current().isOperator("(")
                    || tokens.current().isName("in")) {
                return new Target.Several(parts);
            }
        }
    }

    private Statement macro(int line) {
        String name = tokens.expect(Kind.NAME, "the name of the macro").text();
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        signature(parameters, defaults);
        return new Statement.Macro(name, parameters, defaults, macroBody("endmacro"), line);
    }

    private List<Statement> macroBody(String end) {
        int outer = loops;
        loops = 0;
        List<Statement> body = blockUntil(end);
        loops = outer;
        return body;
    }

    private void signature(List<String> parameters, List<Expression> defaults) {
        tokens.expectOperator("(");
        while (!tokens.takeOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
            }
            parameters.add(tokens.expect(Kind.NAME, "the name of a parameter").text());
            if (tokens.takeOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw tokens.failure("a parameter without a default follows one with a default");
            }
        }
    }

    private Statement call(int line) {
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        if (tokens.current().isOperator("(")) {
            signature(parameters, defaults);
        }
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw new TemplateException("a call block needs a call", line);
        }
        return new Statement.CallBlock(call, parameters, defaults, macroBody("endcall"), line);
    }

    private Statement with(int line) {
        List<String> names = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (tokens.current().kind() != Kind.BLOCK_END) {
            if (!names.isEmpty()) {
                tokens.expectOperator(",");
            }
            names.add(tokens.expect(Kind.NAME, "a name").text());
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Statement.With(names, values, blockUntil("endwith"), line);
    }
}
