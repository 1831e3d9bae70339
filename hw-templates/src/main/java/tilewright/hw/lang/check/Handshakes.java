package tilewright.hw.lang.check;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.Handshake;
import tilewright.hw.lang.design.Net;

/** Finds streams whose valid waits for their ready: such a sender and a careful receiver wait for each other for ever. */
final class Handshakes {
    private Handshakes() {}

    static List<Finding> of(Dependencies dependencies, String top) {
        List<Finding> findings = new ArrayList<>();
        Set<List<Net>> seen = new HashSet<>();
        for (Handshake stream : dependencies.module.streams()) {
            if (seen.add(List.of(origin(dependencies, stream.valid()), origin(dependencies, stream.ready())))) {
                List<Net> chain = chain(dependencies, stream.ready(), stream.valid());
                if (!chain.isEmpty()) {
                    findings.add(new Finding(
                            Finding.Rule.VALID_DEPENDS_ON_READY,
                            stream.valid().location(),
                            top + "." + stream.name(),
                            Dependencies.chain(chain)
                                    + "; offer the word whether or not it is taken, or put stage() before"));
                }
            }
        }
        return findings;
    }

    /** The net that a net is merely wired to. */
    private static Net origin(Dependencies dependencies, Net net) {
        Net result = net;
        Set<Net> passed = new HashSet<>();
        while (passed.add(result) && dependencies.driver(result) instanceof Expression.Ref ref) {
            result = ref.net();
        }
        return result;
    }

    /** The shortest way of a signal from one net to another without a register; empty when there is none. */
    private static List<Net> chain(Dependencies dependencies, Net from, Net to) {
        Map<Net, Net> next = new HashMap<>();
        Deque<Net> queue = new ArrayDeque<>(List.of(to));
        next.put(to, to);
        while (!queue.isEmpty()) {
            Net net = queue.poll();
            for (Net source : dependencies.sources(net)) {
                if (next.putIfAbsent(source, net) == null) {
                    queue.add(source);
                }
            }
            if (next.containsKey(from) && !from.equals(to)) {
                List<Net> chain = new ArrayList<>();
                for (Net step = from; !step.equals(to); step = next.get(step)) {
                    chain.add(step);
                }
                chain.add(to);
                return chain;
            }
        }
        return List.of();
    }
}
