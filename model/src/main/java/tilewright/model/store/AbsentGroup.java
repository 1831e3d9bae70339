package tilewright.model.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.TensorInfo;

/**
 * Tensors of the packed model that the store's dense part lacks: one, or several of one type and shape whose names differ in a
 * number.
 *
 * @param name the name; where {@code count} is not 0, its first {@code *} stands for 0 to {@code count - 1}
 * @param count how many numbers, 0 for a single tensor
 * @param dtype the element type in the source
 * @param shape the extents, outermost first
 */
public record AbsentGroup(String name, int count, DType dtype, List<Long> shape) {
    /** The last part of a name that is a number: of an expert's tensors the expert's. */
    private static final Pattern NUMBER = Pattern.compile("(.*\\.)(0|[1-9][0-9]{0,6})(\\..*)");

    /** Copies the shape. */
    public AbsentGroup {
        Objects.requireNonNull(name);
        Objects.requireNonNull(dtype);
        shape = List.copyOf(shape);
    }

    /** Tensors in all. */
    int tensors() {
        return Math.max(1, count);
    }

    /** The names. */
    List<String> names() {
        if (count == 0) {
            return List.of(name);
        }
        int star = name.indexOf('*');
        List<String> names = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            names.add(name.substring(0, star) + i + name.substring(star + 1));
        }
        return names;
    }

    private record Key(String name, DType dtype, List<Long> shape) {}

    /** Groups tensors, so that a model of tens of thousands is said in a few lines. */
    public static List<AbsentGroup> of(List<TensorInfo> tensors) {
        Map<Key, List<TensorInfo>> alike = new LinkedHashMap<>();
        for (TensorInfo tensor : tensors) {
            Matcher matcher = NUMBER.matcher(tensor.name());
            boolean numbered = matcher.matches() && tensor.name().indexOf('*') < 0;
            String name = numbered ? matcher.group(1) + "*" + matcher.group(3) : tensor.name();
            alike.computeIfAbsent(new Key(name, tensor.dtype(), tensor.shape()), _ -> new ArrayList<>())
                    .add(tensor);
        }
        List<AbsentGroup> groups = new ArrayList<>();
        alike.forEach((key, members) -> {
            AbsentGroup group = new AbsentGroup(key.name(), members.size(), key.dtype(), key.shape());
            List<String> names = members.stream().map(TensorInfo::name).toList();
            if (key.name().indexOf('*') >= 0
                    && !names.contains(key.name())
                    && group.names().stream()
                            .sorted()
                            .toList()
                            .equals(names.stream().sorted().toList())) {
                groups.add(group);
            } else {
                names.forEach(name -> groups.add(new AbsentGroup(name, 0, key.dtype(), key.shape())));
            }
        });
        return groups;
    }
}
