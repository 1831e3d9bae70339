package tilewright.compiler.quant;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import tilewright.compiler.CompileException;
import tilewright.compiler.Progress;
import tilewright.edge.Tensor;
import tilewright.hw.arith.FixedPoint;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.GoldenMachine;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.PatchGeometry;
import tilewright.hw.program.Program;
import tilewright.hw.program.TaskProgram;
import tilewright.model.data.ImageSet;
import tilewright.model.graph.Node;
import tilewright.model.graph.Router;
import tilewright.model.graph.Shape;

/**
 * Makes the integer program of a model: calibrates, lowers under every scale policy, and keeps the policy whose integer
 * outputs are clearly nearest to the float outputs on calibration images.
 */
public final class Quantiser {
    /** Every value of a batch is held at once, so batches are of about this many tokens. */
    private static final int BATCH_TOKENS = 512;

    private static final int TRIAL_IMAGES = 16;

    /** A policy that clips must gain this much: smaller differences are noise, and images to come may exceed the range. */
    private static final double CLEARLY_BETTER = 0.9;

    /** What the trials of the policies may cost together, so that compiling a large model stays a matter of minutes. */
    private static final long TRIAL_MACS = 12_000_000_000L;

    private final List<TaskModel> tasks;
    private final ImageSet images;
    private final IntegerFormat format;
    private final Progress progress;
    private final Map<String, Map<String, long[]>> routing = new LinkedHashMap<>();

    /**
     * Prepares quantisation.
     *
     * @param tasks at least one, of the same model
     * @param images for calibration, raw pixels of the model's size
     */
    public Quantiser(List<TaskModel> tasks, ImageSet images, IntegerFormat format, Progress progress) {
        this.tasks = tasks;
        this.images = images;
        this.format = format;
        this.progress = progress;
        if (images.normalised()) {
            throw new CompileException(images.place()
                    + ": holds normalised floats, but the accelerator takes raw pixels; calibrate with 8-bit images");
        }
    }

    /** Runs calibration and the trials. */
    public QuantisedModel quantise(String name) {
        Map<String, ValueStatistics> statistics = calibrate();
        Map<ScalePolicy, Double> errors = new EnumMap<>(ScalePolicy.class);
        Lowered best = lower(name, statistics, ScalePolicy.MIN_MAX);
        ScalePolicy chosen = ScalePolicy.MIN_MAX;
        int trials = trialImages(best.program());
        if (trials == 0) {
            chosen = ScalePolicy.MSE;
            best = null; // a large model's program is not held twice
            best = lower(name, statistics, chosen);
        } else {
            errors.put(chosen, outputError(best.program(), chosen, trials));
            for (ScalePolicy policy : List.of(ScalePolicy.PERCENTILE, ScalePolicy.MSE)) {
                Lowered lowered = lower(name, statistics, policy);
                errors.put(policy, outputError(lowered.program(), policy, trials));
                if (errors.get(policy) < CLEARLY_BETTER * errors.get(chosen)) {
                    best = lowered;
                    chosen = policy;
                }
            }
        }
        return new QuantisedModel(
                best.program(), chosen, errors, tensorScales(statistics, best), routing, images.count());
    }

    private Map<String, ValueStatistics> calibrate() {
        Map<String, ValueStatistics> statistics = new LinkedHashMap<>();
        long done = 0;
        for (TaskModel task : tasks) {
            Calibrator calibrator = new Calibrator(task.graph(), task.executor(), statistics);
            int batch = Math.max(1, BATCH_TOKENS / tokens(task).size(1));
            for (int from = 0; from < images.count(); from += batch) {
                int to = Math.min(images.count(), from + batch);
                calibrator.add(batch(images, from, to));
                done += to - from;
                progress.update("calibrate", done, (long) tasks.size() * images.count());
            }
            routing.put(task.task(), calibrator.routing());
        }
        return statistics;
    }

    /** Images {@code from} to {@code to - 1} as one tensor {@code [batch, channels, height, width]}. */
    public static Tensor batch(ImageSet images, int from, int to) {
        int size = images.channels() * images.height() * images.width();
        float[] data = new float[(to - from) * size];
        for (int i = from; i < to; i++) {
            System.arraycopy(images.floats(i), 0, data, (i - from) * size, size);
        }
        return new Tensor(new int[] {to - from, images.channels(), images.height(), images.width()}, data);
    }

    /** The shape of the residual stream, {@code [batch, tokens, features]}. */
    private static Shape tokens(TaskModel task) {
        Set<String> values = Lowering.residualValues(task.graph());
        if (values.isEmpty()) {
            throw new CompileException(
                    "graph '" + task.graph().name() + "' has no LayerNorm: the accelerator runs pre-norm transformers");
        }
        return task.graph().types().get(values.iterator().next()).shape();
    }

