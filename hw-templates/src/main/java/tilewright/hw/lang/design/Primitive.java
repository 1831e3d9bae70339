package tilewright.hw.lang.design;

import java.util.List;
import java.util.Map;

/**
 * What a module is replaced by in synthesis for its device family; the module's own body is the behavioural twin, which
 * is what simulators run and what other families synthesise.
 *
 * @param name the vendor's module
 * @param parameters the vendor's parameters with their Verilog text, in the order they are printed
 * @param inputs the vendor's input pins
 * @param outputs the vendor's output pins
 */
public record Primitive(String name, Map<String, String> parameters, List<Input> inputs, List<Output> outputs) {
    /** An input pin and its driver, an expression over the module's input ports. */
    public record Input(String pin, Expression value) {}

    /** An output pin of {@code width} bits, of which {@code high..low} drive the net's bits from {@code offset} on. */
    public record Output(String pin, int width, int high, int low, Net net, int offset) {}
}
