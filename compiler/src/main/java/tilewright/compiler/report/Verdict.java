package tilewright.compiler.report;

import java.util.List;
import tilewright.compiler.report.ReportData.Measured;
import tilewright.compiler.report.ReportData.TaskResult;

/**
 * Whether the C simulation agrees with the integer model, for all tasks together.
 *
 * @param state the verdict
 * @param text the verdict in a few words
 */
record Verdict(State state, String text) {
    /** What is known. */
    enum State {
        /** Every task ran without a mismatch. */
        AGREES,
        /** Some output differs. */
        DIFFERS,
        /** Some task was not compared. */
        OPEN;

        /** The name in the style sheet. */
        String label() {
            return switch (this) {
                case AGREES -> "good";
                case DIFFERS -> "bad";
                case OPEN -> "open";
            };
        }
    }

    static Verdict of(Measured measured) {
        List<TaskResult> tasks = measured == null ? List.of() : measured.tasks();
        List<TaskResult> compared =
                tasks.stream().filter(task -> task.mismatches() != null).toList();
        long mismatches = compared.stream().mapToLong(TaskResult::mismatches).sum();
        if (mismatches > 0) {
            return new Verdict(
                    State.DIFFERS,
                    NumberText.exact(mismatches) + (mismatches == 1 ? " mismatch" : " mismatches")
                            + " between C simulation and integer model");
        }
        long images = compared.stream().mapToLong(TaskResult::images).min().orElse(0);
        if (images == 0) {
            return new Verdict(State.OPEN, "not verified: run tilewright verify DIR");
        }
        if (compared.size() < tasks.size()) {
            return new Verdict(
                    State.OPEN,
                    compared.size() + " of " + tasks.size()
                            + " tasks verified: run tilewright verify DIR for the rest");
        }
        return new Verdict(
                State.AGREES,
                "verified: C simulation bit-exact on " + NumberText.exact(images) + (images == 1 ? " image" : " images")
                        + (compared.size() > 1 ? " in each of " + compared.size() + " tasks" : ""));
    }
}
