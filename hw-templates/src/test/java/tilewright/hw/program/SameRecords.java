package tilewright.hw.program;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Objects;

/** Compares records component by component, arrays by their elements. */
final class SameRecords {
    private SameRecords() {}

    /** Where two values differ first, such as {@code .tasks[0].steps[3].linear.bias}; null when they are the same. */
    static String difference(Object one, Object other) {
        return difference("", one, other);
    }

    private static String difference(String place, Object one, Object other) {
        if (one == null || other == null || !one.getClass().equals(other.getClass())) {
            boolean lists = one instanceof List && other instanceof List;
            if (!lists) {
                return Objects.equals(one, other) ? null : place + ": " + one + " and " + other;
            }
        }
        if (one instanceof List<?> list) {
            return elements(place, list.toArray(), ((List<?>) other).toArray());
        }
        if (one instanceof Object[] array) {
            return elements(place, array, (Object[]) other);
        }
        if (one.getClass().isArray()) {
            return Objects.deepEquals(one, other) ? null : place + ": other elements";
        }
        if (one instanceof Record) {
            for (RecordComponent component : one.getClass().getRecordComponents()) {
                String found =
                        difference(place + "." + component.getName(), get(component, one), get(component, other));
                if (found != null) {
                    return found;
                }
            }
            return null;
        }
        return one.equals(other) ? null : place + ": " + one + " and " + other;
    }

    private static String elements(String place, Object[] one, Object[] other) {
        if (one.length != other.length) {
            return place + ": " + one.length + " and " + other.length + " elements";
        }
        for (int i = 0; i < one.length; i++) {
            String found = difference(place + "[" + i + "]", one[i], other[i]);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static Object get(RecordComponent component, Object record) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
