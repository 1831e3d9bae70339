package tilewright.hw.lang.check;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tilewright.hw.lang.design.Assignment;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;
import tilewright.hw.lang.design.Reads;

/** Which nets of a flat module follow which others at once, without a register between. */
final class Dependencies {
    final Module module;
    private final List<List<Net>> sources = new ArrayList<>();
    private final Expression[] drivers;

    Dependencies(Module module) {
        this.module = module;
        drivers = new Expression[module.nets().size()];
        for (Assignment a : module.assignments()) {
            drivers[a.target().id()] = a.value();
        }
        for (Expression driver : drivers) {
            sources.add(driver == null ? List.of() : List.copyOf(Reads.of(driver)));
        }
    }

    /** What a net follows; nothing for registers and inputs. */
    List<Net> sources(Net net) {
        return sources.get(net.id());
    }

    /** What a net is assigned; null for registers, inputs and memories' data. */
    Expression driver(Net net) {
        return drivers[net.id()];
    }

    /** Nets in a row, as {@code "a -> b -> c"}. */
    static String chain(List<Net> nets) {
        return nets.stream().map(Net::name).collect(Collectors.joining(" -> "));
    }
}
