package tilewright.model.chat;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Python's two ways to put values into strings: {@code 'a %s' % x} and {@code 'a {}'.format(x)}. */
final class Formatting {
    private Formatting() {}

    /** The % operator: %s, %r, %d, %i, %f with precision and width, %(name)s and %%. */
    static String percent(String format, Object values) {
        List<?> list = values instanceof List<?> several ? several : List.of();
        boolean single = !(values instanceof List<?>);
        int used = 0;
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                out.append(c);
                continue;
            }
            if (format.startsWith("%%", i)) {
                out.append('%');
                i++;
                continue;
            }
            Object value = null;
            boolean found = false;
            int at = i + 1;
            if (format.startsWith("(", at) && values instanceof Map<?, ?> map) {
                int close = format.indexOf(')', at);
                if (close > 0) {
                    String name = format.substring(at + 1, close);
                    if (!map.containsKey(name)) {
                        throw new TemplateException("'%' finds no value of the name '" + name + "'");
                    }
                    value = map.get(name);
                    found = true;
                    at = close + 1;
                }
            }
            int end = at;
            while (end < format.length() && "0123456789.-+ #".indexOf(format.charAt(end)) >= 0) {
                end++;
            }
            if (end == format.length()) {
                throw new TemplateException("'%' at the end of a format");
            }
            if (!found) {
                if (used >= (single ? 1 : list.size())) {
                    throw new TemplateException("not enough values for the format");
                }
                value = single ? values : list.get(used);
                used++;
            }
            out.append(one(format.substring(at, end), format.charAt(end), value));
            i = end;
        }
        if (!single && used < list.size()) {
            throw new TemplateException("more values than the format has places for");
        }
        return Values.limited(out.toString());
    }

    /** {@code str.format} with {}, {0} and {name}, and the widths and precisions of {@link #one}. */
    static String braces(String format, Given given) {
        StringBuilder out = new StringBuilder();
        int next = 0;
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if ((c == '{' || c == '}') && i + 1 < format.length() && format.charAt(i + 1) == c) {
                out.append(c);
                i++;
            } else if (c == '{') {
                int close = format.indexOf('}', i);
                if (close < 0) {
                    throw new TemplateException("format without '}'");
                }
                String field = format.substring(i + 1, close);
                int colon = field.indexOf(':');
                String name = colon < 0 ? field : field.substring(0, colon);
                String spec = colon < 0 ? "" : field.substring(colon + 1);
                Object value;
                if (name.isEmpty() || name.matches("\\d{1,6}")) {
                    int index = name.isEmpty() ? next++ : Integer.parseInt(name);
                    if (index >= given.positional().size()) {
                        throw new TemplateException("not enough values for the format");
                    }
                    value = given.positional().get(index);
                } else if (given.named().containsKey(name)) {
                    value = given.named().get(name);
                } else {
                    throw new TemplateException("format finds no value of the name '" + name + "'");
                }
                boolean typed = !spec.isEmpty() && Character.isLetter(spec.charAt(spec.length() - 1));
                char type = typed ? spec.charAt(spec.length() - 1) : 's';
                out.append(one(typed ? spec.substring(0, spec.length() - 1) : spec, type, value));
                i = close;
            } else {
                out.append(c);
            }
        }
        return Values.limited(out.toString());
    }

    private static String one(String flags, char type, Object value) {
        if (!flags.matches("[-+ 0]{0,3}\\d{0,4}(\\.\\d{1,3})?")) {
            throw new TemplateException("format '" + flags + type + "' is not supported");
        }
        int dot = flags.indexOf('.');
        String width = dot < 0 ? flags : flags.substring(0, dot);
        String text = switch (type) {
            case 's' -> dot < 0 ? Values.text(value) : shortened(Values.text(value), flags, dot);
            case 'r' -> Values.representation(value);
            case 'd', 'i' ->
                Long.toString(
                        value instanceof Double number
                                ? number.longValue()
                                : number(value).longValue());
            case 'f' ->
                String.format(
                        Locale.ROOT,
                        "%." + (dot < 0 ? "6" : flags.substring(dot + 1)) + "f",
                        number(value).doubleValue());
            default -> throw new TemplateException("format '" + type + "' is not supported");
        };
        int columns =
                width.replaceAll("^[-+ 0]*", "").isEmpty() ? 0 : Integer.parseInt(width.replaceAll("^[-+ 0]*", ""));
        int missing = columns - text.length();
        if (missing <= 0) {
            return text;
        }
        if (width.startsWith("-")) {
            return text + " ".repeat(missing);
        }
        if (width.startsWith("0") && type != 's') {
            return text.startsWith("-") ? "-" + "0".repeat(missing) + text.substring(1) : "0".repeat(missing) + text;
        }
        return " ".repeat(missing) + text;
    }

    private static String shortened(String text, String flags, int dot) {
        return text.substring(0, Math.min(text.length(), Integer.parseInt(flags.substring(dot + 1))));
    }

    private static Number number(Object value) {
        if (!Values.isNumber(value)) {
            throw new TemplateException("a number is needed for the format, not " + Values.kind(value));
        }
        return value instanceof Double number ? (Number) number : (Number) Values.integer(value);
    }
}
