package tilewright.compiler.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tilewright.compiler.report.ReportData.Calibration;

/** Signal to quantisation noise of each tensor in order of the network, coloured by the policy that chose its scale. */
final class CalibrationSection {
    private static final int HEIGHT = 150;
    private static final int TOP = 8;
    private static final int COLOURS = 5;
    private static final int WORST = 5;

    private CalibrationSection() {}

    static Section of(ReportData data) {
        List<Calibration> tensors = data.calibration();
        String title = "Calibration";
        if (tensors.isEmpty()) {
            return Section.missing("calibration", title, "not measured: compile with --calibrate FILE");
        }
        Map<String, Integer> policies = new LinkedHashMap<>();
        tensors.forEach(tensor -> policies.merge(tensor.policy(), 1, Integer::sum));
        List<String> order = List.copyOf(policies.keySet());
        Markup to = new Markup().open("p", "class", "legend");
        policies.forEach((policy, count) ->
                Section.key(to, colour(order.indexOf(policy)), policy + ": " + NumberText.exact(count)));
        to.close();
        List<Calibration> known = tensors.stream()
                .filter(tensor -> tensor.snrDb() != null && Double.isFinite(tensor.snrDb()))
                .sorted(Comparator.comparing(Calibration::snrDb))
                .toList();
        if (known.isEmpty()) {
            to.element("p", "Signal to noise: not measured", "class", "missing");
        } else {
            chart(to, tensors, order, Math.max(20, known.getLast().snrDb()));
            worst(to, known.subList(0, Math.min(WORST, known.size())));
        }
        Table table = new Table("tensor", "#largest", "#scale", "policy", "#SNR");
        for (Calibration tensor : tensors) {
            table.row(
                    tensor.tensor(),
                    NumberText.significant(tensor.largest(), 6),
                    NumberText.significant(tensor.scale(), 6),
                    tensor.policy(),
                    snr(tensor));
        }
        table.writeFolded(to, "Format of all " + tensors.size() + " tensors");
        String lead = tensors.size()
                + (tensors.size() == 1 ? " tensor" : " tensors")
                + (known.isEmpty()
                        ? ""
                        : "; lowest signal to noise "
                                + NumberText.decibels(known.getFirst().snrDb()) + " in "
                                + known.getFirst().tensor());
        return new Section("calibration", title, lead, to);
    }

    private static String colour(int policy) {
        return "p" + policy % COLOURS;
    }

    private static String snr(Calibration tensor) {
        if (tensor.snrDb() == null) {
            return "not measured";
        }
        return tensor.snrDb() == Double.POSITIVE_INFINITY ? "exact" : NumberText.decibels(tensor.snrDb());
    }

    private static void chart(Markup to, List<Calibration> tensors, List<String> policies, double highest) {
        to.open("div", "class", "plot")
                .open("svg", "class", "axis", "width", "40", "height", "166", "aria-hidden", "true");
        int every = highest > 60 ? 20 : 10;
        for (int decibels = 0; decibels <= highest; decibels += every) {
            String text = decibels + (decibels + every > highest ? " dB" : "");
            to.element("text", text, "x", "36", "y", y(decibels, highest, 4), "class", "end");
        }
        to.close();
        String label = "signal to quantisation noise of " + tensors.size() + " tensors";
        to.open("svg", "class", "columns", "height", "166", "role", "img", "aria-label", label);
        for (int decibels = 0; decibels <= highest; decibels += every) {
            String y = y(decibels, highest, 0);
            to.empty("line", "class", "grid", "x1", "0", "x2", "100%", "y1", y, "y2", y);
        }
        double pitch = 100.0 / tensors.size();
        double width = Math.min(pitch * 0.7, 3);
        for (int i = 0; i < tensors.size(); i++) {
            Calibration tensor = tensors.get(i);
            if (tensor.snrDb() == null || Double.isNaN(tensor.snrDb())) {
                continue;
            }
            double height = Math.max(1, Math.clamp(tensor.snrDb() / highest, 0, 1) * (HEIGHT - TOP));
            to.open(
                    "rect",
                    "class",
                    colour(policies.indexOf(tensor.policy())),
                    "x",
                    NumberText.coordinate(pitch * (i + 0.5) - width / 2) + "%",
                    "width",
                    NumberText.coordinate(width) + "%",
                    "y",
                    NumberText.coordinate(HEIGHT - height),
                    "height",
                    NumberText.coordinate(height));
            to.element("title", tensor.tensor() + ": " + snr(tensor) + ", " + tensor.policy())
                    .close();
        }
        to.element("text", "tensors in order of the network \u2192", "x", "0", "y", "163")
                .close()
                .close();
    }

    private static String y(double decibels, double highest, int offset) {
        return NumberText.coordinate(HEIGHT - decibels / highest * (HEIGHT - TOP) + offset);
    }

    private static void worst(Markup to, List<Calibration> tensors) {
        String names = tensors.stream()
                .map(tensor -> tensor.tensor() + "\u00A0" + snr(tensor).replace(' ', '\u00A0'))
                .collect(Collectors.joining(" \u00B7 "));
        to.open("p", "class", "note").element("b", "Lowest").text(" " + names).close();
    }
}
