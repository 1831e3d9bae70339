package tilewright.hw.hls;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import tilewright.hw.hls.CppScope.Variable;

/** Rules between the options of one pragma and what they name; each option is already known to be legal by itself. */
final class PragmaValues {
    private static final long AXI4_BURST = 256;

    private final PragmaLinter linter;

    PragmaValues(PragmaLinter linter) {
        this.linter = linter;
    }

    void check(Pragma pragma) {
        switch (pragma.directive().name()) {
            case "array_partition", "array_reshape" -> partition(pragma);
            case "interface" -> port(pragma);
            case "bind_storage" -> storage(pragma);
            case "bind_op" -> operation(pragma);
            case "loop_tripcount" -> {
                if (pragma.option("max").isEmpty()) {
                    linter.error(pragma, "needs max=; add it");
                }
                ordered(pragma, "min", "max");
                ordered(pragma, "min", "avg");
                ordered(pragma, "avg", "max");
            }
            case "latency" -> ordered(pragma, "min", "max");
            case "dependence" -> {
                if (pragma.option("distance").isPresent() && pragma.has("dependent", "false")) {
                    linter.error(pragma, "a distance means nothing with dependent=false; remove one");
                }
            }
            case "pipeline" -> contradiction(pragma, "II");
            case "unroll" -> contradiction(pragma, "factor");
            default -> {}
        }
    }

    private void contradiction(Pragma pragma, String option) {
        if (pragma.off() && pragma.option(option).isPresent()) {
            linter.warning(pragma, "off and %s contradict each other; keep one".formatted(option));
        }
    }

    private void ordered(Pragma pragma, String low, String high) {
        OptionalLong a = linter.value(pragma, low).number();
        OptionalLong b = linter.value(pragma, high).number();
        if (a.isPresent() && b.isPresent() && a.getAsLong() > b.getAsLong()) {
            linter.error(
                    pragma,
                    "%s is %d, more than %s, which is %d; exchange them"
                            .formatted(low, a.getAsLong(), high, b.getAsLong()));
        }
    }

    // ---- arrays ----

    private void partition(Pragma pragma) {
        if (pragma.off()) {
            return;
        }
        boolean complete =
                pragma.has("type", "complete") || pragma.option("type").isEmpty();
        String type = pragma.option("type").orElse("complete").toLowerCase(Locale.ROOT);
        if (!complete && pragma.option("factor").isEmpty()) {
            linter.error(pragma, "type=%s needs a factor; add factor=<banks>".formatted(type));
        }
        if (complete && pragma.option("factor").isPresent()) {
            linter.warning(pragma, "type=complete ignores the factor; remove it, or use type=cyclic or type=block");
        }
        for (String name : pragma.option("variable").orElseThrow().split(",")) {
            // Of a member or an element nothing is known here.
            Variable array =
                    pragma.place().scope().visible(name, pragma.place().line()).orElse(null);
            if (array != null && array.scalar()) {
                linter.error(pragma, "'%s' is %s, not an array; name an array".formatted(name, array.type()));
            } else if (array != null && !array.dimensions().isEmpty()) {
                dimensions(pragma, array, complete);
            }
        }
    }

    private void dimensions(Pragma pragma, Variable array, boolean complete) {
        int count = array.dimensions().size();
        OptionalLong given = pragma.option("dim").isEmpty()
                ? OptionalLong.of(1)
                : linter.value(pragma, "dim").number();
        if (given.isPresent() && given.getAsLong() > count) {
            linter.error(
                    pragma,
                    "dim is %d but '%s' has %d; use 1 to %d, or 0 for all"
                            .formatted(given.getAsLong(), array.name(), count, count));
            return;
        }
        OptionalLong factor = linter.value(pragma, "factor").number();
        if (given.isEmpty() || factor.isEmpty() || complete) {
            return;
        }
        int only = (int) given.getAsLong();
        for (int dim = 1; dim <= count; dim++) {
            List<CppToken> size = array.dimensions().get(dim - 1);
            OptionalLong length = linter.number(pragma.place(), size);
            if ((only == 0 || only == dim) && length.isPresent() && factor.getAsLong() > length.getAsLong()) {
                linter.error(
                        pragma,
                        "factor %d is more than dimension %d of '%s', which is %d; use at most that, or type=complete"
                                .formatted(factor.getAsLong(), dim, array.name(), length.getAsLong()));
            }
        }
    }

