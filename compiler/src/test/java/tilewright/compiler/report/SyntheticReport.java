package tilewright.compiler.report;

import java.util.ArrayList;
import java.util.List;
import tilewright.compiler.report.ReportData.Artefact;
import tilewright.compiler.report.ReportData.BlockError;
import tilewright.compiler.report.ReportData.Calibration;
import tilewright.compiler.report.ReportData.Estimate;
import tilewright.compiler.report.ReportData.GraphEdge;
import tilewright.compiler.report.ReportData.GraphNode;
import tilewright.compiler.report.ReportData.Level;
import tilewright.compiler.report.ReportData.Measured;
import tilewright.compiler.report.ReportData.ModelGraph;
import tilewright.compiler.report.ReportData.NodeKind;
import tilewright.compiler.report.ReportData.Note;
import tilewright.compiler.report.ReportData.Placement;
import tilewright.compiler.report.ReportData.Resource;
import tilewright.compiler.report.ReportData.RouterLoad;
import tilewright.compiler.report.ReportData.Setting;
import tilewright.compiler.report.ReportData.StageTime;
import tilewright.compiler.report.ReportData.Summary;
import tilewright.compiler.report.ReportData.TaskResult;

/** Invented reports of any size; no number in them was estimated or measured. */
final class SyntheticReport {
    private SyntheticReport() {}

    static Summary summary(String model, List<String> tasks) {
        return new Summary(
                model,
                "invented_family",
                1_254_321,
                "board-x",
                "a board that does not exist",
                212.5,
                8,
                tasks,
                "0.0.7");
    }

