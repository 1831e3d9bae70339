package tilewright.model.family.language;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.family.language.Expression.Place;
import tilewright.model.family.language.FamilyFile.Alias;
import tilewright.model.family.language.FamilyFile.GgufArchitecture;
import tilewright.model.family.language.FamilyFile.Setting;
import tilewright.model.family.language.FamilyFile.TensorRule;

/** Reads a family file: header lines, definitions, statements. */
final class FileParser {
    private final Words words;
    private final ExpressionParser expressions;
    private final List<String> modelTypes = new ArrayList<>();
    private final List<String> architectures = new ArrayList<>();
    private final List<String> uses = new ArrayList<>();
    private final List<Setting> defaults = new ArrayList<>();
    private final List<GgufArchitecture> ggufs = new ArrayList<>();
    private final List<Setting> ggufConfig = new ArrayList<>();
    private final List<TensorRule> ggufTensors = new ArrayList<>();
    private final List<Alias> aliases = new ArrayList<>();
    private final List<String> ignored = new ArrayList<>();
    private final List<Statement> body = new ArrayList<>();
    private String source = "";
    private String inner;

    private FileParser(Words words) {
        this.words = words;
        this.expressions = new ExpressionParser(words);
    }

    /**
     * Reads a file.
     *
     * @param name without the ending
     * @throws tilewright.model.InvalidInputException {@code NAME.family:LINE: ...} at the first mistake
     */
    static FamilyFile parse(String name, String text) {
        String file = name + ".family";
        FileParser parser = new FileParser(new Words(file, Lexer.tokens(file, text)));
        while (!parser.words.at(Token.Kind.END)) {
            if (!parser.header()) {
                parser.body.add(parser.statement());
            }
        }
        return new FamilyFile(
                name,
                List.copyOf(parser.modelTypes),
                List.copyOf(parser.architectures),
                parser.source,
                List.copyOf(parser.uses),
                parser.inner,
                List.copyOf(parser.defaults),
                List.copyOf(parser.ggufs),
                List.copyOf(parser.ggufConfig),
                List.copyOf(parser.ggufTensors),
                List.copyOf(parser.aliases),
                List.copyOf(parser.ignored),
                List.copyOf(parser.body));
    }

    /** Reads a header line or block if one is next: a header word, and behind it what no statement has there. */
    private boolean header() {
        if (!words.at(Token.Kind.NAME)) {
            return false;
        }
        Token second = words.second();
        boolean string = second.kind() == Token.Kind.STRING;
        switch (words.peek().text()) {
            case "family" -> {
                return string && strings(modelTypes);
            }
            case "architectures" -> {
                return string && strings(architectures);
            }
            case "ignore" -> {
                return string && strings(ignored);
            }
            case "source" -> {
                if (string) {
                    words.next();
                    source = words.next().text();
                    end();
                }
                return string;
            }
            case "inside" -> {
                if (string) {
                    words.next();
                    inner = words.next().text();
                    end();
                }
                return string;
            }
            case "alias" -> {
                if (string) {
                    words.next();
                    String from = words.next().text();
                    words.expect("=");
                    aliases.add(
                            new Alias(from, words.expect(Token.Kind.STRING, "the other spelling in double quotes")));
                    end();
                }
                return string;
            }
            case "use" -> {
                return second.kind() == Token.Kind.NAME && use();
            }
            case "defaults" -> {
                return second.is(":") && settings(defaults);
            }
            case "gguf" -> {
                return gguf(second);
            }
            default -> {
                return false;
            }
        }
    }

    private boolean strings(List<String> list) {
        words.next();
        do {
            list.add(words.expect(Token.Kind.STRING, "a string"));
        } while (words.take(","));
        end();
        return true;
    }

    private boolean use() {
        words.next();
        do {
            uses.add(words.expect(Token.Kind.NAME, "the name of a shared file"));
        } while (words.take(","));
        end();
        return true;
    }

    private boolean gguf(Token second) {
        if (second.kind() == Token.Kind.STRING) {
            words.next();
            String name = words.next().text();
            ggufs.add(new GgufArchitecture(name, words.take("if") ? expressions.read() : null));
            end();
            return true;
        }
        if (second.is("config")) {
            words.next();
            return settings(ggufConfig);
        }
        if (second.is("tensors")) {
            words.next();
            block(() -> {
                String pattern = words.expect(Token.Kind.STRING, "a tensor name in double quotes");
                words.expect("=");
                ggufTensors.add(new TensorRule(pattern, expressions.read()));
                end();
            });
            return true;
        }
        return false;
    }

