package tilewright.compiler.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tilewright.compiler.report.ReportData.GraphEdge;
import tilewright.compiler.report.ReportData.GraphNode;
import tilewright.compiler.report.ReportData.NodeKind;

/**
 * The model as a row of cards that wraps at any width: one card per block, one for all heads, one for each other node. An
 * arrow stands before a card that follows from its predecessor; other connections are named on the card.
 */
final class DiagramSection {
    private static final int PICTURED_EXPERTS = 64;
    private static final int DENSE_FROM = 13;

    private DiagramSection() {}

    private record Card(String title, List<GraphNode> nodes) {
        boolean heads() {
            return nodes.getFirst().kind() == NodeKind.HEAD;
        }
    }

    static Section of(ReportData data) {
        List<GraphNode> nodes = data.graph().nodes();
        if (nodes.isEmpty()) {
            return Section.missing("model", "Model", "No graph given.");
        }
        List<Card> cards = cards(nodes);
        Map<String, Integer> cardOf = new HashMap<>();
        for (int i = 0; i < cards.size(); i++) {
            for (GraphNode node : cards.get(i).nodes()) {
                cardOf.put(node.name(), i);
            }
        }
        Markup to = new Markup();
        to.open("div", "class", cards.size() >= DENSE_FROM ? "flow dense" : "flow");
        for (int i = 0; i < cards.size(); i++) {
            card(to, i, cards, cardOf, data.graph().edges());
        }
        to.close();
        Table table = new Table("node", "kind", "output", "#block", "from");
        for (GraphNode node : nodes) {
            table.row(
                    node.name(),
                    node.kind().name().toLowerCase(java.util.Locale.ROOT) + detail(node, ", "),
                    node.shape(),
                    node.block() < 0 ? "" : Integer.toString(node.block()),
                    data.graph().edges().stream()
                            .filter(edge -> edge.to().equals(node.name()))
                            .map(GraphEdge::from)
                            .collect(Collectors.joining(", ")));
        }
        table.writeFolded(to, "All " + nodes.size() + " nodes");
        return new Section("model", "Model", lead(nodes), to);
    }

    private static String lead(List<GraphNode> nodes) {
        long blocks = nodes.stream()
                .filter(node -> node.block() >= 0)
                .map(GraphNode::block)
                .distinct()
                .count();
        long moe = nodes.stream().filter(node -> node.kind() == NodeKind.MOE).count();
        long heads = nodes.stream().filter(node -> node.kind() == NodeKind.HEAD).count();
        return blocks + (blocks == 1 ? " block, " : " blocks, ") + moe + " with experts; " + heads
                + (heads == 1 ? " head" : " heads");
    }

    private static List<Card> cards(List<GraphNode> nodes) {
        List<Card> cards = new ArrayList<>();
        List<GraphNode> heads = new ArrayList<>();
        for (GraphNode node : nodes) {
            GraphNode last = cards.isEmpty() ? null : cards.getLast().nodes().getLast();
            if (node.kind() == NodeKind.HEAD) {
                heads.add(node);
            } else if (node.block() >= 0 && last != null && last.block() == node.block()) {
                cards.getLast().nodes().add(node);
            } else {
                String title = node.block() >= 0 ? "block " + node.block() : "";
                cards.add(new Card(title, new ArrayList<>(List.of(node))));
            }
        }
        if (!heads.isEmpty()) {
            cards.add(new Card(heads.size() == 1 ? "head" : heads.size() + " heads", heads));
        }
        return cards;
    }

