package tilewright.hw.hls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tilewright.hw.hls.CppScope.Variable;
import tilewright.hw.hls.Finding.Severity;
import tilewright.hw.hls.HlsDirective.Kind;
import tilewright.hw.hls.HlsDirective.Option;

/**
 * Checks the {@code #pragma HLS} lines of C++ files, which no open compiler reads: directives and options exist, values
 * are legal, variables and ports are declared, factors fit the dimensions, pragmas stand where they mean something, loops
 * that carry a pipeline have a label, and nothing repeats or contradicts.
 *
 * <p>The rules are those of Vitis HLS (UG1399). Integers may be constants of any of the files; what depends on a template
 * parameter is taken as right.
 */
public final class PragmaLinter {
    private static final Pattern HLS = Pattern.compile("(\\w+)\\b\\s*(.*)");

    private final String file;
    private final Map<String, Variable> constants;
    private final List<Finding> findings;

    private PragmaLinter(String file, Map<String, Variable> constants, List<Finding> findings) {
        this.file = file;
        this.constants = constants;
        this.findings = findings;
    }

    /**
     * Checks files that belong together.
     *
     * @param files the text of each file by its name
     * @return what is wrong, file by file in the order given, by line; empty when all is well
     */
    public static List<Finding> lint(Map<String, String> files) {
        Map<String, CppScope> outlines = new LinkedHashMap<>();
        Map<String, List<Finding>> findings = new LinkedHashMap<>();
        Map<String, Variable> constants = new HashMap<>();
        files.forEach((name, text) -> {
            findings.put(name, new ArrayList<>());
            outlines.put(name, CppOutline.of(name, text, findings.get(name)));
        });
        outlines.values()
                .forEach(outline -> outline.variables.values().stream()
                        .filter(Variable::constant)
                        .forEach(constant -> constants.put(constant.name(), constant)));
        outlines.forEach((name, outline) -> new PragmaLinter(name, constants, findings.get(name)).region(outline));
        return findings.values().stream()
                .flatMap(of -> of.stream().sorted(Comparator.comparingInt(Finding::line)))
                .toList();
    }

    private void region(CppScope scope) {
        List<Pragma> pragmas = new ArrayList<>();
        for (CppScope.Place place : scope.pragmas) {
            read(place).ifPresent(pragma -> {
                pragmas.add(pragma);
                check(pragma);
            });
        }
        new PragmaPlacement(file, pragmas, findings).check(scope);
        scope.children.forEach(this::region);
    }

    // ---- spelling ----

    private Optional<Pragma> read(CppScope.Place place) {
        Matcher head = HLS.matcher(place.text());
        if (!head.matches() || !head.group(1).equals("HLS")) {
            if (head.matches() && NearestName.distance(head.group(1), "HLS") <= 1) {
                error(place, "'#pragma %s' is not read by the HLS tool; write '#pragma HLS'".formatted(head.group(1)));
            }
            return Optional.empty();
        }
        Matcher body = HLS.matcher(head.group(2));
        String name = body.matches() ? body.group(1) : "";
        Optional<HlsDirective> directive = HlsDirective.of(name);
        if (directive.isEmpty()) {
            String all = "known are " + String.join(", ", HlsDirective.names());
            error(place, "unknown directive '%s'%s".formatted(name, NearestName.hint(name, HlsDirective.names(), all)));
            return Optional.empty();
        }
        return options(directive.get(), place, body.group(2))
                .map(options -> new Pragma(directive.get(), place, options));
    }

    private Optional<Map<String, String>> options(HlsDirective directive, CppScope.Place place, String text) {
        Map<String, String> options = new LinkedHashMap<>();
        int before = findings.size();
        for (PragmaWords words = new PragmaWords(text); words.next(); ) {
            String name = words.name();
            boolean alone = words.value().isEmpty();
            if (words.unreadable()) {
                error(
                        place,
                        "%s: cannot read '%s'; options are written name=value"
                                .formatted(directive.name(), words.rest()));
                break;
            }
            Optional<Option> option = alone ? directive.alone(name) : directive.option(name);
            if (option.isEmpty()) {
                boolean lacksValue = alone && directive.option(name).isPresent();
                error(
                        place,
                        lacksValue
                                ? "%s: option '%s' has no value; write %s=<value>"
                                        .formatted(directive.name(), name, name)
                                : "%s: unknown option '%s'%s"
                                        .formatted(directive.name(), name, optionHint(directive, name)));
                continue;
            }
            String value = words.value().orElse(option.get().kind() == Kind.FLAG ? "true" : name);
            if (options.putIfAbsent(option.get().name(), value) != null) {
                error(
                        place,
                        "%s: option '%s' is given twice; keep one"
                                .formatted(directive.name(), option.get().name()));
            }
        }
        return findings.size() == before ? Optional.of(options) : Optional.empty();
    }

