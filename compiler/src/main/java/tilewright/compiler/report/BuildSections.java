package tilewright.compiler.report;

import tilewright.compiler.report.ReportData.Artefact;
import tilewright.compiler.report.ReportData.Setting;

/** What the planner chose, and which files the build wrote. */
final class BuildSections {
    private BuildSections() {}

    static Section plan(ReportData data) {
        if (data.plan().isEmpty()) {
            return Section.missing("plan", "Plan", "No plan given.");
        }
        Markup to = new Markup().open("div", "class", "settings");
        for (Setting setting : data.plan()) {
            to.open("div").element("span", setting.name(), "class", "label");
            to.element("strong", setting.value());
            if (!setting.meaning().isEmpty()) {
                to.element("span", setting.meaning(), "class", "note");
            }
            to.close();
        }
        to.close();
        return new Section("plan", "Plan", "", to);
    }

    static Section artefacts(ReportData data) {
        if (data.artefacts().isEmpty()) {
            return Section.missing("artefacts", "Artefacts", "No artefacts given.");
        }
        long bytes = data.artefacts().stream().mapToLong(Artefact::bytes).sum();
        Table table = new Table("file", "#bytes", "SHA-256");
        for (Artefact artefact : data.artefacts()) {
            table.row(artefact.path(), NumberText.exact(artefact.bytes()), artefact.sha256());
        }
        Markup to = new Markup();
        table.writeFolded(to, "Files with SHA-256");
        int count = data.artefacts().size();
        String lead = count + (count == 1 ? " file, " : " files, ") + NumberText.bytes(bytes);
        return new Section("artefacts", "Artefacts", lead, to);
    }
}
