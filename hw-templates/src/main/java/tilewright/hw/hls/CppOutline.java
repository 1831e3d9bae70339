package tilewright.hw.hls;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.hw.hls.CppScope.Kind;
import tilewright.hw.hls.CppScope.Variable;

/**
 * Reads the outline of a C++ file: functions with their parameters, loops with their labels, blocks, declared names with
 * their dimensions, constants, and where the pragmas stand. It needs code that compiles; it is no check of C++.
 */
final class CppOutline {
    private static final Set<String> NO_DECLARATION = Set.of(
            "return",
            "goto",
            "break",
            "continue",
            "throw",
            "delete",
            "new",
            "using",
            "typedef",
            "static_assert",
            "friend",
            "sizeof",
            "asm",
            "public",
            "private",
            "protected",
            "case",
            "else");

    private final List<CppToken> tokens;
    private final CppScope file = new CppScope(Kind.FILE, null, 1, "");
    private final List<Finding> findings = new ArrayList<>();
    private final String fileName;
    private final Map<String, Integer> labels = new LinkedHashMap<>();
    private int at;

    private CppOutline(String fileName, String text) {
        this.fileName = fileName;
        this.tokens = CppToken.of(text);
    }

    /** The outline of a file; what is wrong with its labels and braces goes to {@code findings}. */
    static CppScope of(String fileName, String text, List<Finding> findings) {
        CppOutline outline = new CppOutline(fileName, text);
        outline.declarations(outline.file);
        if (outline.at < outline.tokens.size()) {
            outline.error(outline.tokens.get(outline.at).line(), "a '}' closes nothing; remove it, or open its block");
        }
        findings.addAll(outline.findings);
        return outline.file;
    }

    // ---- file, namespace and struct level ----

    private void declarations(CppScope scope) {
        while (at < tokens.size() && !here("}")) {
            declaration(scope);
        }
    }

    private void declaration(CppScope scope) {
        List<String> templates = new ArrayList<>();
        while (here("template")) {
            at++;
            templates.addAll(templateNames());
        }
        if (at >= tokens.size() || meta(scope)) {
            return;
        }
        CppToken first = peek();
        switch (first.text()) {
            case ";" -> at++;
            case "namespace" -> {
                skipTo("{", ";");
                nested(scope, first.line());
            }
            case "using", "typedef", "static_assert", "friend" -> skipStatement();
            case "enum" -> enumeration(scope);
            case "public", "private", "protected" -> at += 2;
            default -> {
                if (first.is("extern")
                        && at + 1 < tokens.size()
                        && tokens.get(at + 1).kind() == CppToken.Kind.STRING) {
                    at += 2;
                    nested(scope, first.line());
                } else if (!struct(scope, templates)) {
                    functionOrVariable(scope, templates);
                }
            }
        }
    }

    private void nested(CppScope scope, int line) {
        if (here("{")) {
            at++;
            declarations(scope);
            close(line, "a namespace");
        } else if (here(";")) {
            at++;
        }
    }

    private boolean struct(CppScope scope, List<String> templates) {
        if (!here("struct") && !here("class") && !here("union")) {
            return false;
        }
        int end = at;
        while (end < tokens.size() && !isOneOf(end, "{", ";", "(", "=")) {
            end++;
        }
        if (end == tokens.size() || !tokens.get(end).is("{")) {
            return false;
        }
        CppScope struct = new CppScope(
                Kind.STRUCT, scope, peek().line(), tokens.get(at + 1).text());
        templates.forEach(name -> struct.declare(unknown(name, struct.line)));
        at = end + 1;
        declarations(struct);
        close(struct.line, struct.described());
        skipStatement();
        return true;
    }

    private void enumeration(CppScope scope) {
        skipTo("{", ";");
        if (here("{")) {
            int end = matching(at);
            for (int i = at + 1; i < end; i++) {
                if (tokens.get(i).isName() && isOneOf(i - 1, "{", ",")) {
                    scope.declare(unknown(tokens.get(i).text(), tokens.get(i).line()));
                }
            }
            at = end + 1;
        }
        skipStatement();
    }

