package tilewright.boards;

import static tilewright.boards.InvalidBoardException.quoted;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** One mapping of a board file, read key by key; whatever is wrong becomes an error with the line of the value. */
final class Fields {
    private static final int LONGEST_TEXT = 300;
    private static final int LONGEST_NUMBER = 40;
    private static final String SMALLEST = "0.000001";

    private final String file;
    private final String path;
    private final int line;
    private final YamlNode.Mapping mapping;

    private Fields(String file, String path, int line, YamlNode.Mapping mapping) {
        this.file = file;
        this.path = path;
        this.line = line;
        this.mapping = mapping;
    }

    /** The top of a board file; refuses anything but a mapping. */
    static Fields root(String file, YamlNode node) {
        if (node instanceof YamlNode.Mapping mapping) {
            return new Fields(file, "", mapping.line(), mapping);
        }
        throw InvalidBoardException.at(
                file,
                node.line(),
                "a board file is a mapping, this is " + node.described() + "; start with 'name: ...'");
    }

    /** The keys that are present, in the order of the file. */
    Set<String> keys() {
        return mapping.entries().keySet();
    }

    /** Whether {@code key} is present. */
    boolean has(String key) {
        return mapping.entries().containsKey(key);
    }

    /** Refuses the first key that is not in {@code known}, suggesting the nearest. */
    void allowOnly(Collection<String> known) {
        mapping.entries().forEach((key, entry) -> {
            if (!known.contains(key)) {
                String place = path.isEmpty() ? "" : " in " + path;
                throw InvalidBoardException.at(
                        file,
                        entry.keyLine(),
                        "unknown key " + quoted(key) + place + "; " + Nearest.hint(key, known) + "Known keys: "
                                + String.join(", ", known));
            }
        });
    }

    /** One line of text. */
    String text(String key) {
        YamlNode node = value(key, "TEXT");
        if (!(node instanceof YamlNode.Scalar scalar) || scalar.isEmpty()) {
            throw wrong(key, "text", "write one line of text");
        }
        if (scalar.isNumber()) {
            throw wrong(key, "text", "put it in quotes");
        }
        String text = scalar.text().strip();
        if (text.isEmpty() || text.length() > LONGEST_TEXT || text.chars().anyMatch(Character::isISOControl)) {
            throw wrong(key, "one line of 1 to " + LONGEST_TEXT + " characters", "shorten it or write it on one line");
        }
        return text;
    }

    /** One of the values of an enumeration, by its label. */
    <E extends Labelled> E choice(String key, List<E> values) {
        List<String> labels = values.stream().map(Labelled::label).toList();
        YamlNode node = value(key, String.join(" | ", labels));
        if (!(node instanceof YamlNode.Scalar scalar) || scalar.isEmpty()) {
            throw wrong(key, "one of " + String.join(", ", labels), "write one of them");
        }
        int found = labels.indexOf(scalar.text());
        if (found < 0) {
            throw fail(
                    key,
                    "is " + quoted(scalar.text()) + ", which is not known here; " + Nearest.hint(scalar.text(), labels)
                            + "Known: " + String.join(", ", labels));
        }
        return values.get(found);
    }

    /** One of all values of an enumeration, by its label. */
    <E extends Labelled> E choice(String key, E[] values) {
        return choice(key, Arrays.asList(values));
    }

    /** A whole number from {@code min} to {@code max}. */
    int integer(String key, int min, int max) {
        YamlNode node = value(key, "NUMBER");
        String expected = "an integer from " + min + " to " + max;
        if (!(node instanceof YamlNode.Scalar scalar
                && scalar.plain()
                && scalar.text().matches("[-+]?(0|[1-9][0-9]*)"))) {
            throw wrong(key, expected, "write decimal digits only, without quotes, units or separators");
        }
        return number(key, scalar.text(), BigDecimal.valueOf(min), BigDecimal.valueOf(max), expected)
                .intValueExact();
    }

    /** A number from a millionth to {@code max}, times 10^{@code power}. */
    double positive(String key, String max, int power) {
        YamlNode node = value(key, "NUMBER");
        String expected = "a number from " + SMALLEST + " to " + max;
        if (!(node instanceof YamlNode.Scalar scalar && scalar.isNumber())) {
            throw wrong(key, expected, "write a decimal number, without quotes or units");
        }
        return number(key, scalar.text(), new BigDecimal(SMALLEST), new BigDecimal(max), expected)
                .movePointRight(power)
                .doubleValue();
    }