    private boolean settings(List<Setting> list) {
        block(() -> {
            String key = words.expect(Token.Kind.NAME, "a configuration key");
            boolean replacesNull = words.take("??=");
            if (!replacesNull) {
                words.expect("=");
            }
            list.add(new Setting(key, replacesNull, expressions.read()));
            end();
        });
        return true;
    }

    /** A word, a colon, and an indented block of lines. */
    private void block(Runnable line) {
        words.next();
        words.expect(":");
        open();
        while (!words.at(Token.Kind.DEDENT)) {
            line.run();
        }
        words.next();
    }

    private void open() {
        words.expect(Token.Kind.NEWLINE, "the end of the line");
        words.expect(Token.Kind.INDENT, "an indented line");
    }

    private void end() {
        words.expect(Token.Kind.NEWLINE, "the end of the line");
    }

    private List<Statement> block() {
        words.expect(":");
        open();
        List<Statement> statements = new ArrayList<>();
        while (!words.at(Token.Kind.DEDENT)) {
            statements.add(statement());
        }
        words.next();
        return List.copyOf(statements);
    }

    private Statement statement() {
        Place place = words.place();
        if (words.at(Token.Kind.INDENT)) {
            throw words.problem("is indented, but the line before opens no block");
        }
        if (words.at(Token.Kind.NAME)) {
            switch (words.peek().text()) {
                case "def" -> {
                    return define(place);
                }
                case "for" -> {
                    words.next();
                    String variable = words.expect(Token.Kind.NAME, "a variable");
                    words.expect("in");
                    Expression items = expressions.read();
                    return new Statement.For(variable, items, block(), place);
                }
                case "if" -> {
                    return branches(place);
                }
                case "scope" -> {
                    words.next();
                    Expression name = expressions.read();
                    return new Statement.Scope(name, block(), place);
                }
                case "return" -> {
                    words.next();
                    Expression value = words.at(Token.Kind.NEWLINE) ? null : tuple();
                    end();
                    return new Statement.Return(value, place);
                }
                default -> {}
            }
        }
        return assignment(place);
    }

    private Statement assignment(Place place) {
        if (words.at(Token.Kind.NAME)
                && (words.second().is("=") || words.second().is(","))) {
            List<String> names = new ArrayList<>();
            do {
                names.add(words.expect(Token.Kind.NAME, "a variable"));
            } while (words.take(","));
            words.expect("=");
            Expression value = expressions.read();
            end();
            return new Statement.Assign(List.copyOf(names), value, place);
        }
        Expression value = expressions.read();
        end();
        return new Statement.Run(value, place);
    }

    /** One value, or several as a list. */
    private Expression tuple() {
        Place place = words.place();
        List<Expression> values = new ArrayList<>();
        do {
            values.add(expressions.read());
        } while (words.take(","));
        return values.size() == 1 ? values.getFirst() : new Expression.Listed(values, place);
    }

    private Statement define(Place place) {
        words.next();
        String name = words.expect(Token.Kind.NAME, "the function's name");
        words.expect("(");
        List<Statement.Parameter> parameters = new ArrayList<>();
        while (!words.take(")")) {
            String parameter = words.expect(Token.Kind.NAME, "a parameter");
            parameters.add(new Statement.Parameter(parameter, words.take("=") ? expressions.read() : null));
            if (!words.at(")")) {
                words.expect(",");
            }
        }
        return new Statement.Define(name, List.copyOf(parameters), block(), place);
    }

    private Statement branches(Place place) {
        List<Statement.Branch> branches = new ArrayList<>();
        words.next();
        Expression condition = expressions.read();
        branches.add(new Statement.Branch(condition, block()));
        while (words.take("elif")) {
            Expression next = expressions.read();
            branches.add(new Statement.Branch(next, block()));
        }
        if (words.take("else")) {
            branches.add(new Statement.Branch(null, block()));
        }
        return new Statement.If(List.copyOf(branches), place);
    }
}
