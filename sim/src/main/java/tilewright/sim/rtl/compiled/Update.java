package tilewright.sim.rtl.compiled;

import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Net;

/** What a register takes at an edge; a choice of itself means that it holds. */
record Update(Net target, Expression next) {
    /** Whether it does nothing. */
    boolean isHold() {
        return next instanceof Expression.Ref ref && ref.net().equals(target);
    }

    /** The same register with another value. */
    Update to(Expression other) {
        return new Update(target, other);
    }
}
