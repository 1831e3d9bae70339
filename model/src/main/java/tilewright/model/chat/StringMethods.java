package tilewright.model.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/** The methods of strings, as in Python. */
final class StringMethods {
    private StringMethods() {}

    /** A method bound to a string; null if there is none of that name. */
    static Callable method(String text, String name) {
        return switch (name) {
            case "strip" -> given -> strip(text, given.bind(name, "chars")[0], true, true);
            case "lstrip" -> given -> strip(text, given.bind(name, "chars")[0], true, false);
            case "rstrip" -> given -> strip(text, given.bind(name, "chars")[0], false, true);
            case "split" -> given -> split(text, given.bind(name, "sep", "maxsplit"), false);
            case "rsplit" -> given -> split(text, given.bind(name, "sep", "maxsplit"), true);
            case "splitlines" -> given -> new ArrayList<Object>(lines(text));
            case "startswith" -> given -> affix(given.bind(name, "prefix")[0], text::startsWith, name);
            case "endswith" -> given -> affix(given.bind(name, "suffix")[0], text::endsWith, name);
            case "replace" ->
                given -> {
                    Object[] values = given.bind(name, "old", "new", "count");
                    return replace(
                            text,
                            Given.required(name, values[0]),
                            Given.required(name, values[1]),
                            Given.integer(name, values[2], -1));
                };
            case "upper" -> given -> text.toUpperCase(Locale.ROOT);
            case "lower" -> given -> text.toLowerCase(Locale.ROOT);
            case "title" -> given -> title(text);
            case "capitalize" -> given -> capitalize(text);
            case "casefold" -> given -> text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
            case "join" -> given -> join(text, Values.items(given.bind(name, "iterable")[0]));
            case "find" -> given -> position(text, text.indexOf(Given.required(name, given.bind(name, "sub")[0])));
            case "rfind" -> given -> position(text, text.lastIndexOf(Given.required(name, given.bind(name, "sub")[0])));
            case "index" ->
                given -> {
                    String part = Given.required(name, given.bind(name, "sub")[0]);
                    if (!text.contains(part)) {
                        throw new TemplateException(Values.representation(part) + " is not in the string");
                    }
                    return position(text, text.indexOf(part));
                };
            case "count" -> given -> count(text, Given.required(name, given.bind(name, "sub")[0]));
            case "format" -> given -> Formatting.braces(text, given);
            case "removeprefix" ->
                given -> {
                    String prefix = Given.required(name, given.bind(name, "prefix")[0]);
                    return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
                };
            case "removesuffix" ->
                given -> {
                    String suffix = Given.required(name, given.bind(name, "suffix")[0]);
                    return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
                };
            case "partition" -> given -> partition(text, Given.required(name, given.bind(name, "sep")[0]), false);
            case "rpartition" -> given -> partition(text, Given.required(name, given.bind(name, "sep")[0]), true);
            case "zfill" -> given -> pad(text, given.bind(name, "width"), "0", true);
            case "ljust" -> given -> pad(text, given.bind(name, "width", "fillchar"), " ", false);
            case "rjust" -> given -> pad(text, given.bind(name, "width", "fillchar"), " ", true);
            case "isdigit", "isdecimal", "isnumeric" -> given -> all(text, Character::isDigit);
            case "isalpha" -> given -> all(text, Character::isLetter);
            case "isalnum" -> given -> all(text, Character::isLetterOrDigit);
            case "isspace" -> given -> all(text, StringMethods::isSpace);
            case "isupper" ->
                given -> !text.equals(text.toLowerCase(Locale.ROOT)) && text.equals(text.toUpperCase(Locale.ROOT));
            case "islower" ->
                given -> !text.equals(text.toUpperCase(Locale.ROOT)) && text.equals(text.toLowerCase(Locale.ROOT));
            default -> null;
        };
    }

    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    /** Without white space, or the given characters, at its ends. */
    static String strip(String text, Object characters, boolean left, boolean right) {
        IntPredicate drops = characters == Given.MISSING || characters == null
                ? StringMethods::isSpace
                : c -> Given.required("strip", characters).indexOf(c) >= 0;
        int from = 0;
        int to = text.length();
        while (left && from < to && drops.test(text.codePointAt(from))) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (right && to > from && drops.test(text.codePointBefore(to))) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    private static List<Object> split(String text, Object[] values, boolean fromRight) {
        long limit = Given.integer("split", values[1], -1);
        List<Object> parts = new ArrayList<>();
        if (values[0] == Given.MISSING || values[0] == null) {
            splitAtSpace(text, limit, fromRight, parts);
            return parts;
        }
        String separator = Given.required("split", values[0]);
        if (separator.isEmpty()) {
            throw new TemplateException("split at an empty string");
        }
        if (fromRight) {
            int end = text.length();
            int at = text.lastIndexOf(separator);
            while (at >= 0 && limit != parts.size()) {
                parts.addFirst(text.substring(at + separator.length(), end));
                end = at;
                at = at - separator.length() < 0 ? -1 : text.lastIndexOf(separator, at - separator.length());
            }
            parts.addFirst(text.substring(0, end));
            return parts;
        }
        int from = 0;
        int at = text.indexOf(separator);
        while (at >= 0 && limit != parts.size()) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
            at = text.indexOf(separator, from);
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static void splitAtSpace(String text, long limit, boolean fromRight, List<Object> parts) {
        String rest = fromRight ? strip(text, null, false, true) : strip(text, null, true, false);
        while (!rest.isEmpty()) {
            int at = limit == parts.size() ? -1 : fromRight ? lastSpace(rest) : firstSpace(rest);
            if (at < 0) {
                String whole = limit == parts.size() ? rest : strip(rest, null, true, true);
                if (fromRight) {
                    parts.addFirst(whole);
                } else {
                    parts.add(whole);
                }
                return;
            }
            if (fromRight) {
                parts.addFirst(rest.substring(at + 1));
                rest = strip(rest.substring(0, at), null, false, true);
            } else {
                parts.add(rest.substring(0, at));
                rest = strip(rest.substring(at), null, true, false);
            }
        }
    }

    private static int firstSpace(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isSpace(text.charAt(i))) {
                return i;
            }
        }
        return -1;
    }

