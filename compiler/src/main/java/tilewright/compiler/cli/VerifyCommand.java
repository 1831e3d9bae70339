package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tilewright.compiler.build.Verification;
import tilewright.compiler.build.VerifyOptions;
import tilewright.compiler.build.VerifyResult;
import tilewright.compiler.build.VerifyResult.BlockAgreement;
import tilewright.compiler.build.VerifyResult.FloatAgreement;
import tilewright.compiler.build.VerifyResult.TaskAgreement;

/** {@code tilewright verify}: whether a design computes what its model computes. */
@Command(
        name = "verify",
        description = "Runs the emitted C++ and compares it bit for bit with the integer model, and that with the float"
                + " model. Succeeds only if every bit agrees.")
final class VerifyCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "Folder written by compile.")
    private Path folder;

    private Integer images;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "Other images than those kept with the build; idx file, .npz or a folder of PNG files.")
    private Path data;

    @Option(names = "--blocks", description = "Compare every block too, free-running and with its input forced.")
    private boolean blocks;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    VerifyCommand(Console console) {
        this.console = console;
    }

    @Option(names = "--images", paramLabel = "N", description = "Use the first N images only.")
    private void images(int given) {
        if (given < 1) {
            throw new ParameterException(spec.commandLine(), "--images is " + given + ", expected at least 1");
        }
        images = given;
    }

    @Override
    public Integer call() {
        VerifyResult result = Verification.run(new VerifyOptions(folder, images, data, blocks), console.progress());
        if (result.floatComparison() != null) {
            console.note("warning: not compared with the float model: " + result.floatComparison());
        }
        if (json) {
            console.json(describe(result));
        } else {
            print(result);
        }
        return result.agrees() ? 0 : Failures.FAILED;
    }

    private void print(VerifyResult result) {
        for (TaskAgreement task : result.tasks()) {
            console.line(
                    "%s: %s",
                    task.task(),
                    task.mismatches() == 0
                            ? String.format(
                                    Locale.ROOT,
                                    "all %,d values of %s agree bit for bit",
                                    task.values(),
                                    images(result))
                            : String.format(
                                    Locale.ROOT,
                                    "%,d of %,d values of %s differ",
                                    task.mismatches(),
                                    task.values(),
                                    images(result)));
            if (task.reference() != null) {
                print(task.reference());
            }
            if (!task.blocks().isEmpty()) {
                print(task, result.images());
            }
        }
        console.line("");
        console.line(
                result.agrees()
                        ? "The C++ computes what the integer model computes."
                        : "The C++ does NOT compute what the integer model computes: " + result.mismatches()
                                + " values differ.");
    }

    private static String images(VerifyResult result) {
        return result.images() == 1 ? "1 image" : result.images() + " images";
    }

    private void print(FloatAgreement reference) {
        if (reference.labelled() > 0) {
            console.line(
                    "  correct: %d in integers, %d in float32, of %d",
                    reference.correctInteger(), reference.correctFloat(), reference.labelled());
        }
        if (reference.classified()) {
            console.line("  predictions changed against float32: %d", reference.changedPredictions());
        }
        console.line("  relative L2 error of the outputs against float32: %.4f", reference.outputError());
        if (reference.routings() > 0) {
            console.line(
                    "  tokens routed to other experts than in float32: %,d of %,d (%.2f %%)",
                    reference.routingFlips(),
                    reference.routings(),
                    100.0 * reference.routingFlips() / reference.routings());
        }
    }

    private void print(TaskAgreement task, int count) {
        console.line("  %-10s %10s %12s %12s %14s %14s", "block", "differing", "error", "forced", "flips", "forced");
        for (BlockAgreement block : task.blocks()) {
            console.line(
                    "  %-10s %10d %12.5f %12.5f %14s %14s",
                    block.block(),
                    block.mismatches(),
                    block.freeError(),
                    block.forcedError(),
                    flips(block.freeFlips(), block.routings()),
                    flips(block.forcedFlips(), block.routings()));
        }
        console.line(
                "  error: relative L2 against float32 over %d images; forced: with the block's input from float32",
                count);
    }

    private static String flips(long flips, long routings) {
        return routings == 0 ? "-" : flips + " of " + routings;
    }

    private ObjectNode describe(VerifyResult result) {
        ObjectNode answer = Console.object();
        answer.put("build", folder.toString());
        answer.put("agrees", result.agrees());
        answer.put("count", result.images());
        answer.put("mismatches", result.mismatches());
        answer.put("compile_seconds", result.compileSeconds());
        result.tasks().stream()
                .map(TaskAgreement::reference)
                .filter(reference -> reference != null && reference.labelled() > 0)
                .findFirst()
                .ifPresent(reference -> putAccuracy(answer, reference));
        EstimateText.put(answer, folder.resolve("plan.json"));
        ArrayNode tasks = answer.putArray("tasks");
        for (TaskAgreement task : result.tasks()) {
            ObjectNode node = tasks.addObject();
            node.put("task", task.task());
            node.put("values", task.values());
            node.put("mismatches", task.mismatches());
            FloatAgreement reference = task.reference();
            if (reference != null) {
                if (reference.labelled() > 0) {
                    putAccuracy(node, reference);
                }
                if (reference.classified()) {
                    node.put("predictions_changed", reference.changedPredictions());
                }
                node.put("output_error_relative", reference.outputError());
                node.put("routings", reference.routings());
                node.put("routing_flips", reference.routingFlips());
            }
            if (!task.blocks().isEmpty()) {
                ArrayNode list = node.putArray("blocks");
                task.blocks().forEach(block -> list.add(describe(block)));
            }
        }
        return answer;
    }

    private static void putAccuracy(ObjectNode node, FloatAgreement reference) {
        node.put("correct", reference.correctInteger());
        node.put("accuracy", (double) reference.correctInteger() / reference.labelled());
        node.put("correct_float", reference.correctFloat());
        node.put("accuracy_float", (double) reference.correctFloat() / reference.labelled());
    }

    private static ObjectNode describe(BlockAgreement block) {
        ObjectNode node = Console.object();
        node.put("block", block.block());
        node.put("mismatches", block.mismatches());
        putFinite(node, "error_relative", block.freeError());
        putFinite(node, "error_relative_forced", block.forcedError());
        node.put("routings", block.routings());
        node.put("routing_flips", block.freeFlips());
        node.put("routing_flips_forced", block.forcedFlips());
        return node;
    }

    /** JSON has no NaN; without a float model there is no error. */
    private static void putFinite(ObjectNode node, String key, double value) {
        if (Double.isFinite(value)) {
            node.put(key, value);
        }
    }
}
