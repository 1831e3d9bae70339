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

    /** The verdict on what was measured, for a model with these tasks (none: a single output). */
    static Verdict of(Measured measured, List<String> tasks) {
        List<TaskResult> results = measured == null ? List.of() : measured.tasks();
        List<TaskResult> compared = results.stream()
                .filter(result -> result.mismatches() != null && result.images() > 0)
                .toList();
        long mismatches = compared.stream().mapToLong(TaskResult::mismatches).sum();
        if (mismatches > 0) {
            return new Verdict(
                    State.DIFFERS,
                    NumberText.exact(mismatches) + (mismatches == 1 ? " mismatch" : " mismatches")
                            + " between C simulation and integer model");
        }
        if (compared.isEmpty()) {
            return new Verdict(State.OPEN, "not verified: run tilewright verify DIR");
        }
        int all = Math.max(tasks.size(), results.size());
        if (compared.size() < all) {
            return new Verdict(
                    State.OPEN,
                    compared.size() + " of " + all + " tasks verified: run tilewright verify DIR for the rest");
        }
        long images = compared.stream().mapToLong(TaskResult::images).min().orElseThrow();
        return new Verdict(
                State.AGREES,
                "verified: C simulation bit-exact on " + NumberText.exact(images) + (images == 1 ? " image" : " images")
                        + (compared.size() > 1 ? " in each of " + compared.size() + " tasks" : ""));
    }
}
