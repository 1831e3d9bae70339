package tilewright.compiler.build;

import tilewright.compiler.plan.Estimate;
import tilewright.compiler.plan.Limits;
import tilewright.compiler.plan.Plan;
import tilewright.hw.hls.DesignParameters;

/**
 * What {@code plan.json} holds.
 *
 * @param board its name
 * @param parameters the sizes chosen
 * @param limits the shares of the board that were allowed
 * @param candidates designs that were compared
 * @param estimate cycles, bytes and resources, in total and by block
 */
record PlanSummary(String board, DesignParameters parameters, Limits limits, long candidates, Estimate estimate) {
    static PlanSummary of(Plan plan) {
        return new PlanSummary(
                plan.board().name(), plan.parameters(), plan.limits(), plan.candidates(), plan.estimate());
    }
}