    private void functionOrVariable(CppScope scope, List<String> templates) {
        int start = at;
        int open = -1;
        while (at < tokens.size() && !here(";") && !here("{") && !here("=") && !here("}")) {
            if (here("<") && at > start && tokens.get(at - 1).isName()) {
                at = afterAngles(at);
            } else if (here("(") || here("[")) {
                boolean attribute = here("(") && at > 0 && tokens.get(at - 1).is("__attribute__");
                open = here("(") && open < 0 && !attribute ? at : open;
                at = matching(at) + 1;
            } else {
                at++;
            }
        }
        if (!here("{") || open <= start) {
            at = start;
            int end = statementEnd();
            CppDeclarator.declare(scope, slice(start, end));
            at = Math.min(end + 1, tokens.size());
            return;
        }
        CppScope function = new CppScope(
                Kind.FUNCTION,
                scope,
                tokens.get(start).line(),
                tokens.get(open - 1).text());
        templates.forEach(name -> function.declare(unknown(name, function.line)));
        CppDeclarator.parameters(function, slice(open + 1, matching(open)));
        labels.clear();
        at++;
        block(function);
        close(function.line, function.described());
    }

    private List<String> templateNames() {
        List<String> names = new ArrayList<>();
        int end = here("<") ? afterAngles(at) : at;
        for (int i = at + 1; i < end; i++) {
            if (tokens.get(i).isName() && isOneOf(i + 1, ",", "=", ">")) {
                names.add(tokens.get(i).text());
            }
        }
        at = end;
        return names;
    }

    // ---- statements ----

    private void block(CppScope scope) {
        while (at < tokens.size() && !here("}")) {
            statement(scope, "");
        }
    }

    private void statement(CppScope scope, String label) {
        if (at >= tokens.size() || meta(scope)) {
            return;
        }
        CppToken first = peek();
        boolean labelled =
                first.isName() && at + 1 < tokens.size() && tokens.get(at + 1).is(":");
        if (labelled && !first.is("default")) {
            label(scope, first);
            at += 2;
            statement(scope, first.text());
            return;
        }
        switch (first.text()) {
            case "{" -> body(new CppScope(Kind.BLOCK, scope, first.line(), ""));
            case "for", "while" -> {
                CppScope loop = loop(scope, first, label);
                at++;
                int end = here("(") ? matching(at) : at;
                if (first.is("for")) {
                    CppDeclarator.declare(loop, slice(at + 1, statementEnd(at + 1, end)));
                }
                at = end + 1;
                body(loop);
            }
            case "do" -> {
                CppScope loop = loop(scope, first, label);
                at++;
                body(loop);
                skipStatement();
            }
            case "if", "switch", "catch" -> {
                skipTo("(", ";");
                at = here("(") ? matching(at) + 1 : at;
                body(new CppScope(Kind.BLOCK, scope, first.line(), ""));
            }
            case "else", "try" -> {
                at++;
                body(new CppScope(Kind.BLOCK, scope, first.line(), ""));
            }
            case "case", "default" -> {
                skipTo(":");
                at++;
                return;
            }
            case "enum" -> enumeration(scope);
            default -> {
                if (!struct(scope, List.of())) {
                    int end = statementEnd();
                    if (!NO_DECLARATION.contains(first.text())) {
                        CppDeclarator.declare(scope, slice(at, end));
                    }
                    inner(scope, end);
                    at = Math.min(end + 1, tokens.size());
                }
            }
        }
        scope.hasStatements = true;
    }

    /** Pragmas inside a statement, as in the body of a lambda, count for the region of the statement. */
    private void inner(CppScope scope, int end) {
        for (int i = at; i < end; i++) {
            if (tokens.get(i).kind() == CppToken.Kind.PRAGMA) {
                pragma(scope, tokens.get(i));
            }
        }
    }

