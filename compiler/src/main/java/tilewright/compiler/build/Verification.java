package tilewright.compiler.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tilewright.compiler.CompileException;
import tilewright.compiler.ImageCheck;
import tilewright.compiler.OptionException;
import tilewright.compiler.Progress;
import tilewright.compiler.build.VerifyResult.BlockAgreement;
import tilewright.compiler.build.VerifyResult.FloatAgreement;
import tilewright.compiler.build.VerifyResult.TaskAgreement;
import tilewright.compiler.quant.TaskModel;
import tilewright.compiler.report.HtmlReport;
import tilewright.compiler.report.ReportData;
import tilewright.hw.program.GoldenMachine;
import tilewright.hw.program.GoldenRuns;
import tilewright.hw.program.PatchGeometry;
import tilewright.hw.program.Program;
import tilewright.hw.program.Routing;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;
import tilewright.model.data.ImageSet;
import tilewright.model.data.ImageSets;
import tilewright.model.family.ImageGeometry;
import tilewright.sim.HlsSimulation;

/**
 * Runs the emitted HLS C++ on images and compares it bit for bit with the integer model, and the integer model with the
 * float model.
 */
public final class Verification {
    private final BuildDirectory build;
    private final ImageSet images;
    private final boolean blocks;
    private final Progress progress;
    private final Program program;

    private Verification(BuildDirectory build, ImageSet images, boolean blocks, Progress progress) {
        this.build = build;
        this.images = images;
        this.blocks = blocks;
        this.progress = progress;
        program = build.program();
    }

    /**
     * Verifies a build directory and writes the results into its report.
     *
     * @throws CompileException when there is nothing to verify, or no images for it
     * @throws tilewright.sim.SimulationException when the C++ does not compile or run
     */
    public static VerifyResult run(VerifyOptions options, Progress progress) {
        BuildDirectory build = BuildDirectory.open(options.build());
        Verification verification = new Verification(build, choose(build, options), options.blocks(), progress);
        progress.update("compile the C++", 0, 1);
        long start = System.nanoTime();
        HlsSimulation simulation =
                HlsSimulation.open(build.program(), build.manifest().parameters(), build.hls());
        double seconds = (System.nanoTime() - start) / 1e9;
        progress.update("compile the C++", 1, 1);
        VerifyResult result = verification.compare(simulation, seconds);
        verification.report(result);
        return result;
    }

    private static ImageSet choose(BuildDirectory build, VerifyOptions options) {
        ImageSet all = options.data() == null ? build.images() : ImageSets.open(options.data());
        PatchGeometry geometry = build.program().geometry();
        ImageCheck.requireSize(
                all,
                new ImageGeometry(geometry.channels(), geometry.height(), geometry.width(), geometry.patch()),
                build.folder());
        int count = options.images() != null
                ? options.images()
                : options.data() != null ? all.count() : Math.min(all.count(), VerifyOptions.DEFAULT_IMAGES);
        if (count > all.count()) {
            throw new OptionException(all.place() + ": holds " + all.count() + " images, " + count
                    + " were asked for; give more with --data FILE");
        }
        return all.first(count);
    }

    private VerifyResult compare(HlsSimulation simulation, double compileSeconds) {
        String missing = missingModel();
        if (missing != null) {
            return new VerifyResult(images.count(), compareTasks(simulation, null), missing, compileSeconds);
        }
        String task = program.tasks().size() == 1 ? program.tasks().getFirst().task() : null;
        try (ModelTasks model = ModelTasks.open(Path.of(build.manifest().model()), task, 1)) {
            return new VerifyResult(images.count(), compareTasks(simulation, model), null, compileSeconds);
        }
    }

    /** Why the float model cannot be compared, or null. */
    private String missingModel() {
        String model = build.manifest().model();
        try {
            if (!Files.isDirectory(Path.of(model))) {
                return "the model is no longer in " + model;
            }
            return Digests.ofModel(Path.of(model)).equals(build.manifest().modelSha256())
                    ? null
                    : "the model in " + model + " was changed since the build";
        } catch (IOException | InvalidPathException e) {
            return "the model in " + model + " cannot be read";
        }
    }

    private List<TaskAgreement> compareTasks(HlsSimulation simulation, ModelTasks model) {
        List<TaskAgreement> agreements = new ArrayList<>();
        for (int t = 0; t < program.tasks().size(); t++) {
            TaskProgram task = program.tasks().get(t);
            TaskModel reference = model == null
                    ? null
                    : model.tasks().stream()
                            .filter(candidate -> candidate.task().equals(task.task()))
                            .findFirst()
                            .orElseThrow();
            agreements.add(new TaskComparison(task, t, simulation, reference).compare());
        }
        return agreements;
    }

    /** What the integer model found for one image. */
    private record Golden(int[] result, List<Routing> routings) {}