    /** A program and the scales that it uses. */
    private record Lowered(Program program, Scales scales) {}

    private Lowered lower(String name, Map<String, ValueStatistics> statistics, ScalePolicy policy) {
        Scales scales = new Scales(statistics, policy, format);
        Set<String> residualValues = new LinkedHashSet<>();
        int longest = 1;
        Shape tokens = null;
        for (TaskModel task : tasks) {
            residualValues.addAll(Lowering.residualValues(task.graph()));
            tokens = tokens(task);
            for (Node node : task.graph().nodes()) {
                if (node.op() instanceof Router router) {
                    longest = Math.max(longest, router.settings().experts());
                }
            }
        }
        longest = Math.max(longest, tokens.size(1));
        if (longest > SoftmaxFormat.MAX_ROW) {
            throw new CompileException("the model has " + longest + " tokens; softmax rows of at most "
                    + SoftmaxFormat.MAX_ROW + " are supported: use smaller images or larger patches");
        }
        Buffer residual =
                Buffer.of("tokens", tokens.size(1), tokens.size(2), format.residualBits(), scales.wide(residualValues));
        SoftmaxFormat softmax = new SoftmaxFormat(longest);
        Lowering.Quantised shared = new Lowering.Quantised(residual, softmax, new LinkedHashMap<>());
        List<TaskProgram> programs = new ArrayList<>();
        PatchGeometry geometry = null;
        for (TaskModel task : tasks) {
            Lowering lowering = new Lowering(task.graph(), shared, format, scales);
            programs.add(lowering.lower());
            geometry = lowering.geometry();
        }
        return new Lowered(new Program(name, format, softmax, geometry, residual, programs), scales);
    }

    private int trialImages(Program program) {
        long macs = Math.max(1, ProgramCosts.macsPerImage(program)) * tasks.size() * ScalePolicy.values().length;
        return (int) Math.min(Math.min(TRIAL_IMAGES, images.count()), TRIAL_MACS / macs);
    }

    /**
     * The median, over images and tasks, of the relative L2 error of the integer output: a token that is routed to another
     * expert on a near-tie says nothing about scales.
     */
    private double outputError(Program program, ScalePolicy policy, int count) {
        double[] errors = new double[count * tasks.size()];
        int done = 0;
        for (TaskModel task : tasks) {
            TaskProgram steps = program.task(task.task());
            GoldenMachine machine = new GoldenMachine(program);
            double scale = steps.result().scale();
            for (int i = 0; i < count; i++) {
                float[] expected = task.executor()
                        .run(Map.of("pixels", batch(images, i, i + 1)), List.of(task.outputValue()))
                        .get(task.outputValue())
                        .data();
                int[] found = machine.run(steps, images.image(i));
                double error = 0;
                double power = Double.MIN_NORMAL;
                for (int j = 0; j < found.length; j++) {
                    error += square(found[j] * scale - expected[j]);
                    power += square(expected[j]);
                }
                errors[done++] = Math.sqrt(error / power);
                progress.update("try " + policy.label() + " scales", done, errors.length);
            }
        }
        Arrays.sort(errors);
        return errors[errors.length / 2];
    }

    private static double square(double x) {
        return x * x;
    }

    /** What became of every value that the program quantises. */
    private List<TensorScale> tensorScales(Map<String, ValueStatistics> statistics, Lowered lowered) {
        Map<String, Double> wide = new LinkedHashMap<>();
        for (TaskModel task : tasks) {
            Lowering.residualValues(task.graph())
                    .forEach(value ->
                            wide.put(value, lowered.program().residual().scale()));
            wide.putIfAbsent(
                    task.outputValue(),
                    lowered.program().task(task.task()).result().scale());
        }
        List<TensorScale> tensors = new ArrayList<>();
        statistics.forEach((name, found) -> {
            if (wide.containsKey(name)) {
                tensors.add(tensorScale(name, found, format.residualBits(), wide.get(name), policy -> wide.get(name)));
            } else if (lowered.scales().uses(name)) {
                double scale = lowered.scales().activation(name);
                tensors.add(tensorScale(
                        name,
                        found,
                        format.activationBits(),
                        scale,
                        policy -> new Scales(statistics, policy, format).activation(name)));
            }
        });
        return tensors;
    }

    private static TensorScale tensorScale(
            String name, ValueStatistics found, int bits, double scale, ToDoubleFunction<ScalePolicy> scaleOf) {
        Map<ScalePolicy, Double> noise = new EnumMap<>(ScalePolicy.class);
        for (ScalePolicy policy : ScalePolicy.values()) {
            noise.put(policy, found.signalToNoise(scaleOf.applyAsDouble(policy) * FixedPoint.highest(bits), bits));
        }
        return new TensorScale(name, bits, found.largest(), scale, noise);
    }
}
