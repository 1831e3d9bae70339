package tilewright.hw.hls;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tilewright.hw.hls.CppScope.Variable;

/** Reads declarations of variables and parameters from tokens. */
final class CppDeclarator {
    private static final Set<String> SPECIFIERS = Set.of(
            "static",
            "const",
            "constexpr",
            "volatile",
            "mutable",
            "inline",
            "extern",
            "register",
            "thread_local",
            "hls_thread_local",
            "typename",
            "struct",
            "class",
            "union");
    private static final Set<String> BUILT_IN =
            Set.of("unsigned", "signed", "int", "short", "long", "char", "bool", "float", "double", "auto", "void");

    private final List<CppToken> tokens;
    private int at;
    private boolean constant;
    private String type = "";

    private CppDeclarator(List<CppToken> tokens) {
        this.tokens = tokens;
    }

    /** Declares in {@code scope} what a statement declares; nothing when it is no declaration. */
    static void declare(CppScope scope, List<CppToken> statement) {
        CppDeclarator reader = new CppDeclarator(statement);
        if (!reader.type()) {
            return;
        }
        do {
            Variable variable = reader.declarator();
            if (variable == null) {
                return;
            }
            scope.declare(variable);
        } while (reader.nextDeclarator());
    }

    /** Declares the parameters of a function, given what stands between its parentheses. */
    static void parameters(CppScope function, List<CppToken> list) {
        for (int start = 0; start < list.size(); ) {
            int end = start;
            while (end < list.size() && !list.get(end).is(",")) {
                end = after(list, end, start);
            }
            CppDeclarator reader = new CppDeclarator(list.subList(start, end));
            if (reader.type()) {
                Variable variable = reader.declarator();
                if (variable != null) {
                    // A parameter is no constant, even when it is declared const.
                    Variable parameter = new Variable(
                            variable.name(),
                            variable.line(),
                            variable.type(),
                            variable.pointer(),
                            variable.dimensions(),
                            List.of(),
                            false);
                    function.declare(parameter);
                    function.parameters.put(parameter.name(), parameter);
                }
            }
            start = end + 1;
        }
    }

    private boolean type() {
        if (at < tokens.size() && here().equals("[")) { // an attribute
            at = matching(tokens, at) + 1;
        }
        int start = at;
        while (at < tokens.size() && SPECIFIERS.contains(here())) {
            constant |= here().startsWith("const");
            at++;
        }
        int first = at;
        while (at < tokens.size() && BUILT_IN.contains(here())) {
            at++;
        }
        if (at == first) {
            if (at >= tokens.size() || !tokens.get(at).isName()) {
                return false;
            }
            at++;
            while (at < tokens.size() && (here().equals("::") || here().equals("<"))) {
                at = here().equals("<") ? afterAngles(tokens, at) : at + 2;
            }
        }
        while (at < tokens.size() && SPECIFIERS.contains(here())) { // as in: int const
            constant |= here().startsWith("const");
            at++;
        }
        type = tokens.subList(Math.min(start, at), Math.min(at, tokens.size())).stream()
                .map(CppToken::text)
                .filter(word -> !SPECIFIERS.contains(word))
                .collect(Collectors.joining(" "));
        return true;
    }

    /** One name with its dimensions and initialiser; null when there is none. */
    private Variable declarator() {
        boolean pointer = false;
        while (at < tokens.size()
                && Set.of("*", "&", "const", "__restrict__", "__restrict").contains(here())) {
            pointer |= here().equals("*");
            at++;
        }
        boolean wrapped = at + 3 < tokens.size()
                && here().equals("(")
                && Set.of("*", "&").contains(tokens.get(at + 1).text())
                && tokens.get(at + 3).is(")");
        at += wrapped ? 2 : 0;
        if (at >= tokens.size() || !tokens.get(at).isName()) {
            return null;
        }
        CppToken name = tokens.get(at);
        at += wrapped ? 2 : 1;
        List<List<CppToken>> dimensions = new ArrayList<>();
        while (at < tokens.size() && here().equals("[")) {
            int end = matching(tokens, at);
            dimensions.add(tokens.subList(Math.min(at + 1, end), end));
            at = end + 1;
        }
        if (at < tokens.size() && !Set.of("=", ",", "(", "{", ":").contains(here())
                || wrapped && dimensions.isEmpty()) {
            return null;
        }
        List<CppToken> value = initialiser();
        boolean known = constant && !pointer && dimensions.isEmpty() && !value.isEmpty();
        return new Variable(name.text(), name.line(), type, pointer, dimensions, known ? value : List.of(), known);
    }

    private List<CppToken> initialiser() {
        if (at >= tokens.size() || here().equals(",")) {
            return List.of();
        }
        boolean braces = here().equals("{") || here().equals("(");
        int start = at + 1;
        int end = braces ? matching(tokens, at) : start;
        while (!braces && end < tokens.size() && !tokens.get(end).is(",")) {
            end = after(tokens, end, start);
        }
        at = braces ? end + 1 : end;
        int last = Math.min(end, tokens.size());
        return tokens.subList(Math.min(start, last), last);
    }

    private boolean nextDeclarator() {
        boolean more = at < tokens.size() && here().equals(",");
        at++;
        return more;
    }

    private String here() {
        return tokens.get(at).text();
    }

    /** The index after one token, or after a whole group of brackets or template arguments. */
    private static int after(List<CppToken> tokens, int index, int start) {
        CppToken token = tokens.get(index);
        if (token.is("(") || token.is("[") || token.is("{")) {
            return matching(tokens, index) + 1;
        }
        boolean angle = token.is("<") && index > start && tokens.get(index - 1).isName();
        return angle ? afterAngles(tokens, index) : index + 1;
    }

    /** The index of the bracket that closes the one at {@code open}; the number of tokens when none does. */
    static int matching(List<CppToken> tokens, int open) {
        int depth = 0;
        for (int i = open; i < tokens.size(); i++) {
            CppToken token = tokens.get(i);
            if (token.is("(") || token.is("[") || token.is("{")) {
                depth++;
            } else if (token.is(")") || token.is("]") || token.is("}")) {
                depth--;
                if (depth == 0) {
                    return i;
                }
            }
        }
        return tokens.size();
    }

    /** The index after the template arguments that open at an angle bracket; after the bracket when it is "less than". */
    static int afterAngles(List<CppToken> tokens, int open) {
        int depth = 0;
        for (int i = open; i < tokens.size(); i++) {
            CppToken token = tokens.get(i);
            if (token.is("<")) {
                depth++;
            } else if (token.is(">")) {
                depth--;
                if (depth == 0) {
                    return i + 1;
                }
            } else if (token.is("(") || token.is("[")) {
                i = matching(tokens, i);
            } else if (token.is(";") || token.is("{") || token.is("}") || token.is(")") || token.is("]")) {
                break;
            }
        }
        return open + 1;
    }
}
