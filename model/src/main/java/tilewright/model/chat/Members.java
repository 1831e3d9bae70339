package tilewright.model.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What values have: items by key, slices, attributes. */
final class Members {
    private Members() {}

    /** {@code of.name}: a method first, and then a member of a mapping. */
    static Object attribute(Object of, String name) {
        if (of instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Object method = method(of, name);
        if (method != null) {
            return method;
        }
        return switch (of) {
            case Map<?, ?> map when map.containsKey(name) -> map.get(name);
            case Namespace namespace
            when namespace.values().containsKey(name) -> namespace.values().get(name);
            case Loop loop -> loop.attribute(name);
            case null, default -> missing(of, name);
        };
    }

    /** {@code of[key]}: an item first, and then an attribute. */
    static Object item(Object of, Object key) {
        switch (of) {
            case Undefined undefined -> throw undefined.failure();
            case List<?> list
            when key instanceof Long || key instanceof Boolean -> {
                long index = Values.integer(key);
                long at = index < 0 ? index + list.size() : index;
                return at >= 0 && at < list.size()
                        ? list.get((int) at)
                        : new Undefined("item " + index + " of a list of " + list.size());
            }
            case String text
            when key instanceof Long index -> {
                long length = Values.length(text);
                long at = index < 0 ? index + length : index;
                if (at < 0 || at >= length) {
                    return new Undefined("character " + index + " of a string of " + length);
                }
                int from = text.offsetByCodePoints(0, (int) at);
                return Character.toString(text.codePointAt(from));
            }
            case Map<?, ?> map
            when map.containsKey(key) -> {
                return map.get(key);
            }
            case null, default -> {
                return key instanceof String name ? attribute(of, name) : missing(of, Values.text(key));
            }
        }
    }

    private static Undefined missing(Object of, String name) {
        return new Undefined("'" + name + "' of " + Values.kind(of));
    }

    /** A method bound to its value; null if the type has none of that name. */
    private static Callable method(Object of, String name) {
        return switch (of) {
            case String text -> StringMethods.method(text, name);
            case Map<?, ?> map -> mapping(map, name);
            case List<?> list -> sequence(list, name);
            case null, default -> null;
        };
    }

    private static Callable mapping(Map<?, ?> map, String name) {
        return switch (name) {
            case "get" ->
                given -> {
                    Object[] values = given.bind("get", "key", "default");
                    return map.containsKey(values[0])
                            ? map.get(values[0])
                            : values[1] == Given.MISSING ? null : values[1];
                };
            case "items" -> given -> entries(map);
            case "keys" -> given -> new ArrayList<Object>(map.keySet());
            case "values" -> given -> new ArrayList<Object>(map.values());
            case "copy" -> given -> map;
            case "pop", "popitem", "update", "setdefault", "clear" ->
                given -> {
                    throw unsafe(name, "mappings");
                };
            default -> null;
        };
    }

    /** Each entry as a pair of its key and its value. */
    static List<Object> entries(Map<?, ?> map) {
        List<Object> entries = new ArrayList<>(map.size());
        map.forEach((key, value) -> {
            List<Object> entry = new ArrayList<>(2);
            entry.add(key);
            entry.add(value);
            entries.add(new Tuple(entry));
        });
        return entries;
    }

    private static Callable sequence(List<?> list, String name) {
        return switch (name) {
            case "index" ->
                given -> {
                    Object sought = given.bind("index", "value")[0];
                    for (int i = 0; i < list.size(); i++) {
                        if (Values.equal(list.get(i), sought)) {
                            return (long) i;
                        }
                    }
                    throw new TemplateException(Values.representation(sought) + " is not in the list");
                };
            case "count" ->
                given -> {
                    Object sought = given.bind("count", "value")[0];
                    return list.stream()
                            .filter(item -> Values.equal(item, sought))
                            .count();
                };
            case "copy" -> given -> list;
            case "append", "pop", "insert", "extend", "remove", "clear", "sort", "reverse" ->
                given -> {
                    throw unsafe(name, "lists");
                };
            default -> null;
        };
    }

    private static TemplateException unsafe(String name, String what) {
        return new TemplateException("'" + name + "' would change a value, and " + what
                + " in templates do not change; make a new one with '+' or a namespace");
    }

    /** {@code of[from:to:step]}; null bounds are the ends. */
    static Object slice(Object of, Object from, Object to, Object step) {
        if (of instanceof Undefined undefined) {
            throw undefined.failure();
        }
        long stride = Given.integer("slice", step, 1);
        if (stride == 0) {
            throw new TemplateException("slice with a step of 0");
        }
        if (of instanceof String text) {
            List<Object> characters = pick(Values.items(text), from, to, stride);
            StringBuilder out = new StringBuilder();
            characters.forEach(out::append);
            return out.toString();
        }
        if (of instanceof List<?> list) {
            List<Object> picked = pick(list, from, to, stride);
            return list instanceof Tuple ? new Tuple(picked) : picked;
        }
        throw new TemplateException(Values.kind(of) + " cannot be sliced");
    }

    private static List<Object> pick(List<?> list, Object from, Object to, long step) {
        long size = list.size();
        long first = bound(from, step > 0 ? 0 : size - 1, size, step);
        long last = bound(to, step > 0 ? size : -1, size, step);
        List<Object> picked = new ArrayList<>();
        for (long i = first; step > 0 ? i < last : i > last; i += step) {
            picked.add(list.get((int) i));
            if (Math.abs(step) > size) {
                break;
            }
        }
        return picked;
    }

    private static long bound(Object given, long otherwise, long size, long step) {
        if (given == null) {
            return otherwise;
        }
        long bound = Given.integer("slice", given, 0);
        bound = bound < 0 ? Math.max(bound, -size - 1) + size : bound;
        return step > 0 ? Math.clamp(bound, 0, size) : Math.clamp(bound, -1, size - 1);
    }
}
