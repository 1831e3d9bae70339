package tilewright.hw.lang;

import tilewright.hw.lang.design.Finding;

/** Says which nets a component may drive. */
final class Directions {
    private Directions() {}

    /** Whether the component may assign the net; otherwise a problem is noted. */
    static boolean mayDrive(ModuleBuilder module, Node.NetNode target) {
        Finding.Rule rule = Finding.Rule.DIRECTION;
        if (target.owner == module) {
            switch (target.kind) {
                case INPUT -> {
                    module.problem(rule, target, () -> "an input is assigned inside its component; make it out(...)");
                    return false;
                }
                case READ -> {
                    module.problem(rule, target, () -> "the data of a memory's read port is assigned; use write(...)");
                    return false;
                }
                case OUTPUT, WIRE, REGISTER -> {
                    return true;
                }
            }
        }
        if (target.owner.parent == module && target.isPort()) {
            if (target.kind == Node.NetKind.INPUT) {
                return true;
            }
            module.problem(
                    Finding.Rule.SEVERAL_DRIVERS,
                    target,
                    () -> "an output of a child is assigned from outside, but the child drives it; read it instead");
            return false;
        }
        module.problem(
                Finding.Rule.HIERARCHY,
                target,
                () -> "'" + Description.of(target) + "' of " + target.owner.path() + " is assigned in " + module.path()
                        + "; hand the value over by a port");
        return false;
    }
}
