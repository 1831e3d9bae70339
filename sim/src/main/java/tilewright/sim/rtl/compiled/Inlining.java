package tilewright.sim.rtl.compiled;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.design.Assignment;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Memory;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;

/** Puts the values of wires that have one reader, or cost no more than a read, in the place of their readers. */
final class Inlining {
    private static final int DEEPEST = 64;

    private final int[] uses;
    private final Expression[] inlined;
    private final List<Assignment> kept = new ArrayList<>();

    /**
     * Decides for a module.
     *
     * @param all whether every net keeps its value in its place, for traces
     */
    Inlining(Module module, boolean all) {
        uses = new int[module.nets().size()];
        inlined = new Expression[uses.length];
        module.assignments().forEach(a -> count(a.value()));
        module.registers().forEach(r -> count(r.next()));
        module.assertions().forEach(a -> count(a.condition()));
        for (Memory memory : module.memories()) {
            memory.reads().forEach(r -> {
                count(r.enable());
                count(r.address());
            });
            memory.writes().forEach(w -> {
                count(w.enable());
                count(w.address());
                count(w.data());
                w.mask().ifPresent(this::count);
            });
        }
        for (Assignment a : module.assignments()) {
            Expression value = of(a.value());
            Net target = a.target();
            int depth = depth(value);
            boolean once = uses[target.id()] == 1 && !Slots.isWide(value) && depth < DEEPEST;
            if (!all && target.kind() != Net.Kind.OUTPUT && (once || isCheap(value))) {
                inlined[target.id()] = value;
            } else {
                kept.add(new Assignment(target, value));
            }
        }
    }

    /** What remains to be computed, in an order in which it can be. */
    List<Assignment> kept() {
        return kept;
    }

    /** An expression over the nets that are kept. */
    Expression of(Expression e) {
        if (e instanceof Expression.Ref ref) {
            Expression value = inlined[ref.net().id()];
            return value == null ? e : value;
        }
        List<Expression> operands = e.operands();
        if (operands.isEmpty()) {
            return e;
        }
        List<Expression> changed = new ArrayList<>(operands.size());
        boolean same = true;
        for (Expression operand : operands) {
            Expression other = of(operand);
            same &= other == operand;
            changed.add(other);
        }
        return same ? e : Rebuilding.with(e, changed);
    }

    private void count(Expression e) {
        if (e instanceof Expression.Ref ref) {
            uses[ref.net().id()]++;
        }
        e.operands().forEach(this::count);
    }

    private static boolean isCheap(Expression e) {
        return switch (e) {
            case Expression.Constant x -> !Slots.isWide(x);
            case Expression.Ref _ -> true;
            case Expression.Slice x -> !Slots.isWide(x) && x.operand() instanceof Expression.Ref;
            case Expression.Extend x -> !Slots.isWide(x) && isLeaf(x.operand());
            case Expression.Reinterpret x -> !Slots.isWide(x) && isLeaf(x.operand());
            default -> false;
        };
    }

    private static boolean isLeaf(Expression e) {
        return e instanceof Expression.Ref || e instanceof Expression.Constant;
    }

    private static int depth(Expression e) {
        int deepest = 0;
        for (Expression operand : e.operands()) {
            deepest = Math.max(deepest, depth(operand));
        }
        return deepest + 1;
    }
}
