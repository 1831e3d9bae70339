package tilewright.hw.lang;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Reads the fields of an author's object, private ones too. */
final class Fields {
    private static final ClassValue<List<Field>> DECLARED = new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
            List<Field> fields = new ArrayList<>();
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())
                        && !field.isSynthetic()
                        && !field.getType().isPrimitive()) {
                    field.setAccessible(true);
                    fields.add(field);
                }
            }
            return fields;
        }
    };

    private Fields() {}

    /** Tells of each field's name and value, those of superclasses first, up to but without {@code end}. */
    static void of(Object object, Class<?> end, BiConsumer<String, Object> visitor) {
        Deque<Class<?>> classes = new ArrayDeque<>();
        for (Class<?> c = object.getClass(); c != null && c != end; c = c.getSuperclass()) {
            classes.push(c);
        }
        for (Class<?> c : classes) {
            for (Field field : declared(c)) {
                try {
                    Object value = field.get(object);
                    if (value != null) {
                        visitor.accept(field.getName(), value);
                    }
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(c.getName() + "." + field.getName() + " cannot be read", e);
                }
            }
        }
    }

    private static List<Field> declared(Class<?> type) {
        try {
            return DECLARED.get(type);
        } catch (InaccessibleObjectException e) {
            throw new IllegalStateException(
                    "fields of " + type.getName() + " cannot be read; open its package to this module", e);
        }
    }

    /** Gives each name once: {@code name}, then {@code name_2}, ... */
    static final class Unique {
        private final Map<String, Integer> used = new HashMap<>();

        /** The name itself when it is free. */
        String of(String name) {
            String result = name;
            while (used.containsKey(result)) {
                result = name + "_" + used.merge(name, 1, Integer::sum);
            }
            used.put(result, 1);
            return result;
        }

        boolean isTaken(String name) {
            return used.containsKey(name);
        }
    }
}