    private static int lastSpace(String text) {
        for (int i = text.length() - 1; i >= 0; i--) {
            if (isSpace(text.charAt(i))) {
                return i;
            }
        }
        return -1;
    }

    /** Lines without their ends; a newline at the end of the text begins no further line. */
    static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n'
                    || c == '\r'
                    || c == 0x0B
                    || c == 0x0C
                    || c >= 0x1C && c <= 0x1E
                    || c == 0x85
                    || c == 0x2028
                    || c == 0x2029) {
                lines.add(text.substring(from, i));
                i += c == '\r' && text.startsWith("\n", i + 1) ? 1 : 0;
                from = i + 1;
            }
        }
        if (from < text.length()) {
            lines.add(text.substring(from));
        }
        return lines;
    }

    private static Object affix(Object affix, java.util.function.Predicate<String> test, String name) {
        if (affix instanceof List<?> several) {
            return several.stream().anyMatch(one -> test.test(Given.required(name, one)));
        }
        return test.test(Given.required(name, affix));
    }

    static String replace(String text, String old, String replacement, long count) {
        long most = count < 0 ? Long.MAX_VALUE : count;
        long found = Math.min(most, old.isEmpty() ? text.length() + 1L : count(text, old));
        if (text.length() + found * (long) Math.max(0, replacement.length() - old.length()) > Values.MAX_LENGTH) {
            throw new TemplateException("string of more than " + Values.MAX_LENGTH + " characters");
        }
        StringBuilder out = new StringBuilder(text.length());
        int from = 0;
        int at = text.indexOf(old);
        for (long i = 0; at >= 0 && i < most; i++) {
            out.append(text, from, at).append(replacement);
            from = at + old.length();
            if (old.isEmpty()) {
                if (at == text.length()) {
                    return out.toString();
                }
                out.append(text.charAt(at));
                from = at + 1;
                at = from;
            } else {
                at = text.indexOf(old, from);
            }
        }
        return out.append(text, from, text.length()).toString();
    }

    private static Object position(String text, int at) {
        return at < 0 ? -1L : (long) text.codePointCount(0, at);
    }

    private static long count(String text, String part) {
        if (part.isEmpty()) {
            return text.codePointCount(0, text.length()) + 1L;
        }
        long count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    static String join(String separator, List<Object> items) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < items.size(); i++) {
            if (!(items.get(i) instanceof String text)) {
                throw new TemplateException("join needs strings, item " + i + " is " + Values.kind(items.get(i)));
            }
            out.append(i > 0 ? separator : "").append(text);
            if (out.length() > Values.MAX_LENGTH) {
                throw new TemplateException("string of more than " + Values.MAX_LENGTH + " characters");
            }
        }
        return out.toString();
    }

    private static List<Object> partition(String text, String separator, boolean last) {
        int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
        if (at < 0) {
            return new Tuple(last ? List.of("", "", text) : List.of(text, "", ""));
        }
        return new Tuple(List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
    }

    private static String pad(String text, Object[] values, String fill, boolean left) {
        long width = Given.integer("padding", values[0], 0);
        String with = values.length > 1 ? Given.text(values[1], fill) : fill;
        long missing = width - Values.length(text);
        if (width > Values.MAX_LENGTH) {
            throw new TemplateException("string of more than " + Values.MAX_LENGTH + " characters");
        }
        String padding = missing > 0 ? with.repeat((int) missing) : "";
        return left ? padding + text : text + padding;
    }

    private static Object all(String text, IntPredicate test) {
        return !text.isEmpty() && text.codePoints().allMatch(test);
    }

    /** The first letter of each word large, the others small. */
    static String title(String text) {
        StringBuilder out = new StringBuilder(text.length());
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
            i += Character.charCount(c);
        }
        return out.toString();
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.codePointAt(0);
        return Character.toString(Character.toTitleCase(first))
                + text.substring(Character.charCount(first)).toLowerCase(Locale.ROOT);
    }
}
