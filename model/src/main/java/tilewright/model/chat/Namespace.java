package tilewright.model.chat;

import java.util.LinkedHashMap;
import java.util.Map;

/** A template's variables that can be set from within loops. */
record Namespace(Map<Object, Object> values) {
    Namespace {
        values = new LinkedHashMap<>(values);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