    /** One task. */
    private final class TaskComparison {
        private final TaskProgram task;
        private final int number;
        private final HlsSimulation simulation;
        private final TaskModel reference;

        TaskComparison(TaskProgram task, int number, HlsSimulation simulation, TaskModel reference) {
            this.task = task;
            this.number = number;
            this.simulation = simulation;
            this.reference = reference;
        }

        TaskAgreement compare() {
            List<byte[]> pixels =
                    IntStream.range(0, images.count()).mapToObj(images::image).toList();
            progress.update("simulate " + task.task(), 0, images.count());
            int[][] simulated = simulation.run(number, pixels);
            progress.update("simulate " + task.task(), images.count(), images.count());
            List<Golden> golden =
                    GoldenRuns.map(program, images.count(), (machine, i) -> golden(machine, pixels.get(i)));
            long values = 0;
            long mismatches = 0;
            for (int i = 0; i < simulated.length; i++) {
                values += simulated[i].length;
                mismatches += differences(simulated[i], golden.get(i).result());
            }
            List<BlockAgreement> agreements = blocks
                    ? new BlockComparison(program, task, number, reference, images, progress).compare(simulation)
                    : List.of();
            return new TaskAgreement(
                    task.task(), values, mismatches, reference == null ? null : compareFloat(golden), agreements);
        }

        private Golden golden(GoldenMachine machine, byte[] image) {
            List<Routing> routings = new ArrayList<>();
            machine.run(task, image, 0, task.steps().size(), (index, step) -> {
                if (step instanceof Step.Route) {
                    routings.add(machine.routing());
                }
            });
            return new Golden(machine.contents(task.result()).clone(), routings);
        }

        private FloatAgreement compareFloat(List<Golden> golden) {
            boolean classified = task.result().tokens() == 1;
            List<String> routers = task.steps().stream()
                    .filter(step -> step instanceof Step.Route)
                    .map(Step::block)
                    .toList();
            RelativeError error = new RelativeError();
            long changed = 0;
            long correctFloat = 0;
            long correctInteger = 0;
            long routings = 0;
            long flips = 0;
            for (int i = 0; i < images.count(); i++) {
                FloatReference expected = FloatReference.run(reference, images, i);
                float[] output = expected.output(reference);
                int[] found = golden.get(i).result();
                error.add(found, task.result().scale(), output);
                int bestFloat = best(output.length, index -> output[index]);
                int bestInteger = best(found.length, index -> found[index]);
                if (classified) {
                    changed += bestFloat == bestInteger ? 0 : 1;
                    correctFloat += images.labelled() && images.label(i) == bestFloat ? 1 : 0;
                    correctInteger += images.labelled() && images.label(i) == bestInteger ? 1 : 0;
                }
                for (int r = 0; r < routers.size(); r++) {
                    Routing routing = golden.get(i).routings().get(r);
                    routings += routing.ids().length / routing.topK();
                    flips += expected.flips(routers.get(r), routing.ids(), routing.topK());
                }
                progress.update("compare " + task.task() + " with float", i + 1, images.count());
            }
            long labelled = classified && images.labelled() ? images.count() : 0;
            return new FloatAgreement(
                    classified, changed, labelled, correctFloat, correctInteger, error.value(), routings, flips);
        }
    }

    private static int best(int count, java.util.function.IntToDoubleFunction value) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (value.applyAsDouble(i) > value.applyAsDouble(best)) {
                best = i;
            }
        }
        return best;
    }

    /** The number of places at which two buffers differ. */
    static long differences(int[] found, int[] expected) {
        if (found.length != expected.length) {
            return Math.max(found.length, expected.length);
        }
        return IntStream.range(0, found.length)
                .filter(i -> found[i] != expected[i])
                .count();
    }

    private void report(VerifyResult result) {
        List<ReportData.TaskResult> tasks = new ArrayList<>();
        List<ReportData.BlockError> errors = new ArrayList<>();
        for (TaskAgreement task : result.tasks()) {
            FloatAgreement reference = task.reference();
            boolean labelled = reference != null && reference.labelled() > 0;
            tasks.add(new ReportData.TaskResult(
                    task.task(),
                    result.images(),
                    task.values(),
                    task.mismatches(),
                    labelled ? (double) reference.correctFloat() / reference.labelled() : null,
                    labelled ? (double) reference.correctInteger() / reference.labelled() : null,
                    reference != null && reference.classified() ? reference.changedPredictions() : null,
                    reference == null ? null : reference.routings(),
                    reference == null ? null : reference.routingFlips()));
            task.blocks()
                    .forEach(block -> errors.add(new ReportData.BlockError(
                            task.task(), block.block(), finite(block.freeError()), finite(block.forcedError()))));
        }
        ReportData.Measured measured = new ReportData.Measured(null, null, null, null, tasks);
        HtmlReport.write(
                build.reportData().withVerification(measured, errors),
                build.folder().resolve(BuildDirectory.REPORT));
    }

    private static Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
