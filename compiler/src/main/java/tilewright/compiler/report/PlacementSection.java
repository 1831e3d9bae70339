package tilewright.compiler.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.compiler.report.ReportData.Placement;

/** Where the buffers live: one bar per memory, one segment per buffer, the largest first. */
final class PlacementSection {
    private static final int SHADES = 4;

    private PlacementSection() {}

    static Section of(ReportData data) {
        List<Placement> placement = data.placement();
        if (placement.isEmpty()) {
            return Section.missing("placement", "Buffers", "No placement given.");
        }
        Map<String, List<Placement>> memories = new LinkedHashMap<>();
        for (Placement buffer : placement) {
            memories.computeIfAbsent(buffer.memory(), memory -> new ArrayList<>())
                    .add(buffer);
        }
        Markup to = new Markup().open("div", "class", "stacks");
        memories.forEach((memory, buffers) -> stack(to, memory, buffers));
        to.close();
        Table table = new Table("buffer", "memory", "#bytes", "#size", "holds");
        for (Placement buffer : placement) {
            table.row(
                    buffer.buffer(),
                    buffer.memory(),
                    NumberText.exact(buffer.bytes()),
                    NumberText.bytes(buffer.bytes()),
                    buffer.purpose());
        }
        table.writeFolded(to, "All " + placement.size() + " buffers");
        String lead = placement.size()
                + (placement.size() == 1 ? " buffer in " : " buffers in ")
                + memories.size()
                + (memories.size() == 1 ? " memory" : " memories");
        return new Section("placement", "Buffers", lead, to);
    }

    private static void stack(Markup to, String memory, List<Placement> buffers) {
        long total = buffers.stream().mapToLong(Placement::bytes).sum();
        to.open("div", "class", "stack").open("p", "class", "head").element("b", memory);
        to.element("span", NumberText.bytes(total)).close().open("div", "class", "segments");
        List<Placement> largestFirst = buffers.stream()
                .sorted(Comparator.comparingLong(Placement::bytes).reversed())
                .toList();
        for (int i = 0; i < largestFirst.size(); i++) {
            Placement buffer = largestFirst.get(i);
            String text = buffer.buffer() + " " + NumberText.bytes(buffer.bytes());
            String grow = "flex-grow:" + Math.max(1, 10_000 * buffer.bytes() / Math.max(1, total));
            to.element("span", text, "class", "s" + i % SHADES, "style", grow, "title", text);
        }
        to.close().close();
    }
}
