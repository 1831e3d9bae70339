package tilewright.compiler.report;

import java.util.List;
import java.util.Objects;

/**
 * Everything that {@link HtmlReport} shows, as plain values; what is not known is {@code null} (one value or part) or an
 * empty list, and is shown as not measured, never as zero.
 *
 * @param summary what was built, for which board
 * @param graph the model as a block diagram
 * @param estimate what the planner expects; {@code null}: no estimate
 * @param times estimated cycles of each stage of one image, in order of execution
 * @param resources the design's use of the board
 * @param measured what {@code verify} found; {@code null}: not verified
 * @param errors deviation from the float model after each block
 * @param calibration number format chosen for each tensor, in order of the network
 * @param routerLoad routings to each expert, by layer and task
 * @param placement where each buffer lives
 * @param plan the planner's choices
 * @param artefacts files of the build directory
 * @param notes warnings and remarks
 */
public record ReportData(
        Summary summary,
        ModelGraph graph,
        Estimate estimate,
        List<StageTime> times,
        List<Resource> resources,
        Measured measured,
        List<BlockError> errors,
        List<Calibration> calibration,
        List<RouterLoad> routerLoad,
        List<Placement> placement,
        List<Setting> plan,
        List<Artefact> artefacts,
        List<Note> notes) {

    /** Copies the lists. */
    public ReportData {
        Objects.requireNonNull(summary, "summary");
        Objects.requireNonNull(graph, "graph");
        times = List.copyOf(times);
        resources = List.copyOf(resources);
        errors = List.copyOf(errors);
        calibration = List.copyOf(calibration);
        routerLoad = List.copyOf(routerLoad);
        placement = List.copyOf(placement);
        plan = List.copyOf(plan);
        artefacts = List.copyOf(artefacts);
        notes = List.copyOf(notes);
    }

    /** A report in which only the summary is known. */
    public static ReportData of(Summary summary) {
        return new ReportData(
                summary,
                new ModelGraph(List.of(), List.of()),
                null,
                List.of(),
                List.of(),
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    /** The same report with the results of a verification in place of its own. */
    public ReportData withVerification(Measured measured, List<BlockError> errors) {
        return new ReportData(
                summary,
                graph,
                estimate,
                times,
                resources,
                measured,
                errors,
                calibration,
                routerLoad,
                placement,
                plan,
                artefacts,
                notes);
    }

    /**
     * What was built, for which board.
     *
     * @param model the model's name
     * @param family the model's family
     * @param parameters number of weights
     * @param board the board's name
     * @param boardDescription one line about the board; may be empty
     * @param clockMhz clock the design is planned for
     * @param bits width of activations and weights
     * @param tasks names of the tasks; empty for a model with a single output
     * @param version version of Tilewright
     */
    public record Summary(
            String model,
            String family,
            long parameters,
            String board,
            String boardDescription,
            double clockMhz,
            int bits,
            List<String> tasks,
            String version) {
        /** Copies the list. */
        public Summary {
            tasks = List.copyOf(tasks);
        }
    }

    /**
     * The model as boxes and arrows; residual connections inside a block are left out.
     *
     * @param nodes in order of execution
     * @param edges by node name
     */
    public record ModelGraph(List<GraphNode> nodes, List<GraphEdge> edges) {
        /** Copies the lists. */
        public ModelGraph {
            nodes = List.copyOf(nodes);
            edges = List.copyOf(edges);
        }
    }

    /** What a box of the diagram does. */
    public enum NodeKind {
        /** The image. */
        INPUT,
        /** Patch and position embedding. */
        EMBED,
        /** Attention with its LayerNorm and residual. */
        ATTENTION,
        /** Dense feed-forward part of a block. */
        MLP,
        /** Feed-forward part of a block made of experts. */
        MOE,
        /** A normalisation outside the blocks. */
        NORM,
        /** Output of one task. */
        HEAD,
        /** Anything else. */
        OTHER
    }

    /**
     * One box of the diagram.
     *
     * @param kind what it does
     * @param name unique name
     * @param shape shape of its output, e.g. {@code [50, 96]}; may be empty
     * @param block index of its block from 0, or -1 outside the blocks
     * @param size heads of attention, hidden features of a dense MLP or of one expert; 0: not shown
     * @param experts experts of a MOE node, else 0
     * @param topK experts per token of a MOE node, else 0
     */
    public record GraphNode(NodeKind kind, String name, String shape, int block, int size, int experts, int topK) {}

    /** An arrow between two nodes, by name. */
    public record GraphEdge(String from, String to) {}

    /**
     * What the planner expects of one image.
     *
     * @param cycles clock cycles with overlap
     * @param latencyMs milliseconds at the design's clock
     * @param imagesPerSecond images per second, one at a time
     * @param bytesMoved bytes between the design and external memory
     * @param energyClass a class of energy per image, in words
     * @param macs multiply-accumulates
     * @param computeBoundCycles multiply-accumulates over the board's peak rate
     * @param memoryBoundCycles bytes over the board's bandwidth
     * @param fractionOfBound the larger bound over {@code cycles}, 0 to 1
     */
    public record Estimate(
            long cycles,
            double latencyMs,
            double imagesPerSecond,
            long bytesMoved,
            String energyClass,
            long macs,
            long computeBoundCycles,
            long memoryBoundCycles,
            double fractionOfBound) {}

    /**
     * Estimated cycles of one stage (embedding, a block, a head).
     *
     * @param name the stage
     * @param computeCycles cycles if transfers took no time
     * @param memoryCycles cycles if computing took no time
     * @param totalCycles cycles with transfers behind compute
     */
    public record StageTime(String name, long computeCycles, long memoryCycles, long totalCycles) {}

    /**
     * One kind of resource of the board.
     *
     * @param name LUT, FF, DSP, BRAM or URAM
     * @param used estimated use of the design
     * @param available what the board has
     */
    public record Resource(String name, long used, long available) {}

    /**
     * What was measured; {@code null}: that value was not.
     *
     * @param cycles clock cycles of one image
     * @param latencyMs milliseconds of one image
     * @param imagesPerSecond images per second, one at a time
     * @param bytesMoved bytes between the design and external memory, per image
     * @param tasks results of each task
     */
    public record Measured(
            Long cycles, Double latencyMs, Double imagesPerSecond, Long bytesMoved, List<TaskResult> tasks) {
        /** Copies the list. */
        public Measured {
            tasks = List.copyOf(tasks);
        }
    }

    /**
     * Agreement of one task; {@code null}: that value was not measured.
     *
     * @param task name of the task; may be empty for a model with a single output
     * @param images images that were run
     * @param values output numbers that the C simulation and the integer model computed
     * @param mismatches those that differ
     * @param accuracyFloat accuracy of the float model, 0 to 1
     * @param accuracyInteger accuracy of the integer model, 0 to 1
     * @param changedPredictions images whose predicted class differs between the two
     * @param routings expert choices that were compared
     * @param routingFlips those that differ between the float and the integer model
     */
    public record TaskResult(
            String task,
            long images,
            Long values,
            Long mismatches,
            Double accuracyFloat,
            Double accuracyInteger,
            Long changedPredictions,
            Long routings,
            Long routingFlips) {}

    /**
     * Relative L2 deviation of the integer model from the float model at one point.
     *
     * @param task name of the task; may be empty
     * @param point where, e.g. {@code embed}, {@code block3}
     * @param freeRunning with the deviations of all earlier blocks; {@code null}: not measured
     * @param forced with the block's input set to the float model's; {@code null}: not measured
     */
    public record BlockError(String task, String point, Double freeRunning, Double forced) {}

    /**
     * The number format of one tensor.
     *
     * @param tensor its name
     * @param largest largest magnitude seen
     * @param scale value of one step
     * @param policy how the scale was chosen
     * @param snrDb signal to quantisation noise in decibel; {@code null}: not measured
     */
    public record Calibration(String tensor, double largest, double scale, String policy, Double snrDb) {}

    /**
     * Routings of one layer and task.
     *
     * @param layer the layer, e.g. {@code block1}
     * @param task name of the task; may be empty
     * @param routings number of (token, choice) pairs that went to each expert
     */
    public record RouterLoad(String layer, String task, List<Long> routings) {
        /** Copies the list. */
        public RouterLoad {
            routings = List.copyOf(routings);
        }
    }

    /**
     * Where one buffer lives.
     *
     * @param buffer its name
     * @param memory the memory, e.g. BRAM, URAM, DDR
     * @param bytes its size
     * @param purpose what it holds; may be empty
     */
    public record Placement(String buffer, String memory, long bytes, String purpose) {}

    /**
     * One choice of the planner.
     *
     * @param name of the parameter
     * @param value with its unit
     * @param meaning one phrase; may be empty
     */
    public record Setting(String name, String value, String meaning) {}

    /**
     * One file of the build directory.
     *
     * @param path relative to the directory
     * @param bytes its size
     * @param sha256 digest in hexadecimal
     */
    public record Artefact(String path, long bytes, String sha256) {}

    /** How much a note matters. */
    public enum Level {
        /** Good to know. */
        NOTE,
        /** Needs attention. */
        WARNING
    }

    /** A remark for the reader. */
    public record Note(Level level, String text) {}
}
