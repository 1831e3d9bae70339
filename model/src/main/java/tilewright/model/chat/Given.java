package tilewright.model.chat;

import java.util.List;
import java.util.Map;

/**
 * What a function was given.
 *
 * @param positional arguments without a name
 * @param named those with one
 */
record Given(List<Object> positional, Map<String, Object> named) {
    static final Given NOTHING = new Given(List.of(), Map.of());

    /** What stands for an argument that was not given. */
    static final Object MISSING = new Object();

    /**
     * The arguments in the order of their names; {@link #MISSING} for those not given.
     *
     * @param function its name, for messages
     */
    Object[] bind(String function, String... names) {
        if (positional.size() > names.length) {
            throw new TemplateException(
                    function + " takes at most " + names.length + " arguments, was given " + positional.size());
        }
        Object[] values = new Object[names.length];
        int taken = positional.size();
        for (int i = 0; i < names.length; i++) {
            boolean isNamed = named.containsKey(names[i]);
            if (i < positional.size() && isNamed) {
                throw new TemplateException(function + " was given the argument '" + names[i] + "' twice");
            }
            taken += isNamed ? 1 : 0;
            values[i] = i < positional.size() ? positional.get(i) : isNamed ? named.get(names[i]) : MISSING;
        }
        if (taken < positional.size() + named.size()) {
            String unknown = named.keySet().stream()
                    .filter(name -> !List.of(names).contains(name))
                    .findFirst()
                    .orElse("");
            throw new TemplateException(function + " has no argument '" + unknown + "'");
        }
        return values;
    }

    static boolean flag(Object value, boolean otherwise) {
        return value == MISSING ? otherwise : Values.isTrue(value);
    }

    static String text(Object value, String otherwise) {
        return value == MISSING || value == null ? otherwise : Values.text(value);
    }

    /** A string that must be given. */
    static String required(String function, Object value) {
        if (!(value instanceof String text)) {
            throw new TemplateException(
                    function + " needs a string, was given " + (value == MISSING ? "nothing" : Values.kind(value)));
        }
        return text;
    }

    static long integer(String function, Object value, long otherwise) {
        if (value == MISSING || value == null) {
            return otherwise;
        }
        if (value instanceof Long number) {
            return number;
        }
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        throw new TemplateException(function + " needs an integer, was given " + Values.kind(value));
    }
}