    /** A size: digits, then optionally KiB, MiB or GiB; from 1 byte to 1 PiB. */
    long bytes(String key) {
        YamlNode node = value(key, "4 GiB");
        String expected = "a size of 1 byte to 1 PiB";
        if (!(node instanceof YamlNode.Scalar scalar
                && scalar.text().matches("[-+]?(0|[1-9][0-9]*)( ?(KiB|MiB|GiB))?"))) {
            throw wrong(key, expected, "write bytes as a number, or as in '512 MiB' or '4 GiB'");
        }
        String text = scalar.text();
        int unit = text.endsWith("KiB") ? 10 : text.endsWith("MiB") ? 20 : text.endsWith("GiB") ? 30 : 0;
        String digits = unit == 0 ? text : text.substring(0, text.length() - 3).strip();
        BigDecimal unitBytes = BigDecimal.valueOf(1L << unit);
        BigDecimal most = BigDecimal.valueOf(1L << (50 - unit));
        return number(key, digits, BigDecimal.ONE, most, expected)
                .multiply(unitBytes)
                .longValueExact();
    }

    /** A mapping inside this one. */
    Fields mapping(String key) {
        if (value(key, "{...}") instanceof YamlNode.Mapping inner) {
            return new Fields(file, pathOf(key), mapping.entries().get(key).keyLine(), inner);
        }
        throw wrong(key, "a mapping", "write 'key: value' lines under it");
    }

    /** A list of mappings; may be empty. */
    List<Fields> mappings(String key) {
        if (!(value(key, "[...]") instanceof YamlNode.Sequence list)) {
            throw wrong(key, "a list", "write one '- {...}' line per item, or '[]' for none");
        }
        List<Fields> items = new ArrayList<>();
        for (YamlNode item : list.items()) {
            String itemPath = pathOf(key) + "[" + items.size() + "]";
            if (!(item instanceof YamlNode.Mapping inner)) {
                throw InvalidBoardException.at(
                        file,
                        item.line(),
                        itemPath + " is " + item.described() + ", expected a mapping; write '- {name: ...}'");
            }
            items.add(new Fields(file, itemPath, inner.line(), inner));
        }
        return items;
    }

    /** Refuses the first of {@code keys} that is present, as out of place on {@code board}. */
    void refuse(Collection<String> keys, String board) {
        mapping.entries().forEach((key, entry) -> {
            if (keys.contains(key)) {
                throw InvalidBoardException.at(
                        file,
                        entry.keyLine(),
                        "key " + quoted(key) + " has no meaning for " + board + "; remove it or correct 'kind'");
            }
        });
    }

    /** The error {@code KEY problem} at the line of the text of {@code key}, or of the key itself if it holds more. */
    InvalidBoardException fail(String key, String problem) {
        YamlNode.Entry entry = mapping.entries().get(key);
        int at = entry.value() instanceof YamlNode.Scalar scalar ? scalar.line() : entry.keyLine();
        return InvalidBoardException.at(file, at, pathOf(key) + " " + problem);
    }

    private InvalidBoardException wrong(String key, String expected, String wayOut) {
        YamlNode node = mapping.entries().get(key).value();
        return fail(key, "is " + node.described() + ", expected " + expected + "; " + wayOut);
    }

    private BigDecimal number(String key, String text, BigDecimal min, BigDecimal max, String expected) {
        // Past this length it is out of any range, and parsing it takes time.
        if (text.length() <= LONGEST_NUMBER) {
            BigDecimal number = new BigDecimal(text);
            if (number.compareTo(min) >= 0 && number.compareTo(max) <= 0) {
                return number;
            }
        }
        throw wrong(key, expected, "check the sign, the digits and the unit");
    }

    private YamlNode value(String key, String form) {
        YamlNode.Entry entry = mapping.entries().get(key);
        if (entry == null) {
            throw InvalidBoardException.at(
                    file, line, "key " + quoted(pathOf(key)) + " is missing; add '" + key + ": " + form + "'");
        }
        return entry.value();
    }

    private String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** The labels of all values of an enumeration, in its order. */
    static <E extends Labelled> Set<String> labels(E[] values) {
        return Arrays.stream(values).map(Labelled::label).collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
