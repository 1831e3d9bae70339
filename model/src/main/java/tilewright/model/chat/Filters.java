package tilewright.model.chat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tilewright.model.tensor.NearestName;

/** Jinja's filters. */
final class Filters {
    static final Set<String> NAMES = new TreeSet<>(Set.of(
            "abs",
            "attr",
            "capitalize",
            "count",
            "d",
            "default",
            "dictsort",
            "e",
            "escape",
            "first",
            "float",
            "format",
            "indent",
            "int",
            "items",
            "join",
            "last",
            "length",
            "list",
            "lower",
            "map",
            "max",
            "min",
            "reject",
            "rejectattr",
            "replace",
            "reverse",
            "round",
            "safe",
            "select",
            "selectattr",
            "sort",
            "string",
            "sum",
            "title",
            "tojson",
            "trim",
            "unique",
            "upper",
            "wordcount"));

    private Filters() {}

    /** Applies a filter to a value. */
    static Object apply(String name, Object value, Given given) {
        return switch (name) {
            case "default", "d" -> {
                Object[] values = given.bind(name, "default_value", "boolean");
                boolean falsy = Given.flag(values[1], false) && !Values.isTrue(value);
                yield value instanceof Undefined || falsy ? (values[0] == Given.MISSING ? "" : values[0]) : value;
            }
            case "tojson" -> json(value, given);
            case "length", "count" -> {
                given.bind(name);
                yield Values.length(value);
            }
            case "trim" -> StringMethods.strip(Values.text(value), given.bind(name, "chars")[0], true, true);
            case "string", "safe" -> Values.text(value);
            case "upper" -> Values.text(value).toUpperCase(Locale.ROOT);
            case "lower" -> Values.text(value).toLowerCase(Locale.ROOT);
            case "title" -> title(Values.text(value));
            case "capitalize" -> StringMethods.capitalize(Values.text(value));
            case "escape", "e" -> escape(Values.text(value));
            case "replace" -> {
                Object[] values = given.bind(name, "old", "new", "count");
                yield StringMethods.replace(
                        Values.text(value),
                        Given.required(name, values[0]),
                        Given.required(name, values[1]),
                        Given.integer(name, values[2], -1));
            }
            case "indent" -> indent(Values.text(value), given.bind(name, "width", "first", "blank"));
            case "format" ->
                Formatting.percent(
                        Values.text(value), given.named().isEmpty() ? given.positional() : Map.copyOf(given.named()));
            case "wordcount" -> (long) Values.text(value).trim().split("\\s+").length;
            case "int", "float", "abs", "round" -> Numbers.apply(name, value, given);
            default -> sequence(name, value, given);
        };
    }

    private static Object sequence(String name, Object value, Given given) {
        return switch (name) {
            case "list" -> Values.items(value);
            case "first" -> {
                List<Object> items = Values.items(value);
                yield items.isEmpty() ? new Undefined("first of an empty sequence") : items.getFirst();
            }
            case "last" -> {
                List<Object> items = Values.items(value);
                yield items.isEmpty() ? new Undefined("last of an empty sequence") : items.getLast();
            }
            case "reverse" ->
                value instanceof String text
                        ? new StringBuilder(text).reverse().toString()
                        : Values.items(value).reversed();
            case "items" -> {
                if (!(value instanceof Map<?, ?>) && !(value instanceof Undefined)) {
                    throw new TemplateException("items needs a mapping, was given " + Values.kind(value));
                }
                yield value instanceof Map<?, ?> map ? Members.entries(map) : List.of();
            }
            case "dictsort" -> dictsort(value, given.bind(name, "case_sensitive", "by", "reverse"));
            case "join" -> {
                Object[] values = given.bind(name, "d", "attribute");
                List<Object> texts = new ArrayList<>();
                for (Object item : Values.items(value)) {
                    texts.add(Values.text(values[1] == Given.MISSING ? item : path(item, values[1])));
                }
                yield StringMethods.join(Given.text(values[0], ""), texts);
            }
            case "map" -> map(value, given);
            case "select", "reject" -> {
                List<Object> kept = new ArrayList<>();
                for (Object item : itemsOrNone(value)) {
                    if (passes(item, given, 0) == name.equals("select")) {
                        kept.add(item);
                    }
                }
                yield kept;
            }
            case "selectattr", "rejectattr" -> {
                if (given.positional().isEmpty()) {
                    throw new TemplateException(name + " needs the name of an attribute");
                }
                List<Object> kept = new ArrayList<>();
                for (Object item : itemsOrNone(value)) {
                    Object attribute = path(item, given.positional().getFirst());
                    if (passes(attribute, given, 1) == name.equals("selectattr")) {
                        kept.add(item);
                    }
                }
                yield kept;
            }
            case "sort" -> {
                Object[] values = given.bind(name, "reverse", "case_sensitive", "attribute");
                List<Object> items = Values.items(value);
                items.sort(order(values[1], values[2], Given.flag(values[0], false)));
                yield items;
            }
            case "unique" -> unique(value, given.bind(name, "case_sensitive", "attribute"));
            case "min", "max" -> {
                Object[] values = given.bind(name, "case_sensitive", "attribute");
                List<Object> items = Values.items(value);
                Comparator<Object> order = order(values[0], values[1], name.equals("max"));
                yield items.isEmpty()
                        ? new Undefined(name + " of an empty sequence")
                        : items.stream().min(order).get();
            }
            case "sum" -> {
                Object[] values = given.bind(name, "attribute", "start");
                Object sum = values[1] == Given.MISSING ? 0L : values[1];
                for (Object item : Values.items(value)) {
                    boolean whole = values[0] == Given.MISSING || values[0] == null;
                    sum = Arithmetic.apply("+", sum, whole ? item : path(item, values[0]));
                }
                yield sum;
            }
            case "attr" -> Members.attribute(value, Given.required(name, given.bind(name, "name")[0]));
            default -> throw new TemplateException("there is no filter '" + name + "'" + NearestName.hint(name, NAMES));
        };
    }

