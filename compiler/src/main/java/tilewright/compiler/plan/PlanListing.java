package tilewright.compiler.plan;

import java.util.Locale;
import tilewright.boards.Resources;
import tilewright.hw.hls.DesignParameters;

/** A plan as text for people. */
public final class PlanListing {
    private final StringBuilder text = new StringBuilder();

    private PlanListing() {}

    /** The plan in some lines: sizes, time, bound, energy, resources against the board, the slowest task's blocks. */
    public static String of(Plan plan) {
        PlanListing listing = new PlanListing();
        listing.head(plan);
        listing.resources(plan);
        listing.blocks(plan.estimate().slowest());
        return listing.text.toString();
    }

    private void head(Plan plan) {
        Estimate estimate = plan.estimate();
        TaskEstimate task = estimate.slowest();
        DesignParameters sizes = plan.parameters();
        line(
                "%s at %d bits on %s, %.0f MHz, %d designs compared",
                estimate.program(), estimate.bits(), plan.board().name(), estimate.clockMhz(), plan.candidates());
        line(
                "sizes: lanes %d, tileOutputs %d, tokenTile %d, queryGroup %d, normLanes %d, routerExperts %d, weightPorts %d,"
                        + " weights in %s, inputs in %s",
                sizes.lanes(),
                sizes.tileOutputs(),
                sizes.tokenTile(),
                sizes.queryGroup(),
                sizes.normLanes(),
                sizes.routerExperts(),
                sizes.weightPorts(),
                sizes.weightStorage(),
                sizes.inputStorage());
        line(
                "estimate for %s: %d cycles, %.3f ms, %.1f images/s, %.1f MB moved",
                task.task(),
                task.cycles(),
                task.milliseconds(),
                task.imagesPerSecond(),
                task.work().bytes() / 1e6);
        line(
                "bound: %.0f cycles by %s (%.0f by macs, %.0f by bytes); reached %.1f %%",
                task.bound().cycles(),
                task.bound().limit(),
                task.bound().macCycles(),
                task.bound().byteCycles(),
                100 * task.bound().fraction());
        line(
                "energy, coarse: %s, %.1f mJ per image",
                task.energy().powerClass(), task.energy().millijoulesPerImage());
    }

    private void resources(Plan plan) {
        ResourceUse use = plan.estimate().resources();
        Resources has = plan.board().resources();
        DspUse dsp = use.dsp();
        Limits limits = plan.limits();
        resource("DSP", dsp.total(), has.dsp(), limits.dsp());
        line(
                "    linear %d, attention %d, norm %d, router %d, requantise %d",
                dsp.linear(), dsp.attention(), dsp.norm(), dsp.router(), dsp.requantise());
        resource("LUT", use.lut(), has.lut(), limits.lut());
        resource("FF", use.ff(), has.ff(), limits.ff());
        resource("BRAM36", use.bram36(), Demand.bram36(plan.board()), limits.bram());
        resource("URAM", use.uram(), has.uram(), limits.uram());
    }

    private void resource(String name, double used, double has, double usable) {
        if (has > 0) {
            line("%-7s %9.1f of %9.1f (%.0f %%, limit %.0f %%)", name, used, has, 100 * used / has, 100 * usable);
        }
    }

    private void blocks(TaskEstimate task) {
        line("%-10s %12s %12s %12s %10s", "block", "cycles", "compute", "memory", "KB");
        for (BlockEstimate block : task.blocks()) {
            Work work = block.work();
            line(
                    "%-10s %12.0f %12.0f %12.0f %10.1f",
                    block.block(), work.cycles(), work.computeCycles(), work.memoryCycles(), work.bytes() / 1e3);
        }
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
