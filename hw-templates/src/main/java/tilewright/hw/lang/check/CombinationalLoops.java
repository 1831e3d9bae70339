package tilewright.hw.lang.check;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.Net;

/** Finds nets that follow themselves without a register between. Elements of a vector are nets of their own. */
final class CombinationalLoops {
    private record Visit(Net net, Iterator<Net> sources) {}

    private final Dependencies dependencies;
    private final String top;
    private final boolean[] done;
    private final boolean[] open;
    private final Deque<Visit> stack = new ArrayDeque<>();
    private final List<Finding> findings = new ArrayList<>();

    private CombinationalLoops(Dependencies dependencies, String top) {
        this.dependencies = dependencies;
        this.top = top;
        done = new boolean[dependencies.module.nets().size()];
        open = new boolean[done.length];
    }

    /** One finding for each loop met first from each side. */
    static List<Finding> of(Dependencies dependencies, String top) {
        CombinationalLoops loops = new CombinationalLoops(dependencies, top);
        dependencies.module.nets().forEach(loops::search);
        return loops.findings;
    }

    private void search(Net root) {
        if (done[root.id()]) {
            return;
        }
        enter(root);
        while (!stack.isEmpty()) {
            Visit visit = stack.peek();
            if (!visit.sources.hasNext()) {
                stack.pop();
                open[visit.net.id()] = false;
                done[visit.net.id()] = true;
                continue;
            }
            Net source = visit.sources.next();
            if (open[source.id()]) {
                report(source);
            } else if (!done[source.id()]) {
                enter(source);
            }
        }
    }

    private void enter(Net net) {
        open[net.id()] = true;
        stack.push(new Visit(net, dependencies.sources(net).iterator()));
    }

    /** The stack holds, from its top, each net after one that follows it: the chain in the direction of the signal. */
    private void report(Net closing) {
        List<Net> chain = new ArrayList<>();
        for (Visit visit : stack) {
            chain.add(visit.net);
            if (visit.net.equals(closing)) {
                break;
            }
        }
        Net first = Collections.min(chain, Comparator.comparingInt(Net::id));
        Collections.rotate(chain, -chain.indexOf(first));
        chain.add(first);
        findings.add(new Finding(
                Finding.Rule.COMBINATIONAL_LOOP,
                first.location(),
                top + "." + first.name(),
                Dependencies.chain(chain) + "; put a register into it"));
    }
}
