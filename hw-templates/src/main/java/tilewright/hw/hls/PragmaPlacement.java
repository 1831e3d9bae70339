package tilewright.hw.hls;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tilewright.hw.hls.Finding.Severity;

/** Rules between the pragmas of a region and the regions around it. */
final class PragmaPlacement {
    private static final Set<String> OF_LOOPS = Set.of("pipeline", "unroll", "loop_tripcount", "loop_flatten");

    private final String file;
    private final List<Pragma> pragmas;
    private final List<Finding> findings;

    /** Of one region: the pragmas that stand in it. */
    PragmaPlacement(String file, List<Pragma> pragmas, List<Finding> findings) {
        this.file = file;
        this.pragmas = pragmas;
        this.findings = findings;
    }

    void check(CppScope scope) {
        for (Pragma pragma : pragmas) {
            if (place(pragma, scope)) {
                misplaced(pragma, scope);
            }
        }
        repeats();
        exclusions(scope);
        if (scope.kind == CppScope.Kind.LOOP) {
            loop(scope);
        }
    }

    private boolean place(Pragma pragma, CppScope scope) {
        Set<CppScope.Kind> places = pragma.directive().places();
        if (places.contains(scope.kind)) {
            return true;
        }
        String wanted = places.stream()
                .sorted()
                .map(kind -> switch (kind) {
                    case FUNCTION -> "a function";
                    case LOOP -> "a loop";
                    default -> "a block";
                })
                .distinct()
                .collect(Collectors.joining(" or "));
        add(
                Severity.ERROR,
                pragma,
                "stands in %s; move it inside the braces of %s".formatted(scope.described(), wanted));
        return false;
    }

    /** A pragma directly above a loop belongs to the region around it, which is rarely what was meant. */
    private void misplaced(Pragma pragma, CppScope scope) {
        CppScope loop = scope.before.get(pragma.place());
        if (loop != null
                && OF_LOOPS.contains(pragma.directive().name())
                && !pragma.place().first()) {
            add(
                    Severity.WARNING,
                    pragma,
                    "stands above %s and so applies to %s; move it inside the braces of the loop"
                            .formatted(loop.described(), scope.described()));
        }
    }

    private void repeats() {
        Map<String, Pragma> seen = new HashMap<>();
        for (Pragma pragma : pragmas) {
            String what = pragma.directive().name().startsWith("array_")
                    ? "array"
                    : pragma.directive().name();
            String key = what + " " + pragma.option("variable").orElse("")
                    + switch (what) {
                        case "array" -> " " + pragma.option("dim").orElse("1");
                        case "interface" ->
                            pragma.option("port").orElse("return") + " "
                                    + pragma.option("mode").orElse("").toLowerCase(Locale.ROOT);
                        case "bind_op" -> pragma.option("op").orElse("");
                        case "allocation" -> pragma.option("instances").orElse("");
                        case "cache", "dependence", "alias" -> pragma.options();
                        default -> "";
                    };
            Pragma earlier = seen.putIfAbsent(key, pragma);
            if (earlier != null) {
                String same = earlier.directive().equals(pragma.directive()) ? "repeats" : "competes with";
                String of = pragma.option("variable")
                        .or(() -> pragma.option("port"))
                        .map(name -> " for '" + name + "'")
                        .orElse("");
                add(
                        Severity.WARNING,
                        pragma,
                        "%s the %s of line %d%s; keep one"
                                .formatted(
                                        same,
                                        earlier.directive().name(),
                                        earlier.place().line(),
                                        of));
            }
        }
    }

    private void exclusions(CppScope scope) {
        Optional<Pragma> pipeline = active("pipeline");
        active("dataflow")
                .filter(dataflow -> pipeline.isPresent())
                .ifPresent(dataflow -> add(
                        Severity.WARNING,
                        dataflow,
                        "excludes the pipeline of line %d in %s; keep one"
                                .formatted(pipeline.get().place().line(), scope.described())));
        active("unroll")
                .filter(unroll ->
                        pipeline.isPresent() && unroll.option("factor").isEmpty())
                .ifPresent(unroll -> add(
                        Severity.WARNING,
                        unroll,
                        "leaves nothing of %s to the pipeline of line %d; give a factor, or keep one"
                                .formatted(
                                        scope.described(),
                                        pipeline.get().place().line())));
    }

    private void loop(CppScope loop) {
        Optional<Pragma> pipeline = active("pipeline");
        if (pipeline.isEmpty()) {
            return;
        }
        if (loop.name.isEmpty()) {
            add(
                    Severity.ERROR,
                    pipeline.get(),
                    "%s has no label, so reports cannot name it; write 'NAME: ' before it".formatted(loop.described()));
        }
        for (CppScope outer = loop.parent; outer != null && outer.kind != CppScope.Kind.FILE; outer = outer.parent) {
            if (carries(outer, "pipeline", "off")) {
                add(
                        Severity.WARNING,
                        pipeline.get(),
                        "has no effect, the pipeline of %s unrolls %s; remove one"
                                .formatted(outer.described(), loop.described()));
                return;
            }
            if (carries(outer, "unroll", "off|factor")) {
                add(
                        Severity.WARNING,
                        pipeline.get(),
                        "%s is unrolled into copies of %s; exchange the loops, or pipeline the outer one"
                                .formatted(outer.described(), loop.described()));
                return;
            }
            if (outer.kind == CppScope.Kind.FUNCTION) {
                return;
            }
        }
    }

    /** Whether a region has a directive without any of the given options. */
    private static boolean carries(CppScope scope, String directive, String without) {
        return scope.pragmas.stream()
                .map(place -> place.text().toLowerCase(Locale.ROOT))
                .anyMatch(text ->
                        text.matches("hls\\s+" + directive + "\\b.*") && !text.matches(".*\\b(" + without + ")\\b.*"));
    }

    private Optional<Pragma> active(String directive) {
        return pragmas.stream()
                .filter(pragma -> pragma.is(directive) && !pragma.off())
                .findFirst();
    }

    private void add(Severity severity, Pragma pragma, String message) {
        findings.add(new Finding(
                file, pragma.place().line(), severity, pragma.directive().name() + ": " + message));
    }
}