    // ---- ports ----

    private void port(Pragma pragma) {
        String mode = pragma.option("mode").orElseThrow().toLowerCase(Locale.ROOT);
        boolean control = mode.startsWith("ap_ctrl_");
        Optional<String> port = pragma.option("port");
        if (port.isEmpty() && !control) {
            linter.error(pragma, "mode=%s needs port=; name a parameter".formatted(mode));
            return;
        }
        if (control && port.isPresent() && !port.get().equals("return")) {
            linter.error(pragma, "mode=%s is of the whole function; use port=return".formatted(mode));
            return;
        }
        List<String> takes = HlsDirective.INTERFACE_OPTIONS.get(mode);
        for (String option : pragma.options().keySet()) {
            if (!takes.contains(option) && !option.equals("mode") && !option.equals("port")) {
                linter.error(
                        pragma, "mode=%s takes no '%s'; it takes %s".formatted(mode, option, String.join(", ", takes)));
            }
        }
        pragma.option("bundle")
                .filter(bundle -> !bundle.matches("[A-Za-z_]\\w*"))
                .ifPresent(bundle ->
                        linter.error(pragma, "bundle '%s' is no name; use letters, digits and _".formatted(bundle)));
        if (mode.equals("m_axi")) {
            pragma.ports().forEach(name -> memoryPort(pragma, name));
        }
    }

    private void memoryPort(Pragma pragma, String port) {
        Variable parameter = pragma.place().scope().parameters.get(port);
        if (port.equals("return") || parameter != null && parameter.scalar()) {
            linter.error(
                    pragma,
                    "mode=m_axi needs a pointer or an array, '%s' is %s; use mode=s_axilite"
                            .formatted(port, parameter == null ? "the return value" : parameter.type()));
        }
        for (String option : List.of("max_read_burst_length", "max_write_burst_length")) {
            OptionalLong length = linter.value(pragma, option).number();
            if (length.isPresent() && length.getAsLong() > AXI4_BURST) {
                linter.error(
                        pragma,
                        "%s is %d; an AXI4 burst has at most %d beats"
                                .formatted(option, length.getAsLong(), AXI4_BURST));
            }
        }
        pragma.option("offset")
                .filter(offset -> !List.of("direct", "off", "slave").contains(offset.toLowerCase(Locale.ROOT)))
                .ifPresent(offset -> linter.error(
                        pragma, "offset is '%s'; with mode=m_axi it is one of direct, off, slave".formatted(offset)));
    }

    // ---- resources ----

    private void storage(Pragma pragma) {
        String type = pragma.option("type").orElseThrow().toLowerCase(Locale.ROOT);
        List<String> possible = HlsDirective.STORAGE.get(type);
        pragma.option("impl")
                .filter(impl -> !possible.contains(impl.toLowerCase(Locale.ROOT)))
                .ifPresent(impl -> linter.error(
                        pragma,
                        "type=%s cannot be built with impl=%s; use %s"
                                .formatted(type, impl, String.join(", ", possible))));
    }

    private void operation(Pragma pragma) {
        String op = pragma.option("op").orElseThrow().toLowerCase(Locale.ROOT);
        pragma.option("impl")
                .filter(impl -> HlsDirective.INTEGER_OPERATIONS.contains(op)
                        && !HlsDirective.INTEGER_IMPLEMENTATIONS.contains(impl.toLowerCase(Locale.ROOT)))
                .ifPresent(impl -> linter.error(
                        pragma,
                        "op=%s cannot be built with impl=%s; use %s"
                                .formatted(op, impl, String.join(", ", HlsDirective.INTEGER_IMPLEMENTATIONS))));
    }
}
