package tilewright.compiler.report;

import java.util.List;

/** Eight colours for the load of an expert, as a multiple of the even share. */
final class LoadScale {
    /** Upper ends of the steps; the last step has none. Step 0 is an unused expert. */
    private static final double[] STEPS = {0, 0.25, 0.5, 0.8, 1.25, 2, 4};

    private static final List<String> LEGEND = List.of(
            "below \u00BC", "below \u00BD", "below 0.8", "even (0.8 to 1.25)", "above 1.25", "above 2", "above 4");

    private LoadScale() {}

    /** The colours with their meanings, the first of which is the caller's word for nothing. */
    static void legend(Markup to, String nothing) {
        Section.key(to, "h0", nothing);
        for (int step = 1; step <= LEGEND.size(); step++) {
            Section.key(to, "h" + step, LEGEND.get(step - 1));
        }
    }

    /** The colour of a count beside what it would be if all were equal. */
    static int step(long count, double even) {
        if (count == 0) {
            return 0;
        }
        for (int step = 1; step < STEPS.length; step++) {
            if (count <= STEPS[step] * even) {
                return step;
            }
        }
        return STEPS.length;
    }

    /** A row with the experts' numbers above a map. */
    static void axis(Markup to, int experts, String value) {
        int every = 1;
        while (experts / every > 16) {
            every *= 2;
        }
        to.open("div", "class", "row").element("span", "expert", "class", "name");
        to.open("svg", "class", "axis", "height", "16", "aria-hidden", "true");
        for (int i = 0; i < experts; i += every) {
            String center = NumberText.coordinate(100 * (i + 0.5) / experts) + "%";
            to.element("text", Integer.toString(i), "x", center, "y", "12", "class", "middle");
        }
        to.close().element("span", value, "class", "value").close();
    }
}
