package tilewright.hw.hls;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@code #pragma HLS} line that was understood.
 *
 * @param directive its directive
 * @param place where it stands
 * @param options its options by the names of the table, with the values as written; {@code "true"} for a bare flag
 */
record Pragma(HlsDirective directive, CppScope.Place place, Map<String, String> options) {
    Pragma {
        options = new LinkedHashMap<>(options);
    }

    boolean is(String name) {
        return directive.name().equals(name);
    }

    Optional<String> option(String name) {
        return Optional.ofNullable(options.get(name));
    }

    /** Whether an option has this value, in any case. */
    boolean has(String name, String value) {
        return value.equalsIgnoreCase(options.get(name));
    }

    boolean off() {
        return has("off", "true");
    }

    /** The variables it names, without members and indices: {@code a} of {@code a.b[0]}. */
    List<String> variables() {
        return names("variable");
    }

    /** The ports it names, likewise. */
    List<String> ports() {
        return names("port");
    }

    private List<String> names(String option) {
        return option(option).stream()
                .flatMap(text -> Arrays.stream(text.split(",")))
                .map(name -> name.replaceFirst("[.\\[].*|->.*", ""))
                .toList();
    }
}
