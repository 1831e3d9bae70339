package tilewright.hw.lang;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several values under names. Authors extend it with fields made by {@link #field} and, for those that run against the
 * bundle's direction (a stream's ready), {@link #back}; the nets are called after the Java fields.
 *
 * <pre>{@code
 * final class Pixel extends Bundle {
 *     final UInt red = field(uint(5));
 *     final UInt green = field(uint(6));
 * }
 * }</pre>
 */
public abstract non-sealed class Bundle extends Data {
    private record Part(Data data, boolean backward) {}

    private final List<Part> parts = new ArrayList<>();
    private Type<?> type;

    /** An empty bundle; the fields of the class fill it. */
    protected Bundle() {}

    /** A part that runs in the bundle's direction. */
    protected final <T extends Data> T field(Type<T> part) {
        T data = Hdl.make(part);
        parts.add(new Part(data, false));
        return data;
    }

    /** A part that runs against the bundle's direction. */
    protected final <T extends Data> T back(Type<T> part) {
        T data = Hdl.make(part);
        parts.add(new Part(data, true));
        return data;
    }

    final void type(Type<?> made) {
        type = made;
    }

    @Override
    List<Signal> leaves() {
        return parts.stream().flatMap(part -> part.data.leaves().stream()).toList();
    }

    @Override
    void visit(String name, boolean flipped, Visitor visitor) {
        visitor.bundle(name, this);
        Map<Data, String> names = new IdentityHashMap<>();
        Fields.of(this, Bundle.class, (field, value) -> {
            if (value instanceof Data data) {
                names.putIfAbsent(data, field);
            }
        });
        int unnamed = 0;
        for (Part part : parts) {
            String partName = names.containsKey(part.data) ? names.get(part.data) : "part" + unnamed++;
            part.data.visit(join(name, partName), flipped ^ part.backward, visitor);
        }
    }

    @Override
    Data sibling() {
        if (type == null) {
            throw new InvalidDesignException(
                    Author.here(),
                    "a " + getClass().getSimpleName() + " made with new has no type; make it with wire(...), reg(...), "
                            + "in(...) or out(...)");
        }
        return Hdl.make(type);
    }

    /** Whether some part runs against the bundle's direction. */
    final boolean hasBackward() {
        boolean[] found = {false};
        visit("", false, (_, flipped, _) -> found[0] |= flipped);
        return found[0];
    }
}
