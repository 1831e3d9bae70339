package tilewright.compiler.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tilewright.boards.Board;
import tilewright.boards.Boards;
import tilewright.compiler.CompileException;
import tilewright.compiler.Progress;
import tilewright.compiler.Version;
import tilewright.compiler.plan.ExpertLoad;
import tilewright.compiler.plan.Limits;
import tilewright.compiler.plan.Plan;
import tilewright.compiler.plan.Planner;
import tilewright.compiler.plan.ProgramShape;
import tilewright.compiler.quant.CalibrationListing;
import tilewright.compiler.quant.QuantisedModel;
import tilewright.compiler.quant.Quantiser;
import tilewright.compiler.report.HtmlReport;
import tilewright.compiler.report.ReportData;
import tilewright.hw.hls.HlsEmitter;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.Program;
import tilewright.hw.program.ProgramFile;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;
import tilewright.model.data.ImageSet;
import tilewright.model.graph.GraphText;

/**
 * The way from a model and a board to a build directory: read, run the passes, calibrate and quantise, plan, emit, report.
 *
 * @param plan sizes and estimates
 * @param quantised the integer program and how its scales were found
 * @param warnings what the user should know
 */
public record Compilation(Plan plan, QuantisedModel quantised, List<String> warnings) {
    private static final int STAGES = 4;

    /**
     * Compiles a model.
     *
     * @throws CompileException when it cannot be done; the output folder is left as it was
     * @throws tilewright.compiler.plan.DoesNotFitException when the board is too small or no FPGA; likewise
     * @throws tilewright.model.InvalidInputException when a file is damaged; likewise
     * @throws tilewright.boards.InvalidBoardException when the board is unknown or its file damaged; likewise
     */
    public static Compilation run(CompileOptions options, Progress progress) {
        IntegerFormat format = new IntegerFormat(options.bits());
        Board board = Boards.load(options.board());
        Planner.requireFpga(board);
        OutputFolder.requireReplaceable(options.output(), options.force());
        int threads = Runtime.getRuntime().availableProcessors();
        try (ModelTasks model = ModelTasks.open(options.model(), options.task(), threads)) {
            CalibrationImages images = CalibrationImages.open(
                    options.calibrate(), options.model(), model.model().image(), options.limit());
            QuantisedModel quantised = new Quantiser(model.tasks(), images.images(), format, progress)
                    .quantise(model.model().graph().name());
            progress.update("plan", 0, 1);
            Plan plan = Planner.plan(ProgramShape.of(quantised.program()), board, expertLoad(quantised), Limits.USABLE);
            progress.update("plan", 1, 1);
            List<String> warnings = new ArrayList<>(model.model().warnings());
            if (images.synthetic()) {
                warnings.add("no calibration images were given and none lie in the model's folder: "
                        + images.images().count() + " synthetic images were used; give real ones with --calibrate");
            }
            Compilation compilation = new Compilation(plan, quantised, List.copyOf(warnings));
            try (OutputFolder output = new OutputFolder(options.output(), options.force())) {
                compilation.write(output.partial(), model, images, options, progress);
                output.publish();
            }
            return compilation;
        } catch (IOException e) {
            throw new UncheckedIOException(options.output() + ": the build cannot be written: " + e.getMessage(), e);
        }
    }

    /** Expected tokens per expert and image, as the router chose on the calibration images. */
    private static ExpertLoad expertLoad(QuantisedModel quantised) {
        Map<String, double[]> tokens = new HashMap<>();
        for (TaskProgram task : quantised.program().tasks()) {
            long[] counts = null;
            for (Step step : task.steps()) {
                if (step instanceof Step.Route route) {
                    counts = quantised.routing().get(task.task()).get(route.name());
                } else if (step instanceof Step.Experts experts) {
                    long[] routed = counts;
                    tokens.put(
                            task.task() + "/" + experts.name(),
                            IntStream.range(0, routed.length)
                                    .mapToDouble(e -> (double) routed[e] / quantised.images())
                                    .toArray());
                }
            }
        }
        return new ExpertLoad(tokens);
    }

    private void write(
            Path folder, ModelTasks model, CalibrationImages images, CompileOptions options, Progress progress)
            throws IOException {
        Program program = quantised.program();
        progress.update("write", 0, STAGES);
        StringBuilder graphs = new StringBuilder();
        model.tasks()
                .forEach(task -> graphs.append("# task ")
                        .append(task.task())
                        .append("\n\n")
                        .append(GraphText.print(task.graph()))
                        .append('\n'));
        Files.writeString(folder.resolve(BuildDirectory.GRAPH), graphs);
        Files.writeString(folder.resolve(BuildDirectory.CALIBRATION), CalibrationListing.of(quantised));
        BuildDirectory.writeJson(folder.resolve(BuildDirectory.PLAN), PlanSummary.of(plan));
        ProgramFile.write(program, folder.resolve(BuildDirectory.PROGRAM));
        writeImages(images.images(), folder.resolve(BuildDirectory.IMAGES));
        progress.update("write", 1, STAGES);
        emit(program, folder.resolve(BuildDirectory.HLS));
        progress.update("write", 2, STAGES);
        ReportData report = new ReportContent(model.model(), this).data(BuildDirectory.artefacts(folder));
        BuildDirectory.writeJson(folder.resolve(BuildDirectory.REPORT_DATA), report);
        BuildDirectory.writeJson(
                folder.resolve(BuildDirectory.MANIFEST),
                manifest(model, images, options, BuildDirectory.artefacts(folder)));
        progress.update("write", 3, STAGES);
        HtmlReport.write(report, folder.resolve(BuildDirectory.REPORT));
        progress.update("write", STAGES, STAGES);
    }

    private void emit(Program program, Path folder) {
        try {
            HlsEmitter.emit(program, plan.parameters(), folder);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new CompileException(e.getMessage());
        }
    }

    private BuildManifest manifest(
            ModelTasks model, CalibrationImages images, CompileOptions options, List<BuildManifest.Artefact> artefacts)
            throws IOException {
        ImageSet kept = images.images();
        List<Integer> labels = kept.labelled()
                ? IntStream.range(0, kept.count()).mapToObj(kept::label).toList()
                : List.of();
        return new BuildManifest(
                Version.current(),
                options.model().toAbsolutePath().normalize().toString(),
                Digests.ofModel(options.model()),
                model.model().family(),
                plan.board().name(),
                Digests.of(plan.board().toString()),
                options.bits(),
                quantised.program().tasks().stream().map(TaskProgram::task).toList(),
                quantised.policy().label(),
                images.origin(),
                new BuildManifest.Images(kept.count(), kept.channels(), kept.height(), kept.width(), labels),
                plan.parameters(),
                artefacts);
    }

    private static void writeImages(ImageSet images, Path file) throws IOException {
        try (var output = new java.io.BufferedOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < images.count(); i++) {
                output.write(images.image(i));
            }
        }
    }
}