    private CppScope loop(CppScope scope, CppToken keyword, String label) {
        CppScope loop = new CppScope(Kind.LOOP, scope, keyword.line(), label);
        int before = at - (label.isEmpty() ? 1 : 3);
        for (; before >= 0 && tokens.get(before).kind() == CppToken.Kind.PRAGMA; before--) {
            CppToken token = tokens.get(before);
            scope.pragmas.stream()
                    .filter(pragma -> pragma.line() == token.line())
                    .forEach(pragma -> scope.before.put(pragma, loop));
        }
        return loop;
    }

    private void body(CppScope scope) {
        while (at < tokens.size() && meta(scope)) {
            continue;
        }
        if (here("{")) {
            at++;
            block(scope);
            close(scope.line, scope.described());
        } else {
            statement(scope, "");
        }
    }

    private void label(CppScope scope, CppToken token) {
        Integer earlier = labels.putIfAbsent(token.text(), token.line());
        if (earlier != null) {
            error(
                    token.line(),
                    "label '%s' names line %d of %s already; give each loop a label of its own"
                            .formatted(
                                    token.text(),
                                    earlier,
                                    scope.function().map(CppScope::described).orElse("the file")));
        }
    }

    /** Takes a pragma or macro when one is next. */
    private boolean meta(CppScope scope) {
        CppToken token = peek();
        if (token.kind() == CppToken.Kind.PRAGMA) {
            pragma(scope, token);
        } else if (token.kind() == CppToken.Kind.MACRO) {
            String[] parts = token.text().split(" ", 2);
            List<CppToken> value = CppToken.of(parts[1]);
            file.declare(new Variable(parts[0], token.line(), "", false, List.of(), value, true));
        } else {
            return false;
        }
        at++;
        return true;
    }

    private static void pragma(CppScope scope, CppToken token) {
        scope.pragmas.add(new CppScope.Place(token.text(), token.line(), scope, !scope.hasStatements));
    }

    // ---- moving over tokens ----

    private static Variable unknown(String name, int line) {
        return new Variable(name, line, "", false, List.of(), List.of(), true);
    }

    private CppToken peek() {
        return tokens.get(at);
    }

    private boolean here(String symbol) {
        return isOneOf(at, symbol);
    }

    private boolean isOneOf(int index, String... symbols) {
        if (index < 0 || index >= tokens.size()) {
            return false;
        }
        for (String symbol : symbols) {
            if (tokens.get(index).is(symbol)) {
                return true;
            }
        }
        return false;
    }

    private void skipTo(String... symbols) {
        while (at < tokens.size() && !isOneOf(at, symbols)) {
            at++;
        }
    }

    private void skipStatement() {
        at = Math.min(statementEnd() + 1, tokens.size());
    }

    private int statementEnd() {
        return statementEnd(at, tokens.size());
    }

    /** The index of the semicolon that ends a statement, or of what ends its block. */
    private int statementEnd(int from, int limit) {
        int i = from;
        while (i < limit && !isOneOf(i, ";", "}", ")")) {
            i = isOneOf(i, "(", "[", "{") ? matching(i) + 1 : i + 1;
        }
        return Math.min(i, limit);
    }

    /** The tokens of an interval; of text with missing brackets what there is of it. */
    private List<CppToken> slice(int from, int to) {
        int end = Math.min(to, tokens.size());
        return tokens.subList(Math.min(from, end), end);
    }

    private int matching(int open) {
        return CppDeclarator.matching(tokens, open);
    }

    private int afterAngles(int open) {
        return CppDeclarator.afterAngles(tokens, open);
    }

    private void close(int line, String what) {
        if (here("}")) {
            at++;
        } else {
            error(line, "%s is not closed at the end of the file; add the missing '}'".formatted(what));
        }
    }

    private void error(int line, String message) {
        findings.add(new Finding(fileName, line, Finding.Severity.ERROR, message));
    }
}
