package tilewright.sim.rtl.compiled;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Register;

/** Makes the statements of a flat design's functions. */
final class Lowering {
    private final Module module;
    private final Slots slots;
    private final Hoisting hoisting;
    private final Inlining inlining;

    /**
     * Prepares a module.
     *
     * @param all whether every net is to have its value in its place
     */
    Lowering(Module module, boolean all) {
        this.module = module;
        slots = new Slots(module);
        hoisting = new Hoisting(slots);
        inlining = new Inlining(module, all);
    }

    /** Where the nets lie; complete once all functions are made. */
    Slots slots() {
        return slots;
    }

    /** Resets that act at once, then wires and outputs. */
    List<Statement> settle() {
        List<Statement> out = new ArrayList<>();
        for (Clock clock : module.clocks()) {
            if (clock.asynchronous() && clock.reset().isPresent()) {
                List<Statement> resets = new ArrayList<>();
                for (Register r : module.registers()) {
                    if (r.clock().equals(clock) && r.reset().isPresent()) {
                        hoisting.store(r.net(), resetValue(r), resets);
                    }
                }
                out.add(Statement.If.of(new Expression.Ref(clock.reset().get()), resets, List.of()));
            }
        }
        inlining.kept().forEach(a -> hoisting.store(a.target(), a.value(), out));
        return out;
    }

    /** The edge of some clocks at one moment. */
    List<Statement> edge(List<Clock> clocks) {
        return new Edge(module, clocks, slots, hoisting, inlining).statements();
    }

    static Expression resetValue(Register r) {
        return new Expression.Constant(
                r.reset().orElseThrow(), r.net().width(), r.net().signed(), "");
    }
}
