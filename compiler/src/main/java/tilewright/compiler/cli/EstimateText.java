package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import tilewright.boards.Board;
import tilewright.compiler.plan.Estimate;
import tilewright.compiler.plan.ResourceUse;
import tilewright.compiler.plan.TaskEstimate;

/** Prints what a plan estimates. */
final class EstimateText {
    private static final int BAR = 24;

    private EstimateText() {}

    /** Adds the figures of the slowest task and of the whole design to a JSON object. */
    static void put(ObjectNode answer, Estimate estimate) {
        TaskEstimate slowest = estimate.slowest();
        answer.put("cycles_estimated", slowest.cycles());
        answer.put("milliseconds_estimated", slowest.milliseconds());
        answer.put("images_per_second_estimated", slowest.imagesPerSecond());
        answer.put("clock_mhz", estimate.clockMhz());
        answer.put("bytes_estimated", Math.round(slowest.work().bytes()));
        answer.put("millijoules_per_image_estimated", slowest.energy().millijoulesPerImage());
        answer.put("bound_cycles", Math.round(slowest.bound().cycles()));
        answer.put("bound_limit", slowest.bound().limit());
        answer.put("bound_fraction", slowest.bound().fraction());
        ResourceUse use = estimate.resources();
        answer.put("dsp_estimated", use.dsp().total());
        answer.put("bram36_estimated", use.bram36());
        answer.put("uram_estimated", use.uram());
        answer.put("lut_estimated", Math.round(use.lut()));
        answer.put("ff_estimated", Math.round(use.ff()));
        ObjectNode tasks = answer.putObject("cycles_estimated_by_task");
        estimate.tasks().forEach(task -> tasks.put(task.task(), task.cycles()));
    }

    /** Adds the same figures from a build's {@code plan.json}. */
    static void put(ObjectNode answer, Path plan) {
        try {
            JsonNode tree = new ObjectMapper().readTree(plan.toFile());
            put(answer, new ObjectMapper().treeToValue(tree.get("estimate"), Estimate.class));
        } catch (IOException e) {
            throw new UncheckedIOException(plan + ": cannot be read; compile the model again", e);
        }
    }

    /** Prints time, bound and resources. */
    static void print(Console console, Estimate estimate, Board board) {
        for (TaskEstimate task : estimate.tasks()) {
            console.line(
                    "  %-8s %,11d cycles per image, %.2f ms, %.0f images/s at %.0f MHz, %.1f mJ (%s)",
                    task.task(),
                    task.cycles(),
                    task.milliseconds(),
                    task.imagesPerSecond(),
                    estimate.clockMhz(),
                    task.energy().millijoulesPerImage(),
                    task.energy().powerClass());
        }
        TaskEstimate slowest = estimate.slowest();
        console.line(
                "  %-8s %,11.0f cycles by %s, of which the plan reaches %.0f %%",
                "bound",
                slowest.bound().cycles(),
                slowest.bound().limit().equals("macs") ? "multiply-accumulates" : "bytes",
                100 * slowest.bound().fraction());
        ResourceUse use = estimate.resources();
        line(console, "DSP", use.dsp().total(), board.resources().dsp());
        line(console, "BRAM36", use.bram36(), board.resources().bram36());
        line(console, "URAM", use.uram(), board.resources().uram());
        line(console, "LUT", use.lut(), board.resources().lut());
        line(console, "FF", use.ff(), board.resources().ff());
    }

    private static void line(Console console, String name, double used, int available) {
        if (available > 0) {
            console.line(
                    "  %-8s %s %8s of %d",
                    name, console.bar(used / available, BAR), String.format(Locale.ROOT, "%.0f", used), available);
        }
    }
}
