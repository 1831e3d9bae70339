package tilewright.model.chat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Values as JSON, with the spacing of Python's {@code json.dumps}.
 *
 * @param indent what a level is indented by; null for one line
 */
record JsonText(String indent, String itemSeparator, String keySeparator, boolean ascii, boolean sorted) {
    String of(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out, 0);
        return Values.limited(out.toString());
    }

    private void write(Object value, StringBuilder out, int depth) {
        if (depth > Values.MAX_DEPTH || out.length() > Values.MAX_LENGTH) {
            throw new TemplateException("value is too large or too deeply nested for JSON");
        }
        switch (value) {
            case null -> out.append("null");
            case Boolean flag -> out.append(flag);
            case Long number -> out.append(number);
            case Double number -> out.append(number(number));
            case String text -> quote(text, out);
            case List<?> list -> {
                out.append('[');
                String separator = "";
                for (Object item : list) {
                    out.append(separator);
                    newline(out, depth + 1);
                    write(item, out, depth + 1);
                    separator = itemSeparator;
                }
                close(out, ']', depth, list.isEmpty());
            }
            case Map<?, ?> map -> {
                out.append('{');
                String separator = "";
                for (Map.Entry<?, ?> entry : ordered(map).entrySet()) {
                    out.append(separator);
                    newline(out, depth + 1);
                    quote(key(entry.getKey()), out);
                    out.append(keySeparator);
                    write(entry.getValue(), out, depth + 1);
                    separator = itemSeparator;
                }
                close(out, '}', depth, map.isEmpty());
            }
            default -> throw new TemplateException(Values.kind(value) + " cannot be written as JSON");
        }
    }

    private Map<?, ?> ordered(Map<?, ?> map) {
        if (!sorted) {
            return map;
        }
        Map<Object, Object> byKey = new TreeMap<>(Values::compare);
        byKey.putAll(map);
        return byKey;
    }

    private void newline(StringBuilder out, int depth) {
        if (indent != null) {
            out.append('\n').append(indent.repeat(depth));
        }
    }

    private void close(StringBuilder out, char bracket, int depth, boolean isEmpty) {
        if (!isEmpty) {
            newline(out, depth);
        }
        out.append(bracket);
    }

    private static String key(Object key) {
        return switch (key) {
            case null -> "null";
            case Boolean flag -> flag.toString();
            case Double number -> number(number);
            default -> key.toString();
        };
    }

    private static String number(double number) {
        if (Double.isNaN(number)) {
            return "NaN";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "Infinity" : "-Infinity";
        }
        return Values.floatText(number);
    }

    private void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || ascii && c >= 0x7F) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
