package tilewright.compiler.report;

import java.util.ArrayList;
import java.util.List;
import tilewright.compiler.report.ReportData.Resource;

/** What the design uses of the board, coloured by what is left. */
final class ResourceSection {
    private static final double TIGHT = 0.7;
    private static final double FULL = 0.9;

    private ResourceSection() {}

    static Section of(ReportData data) {
        List<Resource> resources = data.resources();
        String title = "Resources of " + data.summary().board();
        if (resources.isEmpty()) {
            return Section.missing("resources", title, "No estimate of resources given.");
        }
        Markup to = new Markup().open("div", "class", "multiples");
        for (Resource resource : resources) {
            resource(to, resource);
        }
        to.close();
        to.open("p", "class", "legend");
        Section.key(to, "good", "up to 70\u00A0% used");
        Section.key(to, "warn", "up to 90\u00A0%");
        Section.key(to, "bad", "more: little room to place and wire, or it does not fit")
                .close();
        List<String> over = new ArrayList<>();
        Resource most = resources.getFirst();
        for (Resource resource : resources) {
            if (resource.used() > resource.available()) {
                over.add(resource.name());
            }
            most = fraction(resource) > fraction(most) ? resource : most;
        }
        String lead = over.isEmpty()
                ? most.name() + " is used most: " + NumberText.percent(fraction(most))
                : "does not fit: " + String.join(", ", over);
        return new Section("resources", title, lead, to);
    }

    private static double fraction(Resource resource) {
        return resource.available() > 0
                ? (double) resource.used() / resource.available()
                : resource.used() > 0 ? Double.POSITIVE_INFINITY : 0;
    }

    private static void resource(Markup to, Resource resource) {
        double fraction = fraction(resource);
        long spare = resource.available() - resource.used();
        String state = fraction > FULL ? "bad" : fraction > TIGHT ? "warn" : "good";
        String left = resource.available() == 0 && resource.used() == 0
                ? "none on this board"
                : spare >= 0 ? NumberText.exact(spare) + " left" : NumberText.exact(-spare) + " too many";
        String use = NumberText.exact(resource.used()) + " of " + NumberText.exact(resource.available());
        double full = Math.max(1, Double.isInfinite(fraction) ? 1 : fraction);
        double width = Double.isInfinite(fraction) ? 100 : 100 * fraction / full;
        to.open("div", "class", "panel").open("p", "class", "head").element("b", resource.name());
        to.element("span", Double.isInfinite(fraction) ? "none" : NumberText.percent(fraction), "class", state)
                .close();
        to.open("svg", "class", "bar", "height", "14", "role", "img", "aria-label", resource.name() + " " + use);
        to.element("title", use);
        to.empty("rect", "class", "track", "width", "100%", "height", "14", "rx", "3");
        to.empty("rect", "class", state, "width", NumberText.coordinate(width) + "%", "height", "14", "rx", "3");
        if (full > 1) {
            String limit = NumberText.coordinate(100 / full) + "%";
            to.empty("line", "class", "total", "x1", limit, "x2", limit, "y1", "0", "y2", "14");
        }
        to.close();
        to.open("p", "class", "foot")
                .element("span", use)
                .element("span", left)
                .close()
                .close();
    }
}