    private static void card(
            Markup to, int index, List<Card> cards, Map<String, Integer> cardOf, List<GraphEdge> edges) {
        Card card = cards.get(index);
        Set<Integer> sources = new LinkedHashSet<>();
        for (GraphEdge edge : edges) {
            Integer from = cardOf.get(edge.from());
            if (from != null && from != index && Integer.valueOf(index).equals(cardOf.get(edge.to()))) {
                sources.add(from);
            }
        }
        to.open("div", "class", "step");
        arrow(to, sources.remove(index - 1) ? "arrow" : "arrow none", "M0 6H11M7 2L11 6L7 10");
        to.open("div", "class", card.title().isEmpty() ? "card bare" : card.heads() ? "card heads" : "card");
        if (!card.title().isEmpty()) {
            to.element("p", card.title(), "class", "name");
        }
        GraphNode before = null;
        for (GraphNode node : card.nodes()) {
            if (before != null && edges.contains(new GraphEdge(before.name(), node.name()))) {
                arrow(to, "down", "M6 0V7M3 4L6 7L9 4");
            }
            box(to, node);
            before = node;
        }
        if (!sources.isEmpty()) {
            String from = sources.stream()
                    .map(source -> cards.get(source))
                    .map(source ->
                            source.title().isEmpty() ? source.nodes().getFirst().name() : source.title())
                    .collect(Collectors.joining(", "));
            to.element("p", "also from " + from, "class", "also");
        }
        to.close().close();
    }

    private static void arrow(Markup to, String style, String path) {
        to.open(
                "svg",
                "class",
                style,
                "width",
                "12",
                "height",
                style.equals("down") ? "8" : "12",
                "aria-hidden",
                "true");
        to.empty("path", "d", path).close();
    }

    private static void box(Markup to, GraphNode node) {
        String hover = node.name() + (node.shape().isEmpty() ? "" : " \u2192 " + node.shape()) + detail(node, ", ");
        to.open("div", "class", "box " + style(node.kind()), "title", hover);
        to.element("b", heading(node));
        switch (node.kind()) {
            case MOE -> {
                to.element("span", node.experts() + " experts");
                to.element("span", "top-" + node.topK());
                to.element("span", node.size() > 0 ? node.size() + " wide" : "");
                experts(to, node.experts(), node.topK());
            }
            case ATTENTION -> to.element("span", node.size() > 0 ? node.size() + " heads" : "");
            case MLP -> to.element("span", node.size() > 0 ? node.size() + " wide" : "");
            case INPUT, EMBED, NORM, HEAD, OTHER -> to.element("span", node.shape());
        }
        to.close();
    }

    private static void experts(Markup to, int experts, int topK) {
        int shown = Math.min(experts, PICTURED_EXPERTS);
        int columns = shown <= 16 ? 8 : 16;
        int rows = (shown + columns - 1) / columns;
        int pitch = columns == 8 ? 8 : 4;
        int side = pitch - 1;
        to.open(
                "svg",
                "class",
                "experts",
                "width",
                Integer.toString(columns * pitch),
                "height",
                Integer.toString(rows * pitch),
                "role",
                "img",
                "aria-label",
                topK + " of " + experts + " experts per token");
        for (int i = 0; i < shown; i++) {
            to.empty(
                    "rect",
                    "class",
                    i < topK ? "chosen" : null,
                    "x",
                    Integer.toString(i % columns * pitch),
                    "y",
                    Integer.toString(i / columns * pitch),
                    "width",
                    Integer.toString(side),
                    "height",
                    Integer.toString(side));
        }
        to.close();
        if (experts > shown) {
            to.element("span", "\u2026 " + (experts - shown) + " more");
        }
    }

    private static String heading(GraphNode node) {
        return switch (node.kind()) {
            case ATTENTION -> "Attention";
            case MLP -> "MLP";
            case MOE -> "MoE";
            case INPUT, EMBED, NORM, HEAD, OTHER -> node.name();
        };
    }

    private static String detail(GraphNode node, String separator) {
        return switch (node.kind()) {
            case ATTENTION -> node.size() > 0 ? separator + node.size() + " heads" : "";
            case MLP -> node.size() > 0 ? separator + node.size() + " hidden features" : "";
            case MOE ->
                separator + node.experts() + " experts" + separator + "top-" + node.topK()
                        + (node.size() > 0 ? separator + node.size() + " hidden features each" : "");
            case INPUT, EMBED, NORM, HEAD, OTHER -> "";
        };
    }

    private static String style(NodeKind kind) {
        return switch (kind) {
            case ATTENTION -> "attention";
            case MLP -> "mlp";
            case MOE -> "moe";
            case HEAD -> "output";
            case INPUT, EMBED, NORM, OTHER -> "plain";
        };
    }
}