    private static String optionHint(HlsDirective directive, String name) {
        String takes = directive.options().isEmpty()
                ? directive.name() + " takes none"
                : "it takes " + String.join(", ", directive.optionNames());
        return NearestName.hint(name, directive.optionNames(), takes);
    }

    // ---- values ----

    private void check(Pragma pragma) {
        int before = findings.size();
        for (Option option : pragma.directive().options()) {
            Optional<String> value = pragma.option(option.name());
            if (value.isEmpty()) {
                if (option.required()) {
                    error(pragma, "needs %s=; add it".formatted(option.name()));
                }
                continue;
            }
            switch (option.kind()) {
                case CHOICE, FLAG -> choice(pragma, option, value.get());
                case INTEGER -> integer(pragma, option);
                case VARIABLE -> pragma.variables().forEach(name -> variable(pragma, name));
                case PORT -> pragma.ports().forEach(name -> port(pragma, name));
                case NAME -> {}
            }
        }
        if (findings.size() == before) {
            new PragmaValues(this).check(pragma);
        }
    }

    private void choice(Pragma pragma, Option option, String value) {
        List<String> words = option.kind() == Kind.FLAG ? List.of("false", "true") : option.choices();
        if (words.stream().noneMatch(value::equalsIgnoreCase)) {
            String all = "it is one of " + String.join(", ", words);
            error(pragma, "%s is '%s'%s".formatted(option.name(), value, NearestName.hint(value, words, all)));
        }
    }

    private void integer(Pragma pragma, Option option) {
        ConstantExpression.Value value = value(pragma, option.name());
        value.undefined()
                .ifPresent(name -> error(
                        pragma,
                        "%s names '%s', which is no constant here; declare it constexpr or write the number"
                                .formatted(option.name(), name)));
        if (value.number().isPresent() && value.number().getAsLong() < option.least()) {
            error(
                    pragma,
                    "%s is %d; it must be at least %d"
                            .formatted(option.name(), value.number().getAsLong(), option.least()));
        }
    }

    private void variable(Pragma pragma, String name) {
        CppScope scope = pragma.place().scope();
        if (name.equals("this") || scope.visible(name, pragma.place().line()).isPresent()) {
            return;
        }
        String where = scope.function().map(CppScope::described).orElse("the file");
        Optional<Variable> hidden = scope.function().flatMap(function -> function.anywhere(name));
        Set<String> names = scope.visibleNames(pragma.place().line());
        if (hidden.isPresent()) {
            error(
                    pragma,
                    "variable '%s' is declared at line %d, out of sight of this pragma; move the pragma below that line, in the same block"
                            .formatted(name, hidden.get().line()));
        } else {
            error(
                    pragma,
                    "variable '%s' is not declared in %s%s"
                            .formatted(name, where, NearestName.hint(name, names, "declared are " + listed(names))));
        }
    }

    private void port(Pragma pragma, String name) {
        CppScope function = pragma.place().scope();
        if (function.kind != CppScope.Kind.FUNCTION || name.equals("return")) {
            return;
        }
        Set<String> names = function.parameters.keySet();
        if (!names.contains(name)) {
            error(
                    pragma,
                    "port '%s' is no parameter of %s%s"
                            .formatted(
                                    name,
                                    function.described(),
                                    NearestName.hint(name, names, "its parameters are " + listed(names))));
        }
    }

    private static String listed(Set<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    /** The value of an integer option; none when the option is missing or its value is not known here. */
    ConstantExpression.Value value(Pragma pragma, String option) {
        return pragma.option(option)
                .map(text -> value(pragma.place(), CppToken.of(text)))
                .orElse(ConstantExpression.Value.UNKNOWN);
    }

    OptionalLong number(CppScope.Place place, List<CppToken> expression) {
        return value(place, expression).number();
    }

    private ConstantExpression.Value value(CppScope.Place place, List<CppToken> expression) {
        return new ConstantExpression(place.scope(), place.line(), constants).of(expression);
    }

    void error(Pragma pragma, String message) {
        error(pragma.place(), pragma.directive().name().toLowerCase(Locale.ROOT) + ": " + message);
    }

    void warning(Pragma pragma, String message) {
        findings.add(new Finding(
                file,
                pragma.place().line(),
                Severity.WARNING,
                pragma.directive().name() + ": " + message));
    }

    private void error(CppScope.Place place, String message) {
        findings.add(new Finding(file, place.line(), Severity.ERROR, message));
    }
}
