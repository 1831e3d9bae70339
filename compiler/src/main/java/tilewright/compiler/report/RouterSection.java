package tilewright.compiler.report;

import java.util.ArrayList;
import java.util.List;
import tilewright.compiler.report.ReportData.RouterLoad;

/** How evenly the routers use the experts: a heat map, one row per layer and task, one column per expert. */
final class RouterSection {
    private static final int LABELLED = 16;
    private static final int MANY_ROWS = 24;

    private RouterSection() {}

    static Section of(ReportData data) {
        List<RouterLoad> loads = data.routerLoad();
        if (loads.isEmpty()) {
            boolean moe = data.graph().nodes().stream().anyMatch(node -> node.experts() > 0);
            return Section.missing(
                    "router", "Router load", moe ? "not measured: no images were routed" : "The model has no experts.");
        }
        int experts =
                loads.stream().mapToInt(load -> load.routings().size()).max().orElse(0);
        Markup to = new Markup().open("div", "class", "legend heat");
        to.element(
                "span",
                "load of an expert as a multiple of the even share"
                        + (experts <= LABELLED ? "; in the cells: percent" : ""));
        LoadScale.legend(to, "unused");
        to.close();
        int longest = loads.stream().mapToInt(load -> name(load).length()).max().orElse(0);
        String width = "--experts:" + experts + ";--label:" + longest;
        to.open("div", "class", "scroll")
                .open("div", "class", experts > 64 ? "heatmap fine" : "heatmap", "style", width);
        LoadScale.axis(to, experts, "peak");
        int height = loads.size() > MANY_ROWS ? 15 : 24;
        String layer = null;
        for (RouterLoad load : loads) {
            row(to, load, experts, height, layer != null && !layer.equals(load.layer()));
            layer = load.layer();
        }
        to.close().close();
        table(loads).writeFolded(to, "Routings to every expert");
        long unused = loads.stream()
                .flatMap(load -> load.routings().stream())
                .filter(count -> count == 0)
                .count();
        long all = loads.stream().mapToLong(load -> load.routings().size()).sum();
        String lead = unused == 0
                ? "every expert of every layer and task got tokens"
                : unused + " of " + NumberText.exact(all) + " experts of all layers and tasks got no token";
        return new Section("router", "Router load", lead, to);
    }

    private static void row(Markup to, RouterLoad load, int experts, int height, boolean newLayer) {
        long total = load.routings().stream().mapToLong(v -> v).sum();
        double even = (double) total / Math.max(1, load.routings().size());
        String name = name(load);
        String tall = Integer.toString(height);
        String middle = Integer.toString(height / 2 + 4);
        to.open("div", "class", newLayer ? "row apart" : "row");
        to.element("span", name, "class", "name", "title", name);
        to.open("svg", "class", "cells", "height", tall, "role", "img", "aria-label", "routings to experts, " + name);
        for (int i = 0; i < load.routings().size(); i++) {
            long count = load.routings().get(i);
            String step = "h" + LoadScale.step(count, even);
            String share = total > 0 ? NumberText.percent((double) count / total) : "no routings";
            to.open("rect", "class", step, "x", start(i, experts), "width", start(1, experts), "height", tall);
            to.element("title", name + ", expert " + i + ": " + NumberText.exact(count) + " (" + share + ")");
            to.close();
            if (experts <= LABELLED && count > 0) {
                long rounded = Math.round(100.0 * count / total);
                String percent = rounded > 0 ? Long.toString(rounded) : "<1";
                to.element("text", percent, "x", center(i, experts), "y", middle, "class", "middle " + step);
            }
        }
        to.close();
        long most = load.routings().stream().mapToLong(v -> v).max().orElse(0);
        String busiest = total > 0 ? NumberText.significant(most / even, 2) + "\u00D7" : "no routings";
        to.element("span", busiest, "class", "value").close();
    }

    private static String name(RouterLoad load) {
        return load.layer() + (load.task().isEmpty() ? "" : " \u00B7 " + load.task());
    }

    private static Table table(List<RouterLoad> loads) {
        Table table = new Table("layer", "task", "#routings", "routings to expert 0, 1, 2, \u2026");
        for (RouterLoad load : loads) {
            List<String> counts = new ArrayList<>();
            load.routings().forEach(count -> counts.add(NumberText.exact(count)));
            long total = load.routings().stream().mapToLong(v -> v).sum();
            table.row(load.layer(), load.task(), NumberText.exact(total), String.join(", ", counts));
        }
        return table;
    }

    private static String start(int expert, int experts) {
        return NumberText.coordinate(100.0 * expert / experts) + "%";
    }

    private static String center(int expert, int experts) {
        return NumberText.coordinate(100 * (expert + 0.5) / experts) + "%";
    }
}