    /** Selecting from what is false, such as none, gives nothing. */
    private static List<Object> itemsOrNone(Object value) {
        return Values.isTrue(value) ? Values.items(value) : new ArrayList<>();
    }

    private static boolean passes(Object value, Given given, int skipped) {
        if (given.positional().size() <= skipped) {
            return Values.isTrue(value);
        }
        String test = Given.required("select", given.positional().get(skipped));
        List<Object> rest =
                given.positional().subList(skipped + 1, given.positional().size());
        return Tests.holds(test, value, new Given(rest, given.named()));
    }

    private static Object map(Object value, Given given) {
        List<Object> mapped = new ArrayList<>();
        Object attribute = given.named().get("attribute");
        for (Object item : itemsOrNone(value)) {
            if (attribute != null) {
                Object found = path(item, attribute);
                boolean replaced = found instanceof Undefined && given.named().containsKey("default");
                mapped.add(replaced ? given.named().get("default") : found);
            } else if (given.positional().isEmpty()) {
                throw new TemplateException("map needs the name of a filter or an attribute");
            } else {
                List<Object> rest =
                        given.positional().subList(1, given.positional().size());
                String filter = Given.required("map", given.positional().getFirst());
                mapped.add(apply(filter, item, new Given(rest, given.named())));
            }
        }
        return mapped;
    }

    /** An attribute of an attribute, separated by dots; numbers are items. */
    private static Object path(Object value, Object path) {
        if (path instanceof Long index) {
            return Members.item(value, index);
        }
        Object found = value;
        for (String part : Given.required("attribute", path).split("\\.", -1)) {
            found = Members.item(found, part.matches("\\d{1,9}") ? (Object) Long.valueOf(part) : part);
        }
        return found;
    }

    private static Comparator<Object> order(Object caseSensitive, Object attribute, boolean reverse) {
        boolean exact = Given.flag(caseSensitive, false);
        boolean whole = attribute == Given.MISSING || attribute == null;
        Comparator<Object> order = (a, b) ->
                Values.compare(key(whole ? a : path(a, attribute), exact), key(whole ? b : path(b, attribute), exact));
        return reverse ? order.reversed() : order;
    }

    private static Object key(Object value, boolean exact) {
        return value instanceof String text && !exact ? text.toLowerCase(Locale.ROOT) : value;
    }

    private static Object unique(Object value, Object[] values) {
        boolean exact = Given.flag(values[0], false);
        List<Object> keys = new ArrayList<>();
        List<Object> kept = new ArrayList<>();
        for (Object item : Values.items(value)) {
            Object key = key(values[1] == Given.MISSING ? item : path(item, values[1]), exact);
            if (!Values.contains(keys, key)) {
                keys.add(key);
                kept.add(item);
            }
        }
        return kept;
    }

    private static Object dictsort(Object value, Object[] values) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new TemplateException("dictsort needs a mapping, was given " + Values.kind(value));
        }
        long index = Given.text(values[1], "key").equals("value") ? 1 : 0;
        List<Object> entries = Members.entries(map);
        entries.sort(order(values[0], index, Given.flag(values[2], false)));
        return entries;
    }

    private static Object json(Object value, Given given) {
        Object[] values = given.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys");
        String indent = values[1] instanceof String text
                ? text
                : values[1] == Given.MISSING || values[1] == null
                        ? null
                        : " ".repeat(Math.clamp(Given.integer("tojson", values[1], 0), 0, 100));
        String items = indent == null ? ", " : ",";
        String keys = ": ";
        if (values[2] instanceof List<?> separators && separators.size() == 2) {
            items = Given.required("separators", separators.get(0));
            keys = Given.required("separators", separators.get(1));
        }
        return new JsonText(indent, items, keys, Given.flag(values[0], false), Given.flag(values[3], false)).of(value);
    }

    private static String indent(String text, Object[] values) {
        String indent = values[0] instanceof String given
                ? given
                : " ".repeat(Math.clamp(Given.integer("indent", values[0], 4), 0, 1000));
        boolean blank = Given.flag(values[2], false);
        List<String> lines = StringMethods.lines(text + "\n");
        StringBuilder out = new StringBuilder(text.length() + 64);
        for (int i = 0; i < lines.size(); i++) {
            boolean indents = i == 0
                    ? Given.flag(values[1], false)
                    : blank || !lines.get(i).isEmpty();
            out.append(i > 0 ? "\n" : "").append(indents ? indent : "").append(lines.get(i));
        }
        return Values.limited(out.toString());
    }

    /** Words begin behind white space, a hyphen or an opening bracket, and not, as for the method, at every letter. */
    private static String title(String text) {
        StringBuilder out = new StringBuilder(text.length());
        boolean begins = true;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            boolean separates = StringMethods.isSpace(c) || "-({[<".indexOf(c) >= 0;
            out.append(
                    begins && !separates
                            ? Character.toString(c).toUpperCase(Locale.ROOT)
                            : Character.toString(c).toLowerCase(Locale.ROOT));
            begins = separates;
            i += Character.charCount(c);
        }
        return out.toString();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }
}