    /** All parts filled: every second block has experts. */
    static ReportData of(int blocks, int experts, List<String> tasks) {
        long seed = 12345;
        List<GraphNode> nodes = new ArrayList<>();
        List<GraphEdge> edges = new ArrayList<>();
        List<StageTime> times = new ArrayList<>();
        List<RouterLoad> loads = new ArrayList<>();
        List<Calibration> calibration = new ArrayList<>();
        List<BlockError> errors = new ArrayList<>();
        nodes.add(new GraphNode(NodeKind.EMBED, "embed", "[50, 96]", -1, 0, 0, 0));
        times.add(new StageTime("embed", 2_101, 3_303, 4_404));
        String last = "embed";
        for (int b = 0; b < blocks; b++) {
            boolean moe = b % 2 == 1 || blocks == 1;
            String attention = "block" + b + ".attention";
            String feedForward = "block" + b + (moe ? ".moe" : ".mlp");
            nodes.add(new GraphNode(NodeKind.ATTENTION, attention, "[50, 96]", b, 3, 0, 0));
            nodes.add(
                    moe
                            ? new GraphNode(NodeKind.MOE, feedForward, "[50, 96]", b, 97, experts, 2)
                            : new GraphNode(NodeKind.MLP, feedForward, "[50, 96]", b, 193, 0, 0));
            edges.add(new GraphEdge(last, attention));
            edges.add(new GraphEdge(attention, feedForward));
            last = feedForward;
            long compute = 30_011 + 1_013L * (b % 5);
            long memory = moe ? 47_017 + 731L * (b % 7) : 9_019;
            times.add(new StageTime("block" + b, compute, memory, Math.max(compute, memory) + 1_501));
            for (String part : List.of("norm1", "qkv", "scores", "context", "norm2", "hidden")) {
                seed = seed * 6364136223846793005L + 1442695040888963407L;
                double noise = (seed >>> 40) / (double) (1 << 24);
                String policy = noise < 0.2 ? "min/max" : noise < 0.6 ? "percentile 99.9" : "MSE";
                calibration.add(new Calibration(
                        "block" + b + "." + part,
                        3.25 + b,
                        0.0256 / (b + 1),
                        policy,
                        28.3 + Math.round(noise * 200) / 10.0));
            }
            if (moe) {
                for (String task : tasks) {
                    List<Long> routings = new ArrayList<>();
                    for (int e = 0; e < experts; e++) {
                        seed = seed * 6364136223846793005L + 1442695040888963407L;
                        double draw = (seed >>> 40) / (double) (1 << 24);
                        routings.add(draw < 0.06 ? 0L : (long) (25_600.0 / experts * 8 * draw * draw * draw * draw));
                    }
                    loads.add(new RouterLoad("block" + b, task, routings));
                }
            }
        }
        nodes.add(new GraphNode(NodeKind.NORM, "norm", "[50, 96]", -1, 0, 0, 0));
        edges.add(new GraphEdge(last, "norm"));
        for (String task : tasks) {
            nodes.add(new GraphNode(NodeKind.HEAD, "head." + task, "[10]", -1, 0, 0, 0));
            edges.add(new GraphEdge("norm", "head." + task));
            errors.add(new BlockError(task, "embed", 0.00041, 0.00041));
            for (int b = 0; b < blocks; b++) {
                errors.add(new BlockError(task, "block" + b, 0.0021 * (1 + 0.3 * b), 0.0013 + 0.0001 * (b % 3)));
            }
            errors.add(new BlockError(task, "norm", 0.0087, 0.00017));
        }
        times.add(new StageTime("heads", 1_103, 2_207, 2_609));
        List<TaskResult> results = new ArrayList<>();
        for (String task : tasks) {
            boolean classes = !task.equals("edges");
            results.add(new TaskResult(
                    task,
                    511,
                    classes ? 5_110L : 400_624L,
                    0L,
                    classes ? 0.9766 : null,
                    classes ? 0.9746 : null,
                    classes ? 3L : null,
                    153_301L,
                    211L));
        }
        return new ReportData(
                summary("synthetic-moe", tasks),
                new ModelGraph(nodes, edges),
                new Estimate(281_137, 1.323, 755.9, 1_873_411, "C (10 to 30 mJ)", 61_234_567, 121_499, 98_511, 0.4322),
                times,
                List.of(
                        new Resource("LUT", 141_207, 274_081),
                        new Resource("FF", 122_803, 548_161),
                        new Resource("DSP", 2_017, 2_521),
                        new Resource("BRAM", 871, 913),
                        new Resource("URAM", 0, 0)),
                new Measured(293_011L, null, null, 1_873_411L, results),
                errors,
                calibration,
                loads,
                List.of(
                        new Placement("weights", "DDR", 1_311_744, "all layers"),
                        new Placement("activations", "DDR", 153_601, "tokens between steps"),
                        new Placement("weight tile", "URAM", 73_729, "two halves"),
                        new Placement("input rows", "BRAM", 24_577, "rows of the linear unit"),
                        new Placement("keys", "BRAM", 9_601, "one head"),
                        new Placement("values", "BRAM", 9_602, "one head"),
                        new Placement("queues", "BRAM", 1_601, "tokens per expert"),
                        new Placement("GELU table", "LUTRAM", 257, "")),
                List.of(
                        new Setting("lanes", "32", "inputs per cycle"),
                        new Setting("tile outputs", "65", "outputs per cycle"),
                        new Setting("token tile", "51", "rows kept"),
                        new Setting("query group", "8", "queries per key"),
                        new Setting("weight ports", "4", ""),
                        new Setting("clock", "212.5 MHz", "")),
                List.of(
                        new Artefact("build.json", 4_123, "00112233445566778899aabbccddeeff".repeat(2)),
                        new Artefact("hls/top.cpp", 18_221, "0123456789abcdef".repeat(4)),
                        new Artefact("weights.bin", 1_311_744, "fedcba9876543210".repeat(4))),
                List.of(
                        new Note(Level.NOTE, "All numbers of this page are invented for a test."),
                        new Note(Level.WARNING, "BRAM is nearly full: 42 blocks left.")));
    }
}
