package tilewright.compiler.report;

import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import tilewright.edge.expert.ExpertUse;

/** All experts, one row per layer: how often each was used, how often read from storage, which are in memory. */
final class ExpertMapSection {
    private static final int MANY_ROWS = 24;
    private static final int GAPS = 64;

    private ExpertMapSection() {}

    /** How often they were used, and which were in memory at the end. */
    static Section uses(StreamedRun run) {
        String title = "Experts in use";
        List<List<ExpertUse>> layers = run.layers();
        if (layers.isEmpty()) {
            return Section.missing("experts", title, "No experts were on storage.");
        }
        Markup to = new Markup().open("div", "class", "legend heat ramp uses");
        to.element("span", "uses of an expert as a multiple of the even share");
        LoadScale.legend(to, "unused");
        Section.key(to, "present", "in memory at the end").close();
        map(to, layers, "uses", "hits", layer -> {
            long uses = sum(layer, ExpertUse::uses);
            String hits = uses == 0 ? "unused" : Math.round(100.0 * sum(layer, ExpertUse::hits) / uses) + "\u00A0%";
            to.open("svg", attributes(layers, name(layer) + ", uses of experts"));
            double even = (double) uses / layer.size();
            double wide = width(layers);
            for (int i = 0; i < layer.size(); i++) {
                ExpertUse use = layer.get(i);
                to.open("path", "class", "h" + LoadScale.step(use.uses(), even), "d", cell(i, wide));
                to.element("title", hover(use)).close();
            }
            present(to, layer);
            to.close().element("span", hits, "class", "value");
        });
        table(layers, "uses", ExpertUse::uses).writeFolded(to, "Uses of every expert");
        long unused = run.experts().stream().filter(use -> use.uses() == 0).count();
        long present = run.experts().stream().filter(ExpertUse::present).count();
        String lead = NumberText.exact(present) + " of "
                + NumberText.exact(run.experts().size())
                + " experts were in memory at the end; "
                + (unused == 0 ? "all were used" : NumberText.exact(unused) + " were never used");
        return new Section("experts", title, lead, to);
    }

    /** How often they were read. */
    static Section reads(StreamedRun run) {
        String title = "Reads from storage";
        List<List<ExpertUse>> layers = run.layers();
        long bytes = sum(run.experts(), ExpertUse::readBytes);
        if (bytes == 0) {
            return Section.missing("reads", title, "Nothing was read from storage.");
        }
        double even =
                (double) sum(run.experts(), ExpertUse::reads) / run.experts().size();
        Markup to = new Markup().open("div", "class", "legend heat ramp reads");
        to.element(
                "span",
                "reads of an expert as a multiple of the mean of all layers, " + NumberText.significant(even, 3));
        LoadScale.legend(to, "never");
        to.close();
        map(to, layers, "reads", "read", layer -> {
            long read = sum(layer, ExpertUse::readBytes);
            String text = NumberText.exact(sum(layer, ExpertUse::reads)) + " reads, " + NumberText.bytes(read);
            to.open("svg", attributes(layers, name(layer) + ": " + text));
            to.element("title", name(layer) + ": " + text);
            runs(to, layer, even);
            to.close().element("span", NumberText.bytes(read), "class", "value", "title", text);
        });
        table(layers, "reads", ExpertUse::reads).writeFolded(to, "Reads of every expert");
        String lead = NumberText.exact(sum(run.experts(), ExpertUse::reads)) + " reads of " + NumberText.bytes(bytes)
                + " in all";
        return new Section("reads", title, lead, to);
    }

    /** What draws and describes one layer. */
    private interface Row {
        void write(List<ExpertUse> layer);
    }

    private static void map(Markup to, List<List<ExpertUse>> layers, String what, String value, Row row) {
        int experts = experts(layers);
        int label =
                layers.stream().mapToInt(layer -> name(layer).length()).max().orElse(0);
        to.open("div", "class", "scroll");
        to.open("div", "class", "heatmap map ramp " + what, "style", "--experts:" + experts + ";--label:" + label);
        LoadScale.axis(to, experts, value);
        for (List<ExpertUse> layer : layers) {
            to.open("div", "class", "row").element("span", name(layer), "class", "name");
            row.write(layer);
            to.close();
        }
        to.close().close();
    }

    private static String name(List<ExpertUse> layer) {
        return "layer " + layer.getFirst().layer();
    }

    private static int experts(List<List<ExpertUse>> layers) {
        return layers.stream().mapToInt(List::size).max().orElse(1);
    }

    private static double width(List<List<ExpertUse>> layers) {
        return experts(layers) > GAPS ? 1 : 0.94;
    }

    private static String[] attributes(List<List<ExpertUse>> layers, String label) {
        return new String[] {
            "class",
            "cells",
            "height",
            layers.size() > MANY_ROWS ? "15" : "24",
            "viewBox",
            "0 0 " + experts(layers) + " 1",
            "preserveAspectRatio",
            "none",
            "role",
            "img",
            "aria-label",
            label
        };
    }

    private static String cell(int expert, double width) {
        String wide = NumberText.coordinate(width);
        return "M" + expert + " 0h" + wide + "v1h-" + wide + "z";
    }

    private static String hover(ExpertUse use) {
        return use.expert() + ": " + NumberText.exact(use.uses()) + (use.uses() == 1 ? " use, " : " uses, ")
                + NumberText.exact(use.hits()) + (use.hits() == 1 ? " hit, " : " hits, ")
                + NumberText.exact(use.reads()) + (use.reads() == 1 ? " read" : " reads");
    }

    /** A mark in the middle of every expert that is in memory. */
    private static void present(Markup to, List<ExpertUse> layer) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < layer.size(); i++) {
            if (layer.get(i).present()) {
                path.append('M').append(NumberText.coordinate(i + 0.33)).append(" .35h.28v.3h-.28z");
            }
        }
        if (!path.isEmpty()) {
            to.empty("path", "class", "present", "d", path.toString());
        }
    }

    /** One path for all neighbours and others of the same colour. */
    private static void runs(Markup to, List<ExpertUse> layer, double even) {
        StringBuilder[] paths = new StringBuilder[8];
        for (int i = 0; i < layer.size(); i++) {
            int step = LoadScale.step(layer.get(i).reads(), even);
            int first = i;
            while (i + 1 < layer.size() && LoadScale.step(layer.get(i + 1).reads(), even) == step) {
                i++;
            }
            paths[step] = paths[step] == null ? new StringBuilder() : paths[step];
            paths[step].append(cell(first, i + 1 - first));
        }
        for (int step = 0; step < paths.length; step++) {
            if (paths[step] != null) {
                to.empty("path", "class", "h" + step, "d", paths[step].toString());
            }
        }
    }

    private static long sum(List<ExpertUse> uses, ToLongFunction<ExpertUse> value) {
        return uses.stream().mapToLong(value).sum();
    }

    private static Table table(List<List<ExpertUse>> layers, String what, ToLongFunction<ExpertUse> value) {
        Table table = new Table("layer", "#" + what, what + " of expert 0, 1, 2, \u2026");
        for (List<ExpertUse> layer : layers) {
            table.row(
                    Integer.toString(layer.getFirst().layer()),
                    NumberText.exact(sum(layer, value)),
                    layer.stream()
                            .map(use -> NumberText.exact(value.applyAsLong(use)))
                            .collect(Collectors.joining(", ")));
        }
        return table;
    }
}
