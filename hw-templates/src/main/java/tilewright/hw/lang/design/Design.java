package tilewright.hw.lang.design;

import java.util.List;

/**
 * An elaborated design: immutable, checked, the contract between the language and everything that reads designs.
 *
 * @param modules every distinct module once, children before parents; the last is the top
 * @param warnings what the checks found that is legal
 */
public record Design(List<Module> modules, List<Finding> warnings) {
    /** The module that contains the others. */
    public Module top() {
        return modules.getLast();
    }

    /** The same hardware as one module without instances; its assignments are in an order in which they can be evaluated. */
    public FlatDesign flat() {
        return Flattening.sorted(this);
    }
}
