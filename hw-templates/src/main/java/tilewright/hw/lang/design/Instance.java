package tilewright.hw.lang.design;

import java.util.List;

/**
 * A child of a module.
 *
 * @param name unique in the parent
 * @param inputs every input, clock and reset of the child with what drives it, in the order of the child's ports
 * @param outputs every output of the child with the parent's net that it drives, in the order of the child's ports
 */
public record Instance(
        String name, Module module, List<InputPin> inputs, List<OutputPin> outputs, SourceLocation location) {
    /** A port of the child and the parent's expression that drives it; clocks and resets are driven by a plain net. */
    public record InputPin(Net port, Expression value) {}

    /** A port of the child and the parent's net of kind {@link Net.Kind#PIN} that it drives. */
    public record OutputPin(Net port, Net net) {}
}
