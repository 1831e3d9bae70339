package tilewright.sim.rtl.compiled;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.design.Assertion;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Memory;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;
import tilewright.hw.lang.design.Register;

/**
 * Makes the statements of an edge: assertions, what memories will be written, registers and synchronous reads in place, and
 * at the end the memories and those registers that could not change in place.
 */
final class Edge {
    private static final int LONGEST_RUN = 20_000;

    private final Module module;
    private final List<Clock> clocks;
    private final Slots slots;
    private final Hoisting hoisting;
    private final Inlining inlining;
    private final List<Statement> out = new ArrayList<>();
    private final List<Statement> last = new ArrayList<>();

    Edge(Module module, List<Clock> clocks, Slots slots, Hoisting hoisting, Inlining inlining) {
        this.module = module;
        this.clocks = clocks;
        this.slots = slots;
        this.hoisting = hoisting;
        this.inlining = inlining;
    }

    List<Statement> statements() {
        checks();
        List<Update> updates = new ArrayList<>();
        for (Register r : module.registers()) {
            if (clocks.contains(r.clock())) {
                updates.add(new Update(r.net(), next(r)));
            }
        }
        for (Memory memory : module.memories()) {
            for (Memory.ReadPort read : memory.reads()) {
                if (clocks.contains(read.clock())) {
                    updates.add(new Update(read.data(), word(memory, read)));
                }
            }
            for (Memory.WritePort write : memory.writes()) {
                if (clocks.contains(write.clock())) {
                    write(memory, write);
                }
            }
        }
        updates.removeIf(Update::isHold);
        inOrder(updates);
        out.addAll(last);
        return out;
    }

    private void checks() {
        for (int i = 0; i < module.assertions().size(); i++) {
            Assertion a = module.assertions().get(i);
            if (clocks.contains(a.clock())) {
                Expression holds = inlining.of(a.condition());
                if (a.clock().reset().isPresent()) {
                    Expression reset = new Expression.Ref(a.clock().reset().get());
                    holds = new Expression.Binary(Expression.BinaryOperator.OR, reset, holds);
                }
                out.add(new Statement.Check(hoisting.simple(holds, out), i));
            }
        }
    }

    private Expression next(Register r) {
        Expression next = inlining.of(r.next());
        if (r.reset().isEmpty()) {
            return next;
        }
        Expression reset = new Expression.Ref(r.clock().reset().orElseThrow());
        return new Expression.Mux(reset, Lowering.resetValue(r), next);
    }

    private Expression word(Memory memory, Memory.ReadPort read) {
        Expression word =
                new Expression.Lookup(memory.id(), memory.name(), inlining.of(read.address()), memory.width());
        Expression enable = inlining.of(read.enable());
        return isTrue(enable) ? word : new Expression.Mux(enable, word, new Expression.Ref(read.data()));
    }

    private static boolean isTrue(Expression e) {
        return e instanceof Expression.Constant c && c.value().equals(BigInteger.ONE);
    }

    /** Computes what a port writes before registers change, and writes it after. */
    private void write(Memory memory, Memory.WritePort port) {
        Net enable = named(inlining.of(port.enable()), out);
        List<Statement> before = new ArrayList<>();
        Net address = named(inlining.of(port.address()), before);
        Net data = named(inlining.of(port.data()), before);
        Object words = new Statement.MemoryOperand(memory.id());
        int size = Slots.words(memory.width());
        Expression at = hoisting.simple(new Expression.Ref(address), before);
        Statement store;
        if (port.mask().isPresent()) {
            Net mask = named(inlining.of(port.mask().get()), before);
            int lanes = mask.width();
            store = Statement.Call.of(
                    "storeLanes", slots.of(data), size, words, at, slots.of(mask), lanes, memory.width() / lanes);
        } else {
            store = Statement.Call.of("store", slots.of(data), size, words, at);
        }
        out.add(Statement.If.of(new Expression.Ref(enable), before, List.of()));
        last.add(Statement.If.of(new Expression.Ref(enable), List.of(store), List.of()));
    }

    /** A net of the value's own, computed by {@code before}. */
    private Net named(Expression value, List<Statement> before) {
        Net net = slots.scratch(value.width(), value.signed());
        hoisting.store(net, value, before);
        return net;
    }

    private void inOrder(List<Update> updates) {
        List<Update> run = new ArrayList<>();
        int size = 0;
        for (UpdateOrder.Step step : UpdateOrder.of(updates)) {
            Update update = step.update();
            if (step.deferred() || size > LONGEST_RUN) {
                print(run, out);
                run.clear();
                size = 0;
            }
            if (step.deferred()) {
                Net later = named(update.next(), out);
                hoisting.store(update.target(), new Expression.Ref(later), last);
            } else {
                run.add(update);
                size += ExpressionCode.size(update.next());
            }
        }
        print(run, out);
    }

    /** Updates one after another; neighbours under one condition share its test. */
    private void print(List<Update> updates, List<Statement> to) {
        int from = 0;
        while (from < updates.size()) {
            Update first = updates.get(from);
            int end = from + 1;
            if (first.next() instanceof Expression.Mux mux) {
                while (end < updates.size()
                        && updates.get(end).next() instanceof Expression.Mux other
                        && other.condition().equals(mux.condition())) {
                    end++;
                }
                choice(mux.condition(), updates.subList(from, end), to);
            } else if (!first.isHold()) {
                inPlace(first, to);
            }
            from = end;
        }
    }

    private void choice(Expression condition, List<Update> updates, List<Statement> to) {
        List<Statement> whenTrue = new ArrayList<>();
        List<Statement> whenFalse = new ArrayList<>();
        Expression test = hoisting.simple(condition, to);
        print(
                updates.stream()
                        .map(u -> u.to(((Expression.Mux) u.next()).whenTrue()))
                        .toList(),
                whenTrue);
        print(
                updates.stream()
                        .map(u -> u.to(((Expression.Mux) u.next()).whenFalse()))
                        .toList(),
                whenFalse);
        to.add(Statement.If.of(test, whenTrue, whenFalse));
    }

    private void inPlace(Update update, List<Statement> to) {
        if (Slots.isWide(update.next()) && !(update.next() instanceof Expression.Constant)) {
            Net value = named(update.next(), to);
            hoisting.store(update.target(), new Expression.Ref(value), to);
        } else {
            hoisting.store(update.target(), update.next(), to);
        }
    }
}
