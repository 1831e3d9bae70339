package tilewright.model.chat;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The functions that every template has. */
final class Globals {
    private static final int MAX_RANGE = 100_000;

    private Globals() {}

    /** Puts them in place; {@code now} is what {@code strftime_now} tells. */
    static void define(Scope scope, ZonedDateTime now) {
        scope.set("namespace", (Callable) given -> new Namespace(mapping("namespace", given)));
        scope.set("dict", (Callable) given -> mapping("dict", given));
        scope.set("range", (Callable) Globals::range);
        scope.set("raise_exception", (Callable) given -> {
            throw new TemplateException(Values.text(given.bind("raise_exception", "message")[0]));
        });
        scope.set("strftime_now", (Callable)
                given -> strftime(now, Given.required("strftime_now", given.bind("strftime_now", "format")[0])));
    }

    private static Map<Object, Object> mapping(String function, Given given) {
        Map<Object, Object> map = new LinkedHashMap<>();
        if (given.positional().size() > 1) {
            throw new TemplateException(function + " takes at most 1 argument without a name");
        }
        for (Object argument : given.positional()) {
            if (argument instanceof Map<?, ?> first) {
                map.putAll(first);
            } else {
                for (Object entry : Values.items(argument)) {
                    List<Object> pair = Values.items(entry);
                    if (pair.size() != 2) {
                        throw new TemplateException(function + " needs pairs of a key and a value");
                    }
                    map.put(Interpreter.key(pair.getFirst()), pair.getLast());
                }
            }
        }
        map.putAll(given.named());
        return map;
    }

    private static Object range(Given given) {
        Object[] values = given.bind("range", "start", "stop", "step");
        boolean one = values[1] == Given.MISSING;
        long start = one ? 0 : Given.integer("range", values[0], 0);
        long stop = Given.integer("range", one ? values[0] : values[1], 0);
        long step = Given.integer("range", values[2], 1);
        if (step == 0) {
            throw new TemplateException("range with a step of 0");
        }
        List<Object> items = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            if (items.size() == MAX_RANGE) {
                throw new TemplateException("range of more than " + MAX_RANGE + " items");
            }
            items.add(i);
        }
        return items;
    }

    /** C's format of times, in English. */
    private static String strftime(ZonedDateTime now, String format) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            boolean unpadded = format.charAt(i + 1) == '-' && i + 2 < format.length();
            i += unpadded ? 2 : 1;
            String part = switch (format.charAt(i)) {
                case '%' -> "%";
                case 'n' -> "\n";
                case 'F' -> pattern(now, "yyyy-MM-dd");
                case 'T' -> pattern(now, "HH:mm:ss");
                case 'Y' -> pattern(now, "yyyy");
                case 'y' -> pattern(now, "yy");
                case 'm' -> pattern(now, "MM");
                case 'd' -> pattern(now, "dd");
                case 'e' -> String.format("%2d", now.getDayOfMonth());
                case 'j' -> pattern(now, "DDD");
                case 'H' -> pattern(now, "HH");
                case 'I' -> pattern(now, "hh");
                case 'M' -> pattern(now, "mm");
                case 'S' -> pattern(now, "ss");
                case 'p' -> now.getHour() < 12 ? "AM" : "PM";
                case 'B' -> pattern(now, "MMMM");
                case 'b', 'h' -> pattern(now, "MMM");
                case 'A' -> pattern(now, "EEEE");
                case 'a' -> pattern(now, "EEE");
                case 'Z' -> pattern(now, "zzz");
                case 'z' -> pattern(now, "xx");
                default -> throw new TemplateException("strftime_now does not support %" + format.charAt(i));
            };
            out.append(unpadded && part.matches("0\\d+") ? part.replaceFirst("^0+", "") : part);
        }
        return out.toString();
    }

    private static String pattern(ZonedDateTime now, String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now);
    }
}
