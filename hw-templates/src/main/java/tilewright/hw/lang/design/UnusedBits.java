package tilewright.hw.lang.design;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Finds the bits of a module that nothing in it reads. */
public final class UnusedBits {
    private final BitSet[] read;

    private UnusedBits(Module module) {
        read = new BitSet[module.nets().size()];
        for (int i = 0; i < read.length; i++) {
            read[i] = new BitSet();
        }
        module.assignments().forEach(a -> visit(a.value()));
        module.registers().forEach(r -> {
            all(r.clock().clock());
            r.clock().reset().ifPresent(this::all);
            others(r.net(), r.next());
        });
        for (Memory memory : module.memories()) {
            memory.writes().forEach(w -> {
                all(w.clock().clock());
                visit(w.enable());
                visit(w.address());
                visit(w.data());
                w.mask().ifPresent(this::visit);
            });
            memory.reads().forEach(r -> {
                all(r.clock().clock());
                visit(r.enable());
                visit(r.address());
            });
        }
        module.instances().stream().map(Instance::inputs).flatMap(List::stream).forEach(pin -> visit(pin.value()));
        module.assertions().forEach(a -> {
            all(a.clock().clock());
            visit(a.condition());
        });
    }

    /** Which bits of a net are unused; outputs count as used. */
    public record Unused(Net net, int high, int low) {
        /** Whether no bit of the net is used. */
        public boolean isWhole() {
            return low == 0 && high == net.width() - 1;
        }
    }

    /** The runs of unused bits, in the order of the nets. */
    public static List<Unused> of(Module module) {
        UnusedBits bits = new UnusedBits(module);
        List<Unused> result = new ArrayList<>();
        for (Net net : module.nets()) {
            if (net.kind() == Net.Kind.OUTPUT) {
                continue;
            }
            BitSet used = bits.read[net.id()];
            int low = used.nextClearBit(0);
            while (low < net.width()) {
                int next = used.nextSetBit(low);
                int high = next < 0 ? net.width() - 1 : Math.min(next, net.width()) - 1;
                result.add(new Unused(net, high, low));
                low = used.nextClearBit(high + 1);
            }
        }
        return result;
    }

    private void all(Net net) {
        read[net.id()].set(0, net.width());
    }

    /** A register that only holds itself is not thereby used. */
    private void others(Net self, Expression next) {
        if (next instanceof Expression.Mux mux) {
            visit(mux.condition());
            others(self, mux.whenTrue());
            others(self, mux.whenFalse());
        } else if (!(next instanceof Expression.Ref ref && ref.net().equals(self))) {
            visit(next);
        }
    }

    private void visit(Expression expression) {
        switch (expression) {
            case Expression.Ref ref -> all(ref.net());
            case Expression.Slice slice
            when slice.operand() instanceof Expression.Ref ref ->
                read[ref.net().id()].set(slice.low(), slice.high() + 1);
            default -> expression.operands().forEach(this::visit);
        }
    }
}
