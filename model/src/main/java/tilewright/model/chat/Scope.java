package tilewright.model.chat;

import java.util.HashMap;
import java.util.Map;

/** Names and their values; what is not here is looked for outside. */
final class Scope {
    private final Map<String, Object> values = new HashMap<>();
    private final Scope outer;

    /** @param outer null for the outermost */
    Scope(Scope outer) {
        this.outer = outer;
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Object value = scope.values.get(name);
            if (value != null || scope.values.containsKey(name)) {
                return value;
            }
        }
        return new Undefined("'" + name + "'");
    }

    void set(String name, Object value) {
        values.put(name, value);
    }
}
