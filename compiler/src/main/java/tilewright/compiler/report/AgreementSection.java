package tilewright.compiler.report;

import java.util.List;
import tilewright.compiler.report.ReportData.Measured;
import tilewright.compiler.report.ReportData.TaskResult;

/** What {@code verify} found for each task: bit-exactness, accuracy, changed predictions, routing flips. */
final class AgreementSection {
    private AgreementSection() {}

    static Section of(ReportData data) {
        Measured measured = data.measured();
        String title = "Agreement with the model";
        if (measured == null || measured.tasks().isEmpty()) {
            return Section.missing("agreement", title, Section.NOT_VERIFIED);
        }
        Markup to = new Markup().open("div", "class", "multiples broad");
        for (TaskResult task : measured.tasks()) {
            task(to, task);
        }
        List<String> tasks = data.summary().tasks();
        for (String name : tasks) {
            if (measured.tasks().stream().noneMatch(task -> task.task().equals(name))) {
                to.open("div", "class", "panel")
                        .open("p", "class", "head")
                        .element("b", name)
                        .close();
                to.element("p", Section.NOT_VERIFIED, "class", "missing").close();
            }
        }
        to.close();
        return new Section("agreement", title, Verdict.of(measured, tasks).text(), to);
    }

    private static void task(Markup to, TaskResult task) {
        to.open("div", "class", "panel").open("p", "class", "head");
        to.element("b", task.task().isEmpty() ? "model output" : task.task());
        to.element("span", NumberText.exact(task.images()) + (task.images() == 1 ? " image" : " images"))
                .close();
        to.open("div", "class", "facts");
        count(
                to,
                "C simulation against integer model",
                task.mismatches(),
                task.values(),
                "mismatch",
                "mismatches",
                Section.NOT_VERIFIED);
        accuracy(to, "Accuracy, float model", task.accuracyFloat(), "neutral");
        accuracy(to, "Accuracy, integer model", task.accuracyInteger(), "compute");
        count(
                to,
                "Predictions, integer against float",
                task.changedPredictions(),
                task.images(),
                "changed",
                "changed",
                "not measured: no classes to compare");
        count(
                to,
                "Routing, integer against float",
                task.routingFlips(),
                task.routings(),
                "flip",
                "flips",
                Section.NOT_VERIFIED);
        to.close().close();
    }

    private static void count(
            Markup to, String what, Long differing, Long of, String one, String many, String otherwise) {
        to.open("div").element("span", what);
        if (differing == null) {
            to.element("span", otherwise, "class", "missing").close();
            return;
        }
        String text = NumberText.exact(differing) + " " + (differing == 1 ? one : many);
        String share = of == null
                ? ""
                : " of " + NumberText.exact(of)
                        + (differing > 0 && of > 0 ? " (" + NumberText.percent((double) differing / of) + ")" : "");
        boolean exactness = many.equals("mismatches");
        String state = differing == 0 ? "good" : exactness ? "bad" : "changed";
        to.open("span")
                .element("strong", text, "class", state)
                .text(share)
                .close()
                .close();
    }

    private static void accuracy(Markup to, String what, Double accuracy, String colour) {
        to.open("div").element("span", what);
        if (accuracy == null) {
            to.element("span", "not measured: no labels given", "class", "missing")
                    .close();
            return;
        }
        String text = NumberText.percent(accuracy);
        to.open("span", "class", "gauge");
        to.open("svg", "class", "bar", "height", "8", "role", "img", "aria-label", what + " " + text);
        to.empty("rect", "class", "track", "width", "100%", "height", "8", "rx", "2");
        String width = NumberText.coordinate(Double.isNaN(accuracy) ? 0 : Math.clamp(accuracy, 0, 1) * 100) + "%";
        to.empty("rect", "class", colour, "width", width, "height", "8", "rx", "2")
                .close();
        to.element("strong", text).close().close();
    }
}
