package tilewright.hw.unit;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tilewright.hw.lang.Component;

/**
 * What a unit is offered and what must come of it; a word is the values of its stream's signals.
 *
 * @param name of the unit and its parameters
 * @param unit makes the component
 * @param held what its inputs that are no streams hold
 * @param loaded what its ports are offered first, and have taken before the rest begins
 * @param offered what its ports are offered
 * @param expected what its ports must give, word for word
 */
public record UnitCase(
        String name,
        Supplier<Component> unit,
        Map<String, Long> held,
        Map<String, List<List<Long>>> loaded,
        Map<String, List<List<Long>>> offered,
        Map<String, List<List<Long>>> expected) {
    /** A case of streams only. */
    public UnitCase(
            String name,
            Supplier<Component> unit,
            Map<String, List<List<Long>>> offered,
            Map<String, List<List<Long>>> expected) {
        this(name, unit, Map.of(), Map.of(), offered, expected);
    }

    @Override
    public String toString() {
        return name;
    }

    /** How many words pass in and out after loading. */
    public int transfers() {
        return offered.values().stream().mapToInt(List::size).sum()
                + expected.values().stream().mapToInt(List::size).sum();
    }
}
