package tilewright.hw.lang;

import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Handshake;
import tilewright.hw.lang.design.Memory;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;

/** Writes down all of a module that matters for whether two are the same: everything but places in the source. */
final class Fingerprint {
    private final StringBuilder text = new StringBuilder();

    private Fingerprint() {}

    /** Equal for modules that can share one definition. */
    static String of(Module module) {
        Fingerprint fingerprint = new Fingerprint();
        fingerprint.module(module);
        return fingerprint.text.toString();
    }

    private void module(Module module) {
        put(module.name());
        for (Net net : module.nets()) {
            put(net.name()).put(net.width()).put(net.signed()).put(net.kind()).end();
        }
        for (Clock clock : module.clocks()) {
            put(clock.name())
                    .put(clock.clock().id())
                    .put(clock.reset().isPresent())
                    .put(clock.asynchronous())
                    .end();
        }
        module.assignments()
                .forEach(a -> put("=").put(a.target().id()).put(a.value()).end());
        module.registers()
                .forEach(r -> put("<=")
                        .put(r.net().id())
                        .put(r.clock().clock().id())
                        .put(r.reset())
                        .put(r.crossing())
                        .put(r.next())
                        .end());
        for (Memory m : module.memories()) {
            put("memory")
                    .put(m.name())
                    .put(m.width())
                    .put(m.depth())
                    .put(m.contents())
                    .end();
            m.writes().forEach(w -> {
                put("write")
                        .put(w.clock().clock().id())
                        .put(w.enable())
                        .put(w.address())
                        .put(w.data());
                w.mask().ifPresent(this::put);
                end();
            });
            m.reads()
                    .forEach(r -> put("read")
                            .put(r.clock().clock().id())
                            .put(r.data().id())
                            .put(r.enable())
                            .put(r.address())
                            .end());
        }
        module.instances().forEach(i -> {
            put(i.name()).put(i.module().name());
            i.inputs().forEach(pin -> put(pin.port().id()).put(pin.value()));
            i.outputs().forEach(pin -> put(pin.port().id()).put(pin.net().id()));
            end();
        });
        module.assertions()
                .forEach(a -> put("assert")
                        .put(a.clock().clock().id())
                        .put(a.condition())
                        .put(a.message())
                        .end());
        for (Handshake s : module.streams()) {
            put(s.name()).put(s.valid().id()).put(s.ready().id()).put(s.role());
            s.payload().forEach(net -> put(net.id()));
            end();
        }
        module.inputClocks().forEach((net, clock) -> put(net.id()).put(clock));
        module.primitive().ifPresent(p -> {
            put(p.name()).put(p.parameters());
            p.inputs().forEach(in -> put(in.pin()).put(in.value()));
            p.outputs()
                    .forEach(out -> put(out.pin())
                            .put(out.width())
                            .put(out.high())
                            .put(out.low())
                            .put(out.net().id())
                            .put(out.offset()));
        });
    }

    private Fingerprint put(Expression expression) {
        switch (expression) {
            case Expression.Constant e ->
                put(e.value()).put(e.width()).put(e.signed()).put(e.label());
            case Expression.Ref e -> put("@").put(e.net().id());
            case Expression.Unary e -> put(e.operator());
            case Expression.Binary e -> put(e.operator());
            case Expression.Mux _ -> put("?");
            case Expression.Slice e -> put("[").put(e.high()).put(e.low());
            case Expression.Concat e -> put("{").put(e.parts().size());
            case Expression.Extend e -> put("extend").put(e.width());
            case Expression.Reinterpret e -> put("cast").put(e.signed());
            case Expression.Lookup e -> put("lookup").put(e.memory());
        }
        expression.operands().forEach(this::put);
        return this;
    }

    private Fingerprint put(Object value) {
        text.append(value).append(' ');
        return this;
    }

    private void end() {
        text.append('\n');
    }
}
