package tilewright.hw.lang;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.SourceLocation;

/** What is wrong with a design so far; put into words when all names are known. */
final class Problems {
    private record Problem(
            Finding.Rule rule,
            SourceLocation at,
            ModuleBuilder module,
            Node subject,
            String name,
            Supplier<String> message) {}

    private final List<Problem> problems = new ArrayList<>();

    /** Notes a problem; {@code subject} is the signal it is about, null for the component as a whole. */
    void add(Finding.Rule rule, SourceLocation at, ModuleBuilder module, Node subject, Supplier<String> message) {
        problems.add(new Problem(rule, at, module, subject, null, message));
    }

    /** Notes a problem about a child or a memory. */
    void add(Finding.Rule rule, SourceLocation at, ModuleBuilder module, String name, Supplier<String> message) {
        problems.add(new Problem(rule, at, module, null, name, message));
    }

    boolean isEmpty() {
        return problems.isEmpty();
    }

    private static String path(Problem p) {
        if (p.subject == null) {
            return p.module.path() + (p.name == null ? "" : "." + p.name);
        }
        ModuleBuilder owner = p.subject instanceof Node.NetNode net ? net.owner : p.module;
        return owner.path() + "." + (p.subject.name != null ? p.subject.name : Description.of(p.subject));
    }

    /** The findings in the order in which they were noted; those of equal instances once, with their number. */
    List<Finding> findings() {
        Map<String, List<Finding>> alike = new LinkedHashMap<>();
        for (Problem p : problems) {
            Finding finding = new Finding(p.rule, p.at, path(p), p.message.get());
            alike.computeIfAbsent(p.rule + "@" + p.at + finding.message(), _ -> new ArrayList<>())
                    .add(finding);
        }
        return alike.values().stream()
                .map(list -> {
                    Finding first = list.getFirst();
                    long others = list.stream().map(Finding::path).distinct().count() - 1;
                    String more = others == 0 ? "" : " (and " + others + " more)";
                    return new Finding(first.rule(), first.location(), first.path() + more, first.message());
                })
                .toList();
    }
}
