package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tilewright.compiler.cli.language.ModelKind;
import tilewright.model.data.ImageSet;
import tilewright.model.data.ImageSets;

/** {@code tilewright eval}: how well a model or a compiled design does on a data set. */
@Command(name = "eval", description = "Runs a data set through a model or a compiled design and counts.")
final class EvalCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "MODEL|DIR", description = "A model's folder, or a folder written by compile.")
    private Path folder;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            required = true,
            description = "Images: idx file, .npz, or a folder of PNG files, labels beside them.")
    private Path data;

    @Mixin
    private LimitOption limit = new LimitOption();

    @Mixin
    private EngineOptions engineOptions = new EngineOptions();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    EvalCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        ModelKind.requireVision(folder, "takes no images; perplexity measures it on a text");
        ImageSet images = limit.apply(ImageSets.open(data));
        try (Engine engine = engineOptions.open(folder, console.progress())) {
            List<String> wanted = engineOptions.wanted(engine);
            Evaluation evaluation = Evaluation.run(engine, wanted, images, console.progress());
            if (json) {
                console.json(describe(evaluation));
            } else {
                print(evaluation);
            }
        }
        return 0;
    }

    private void print(Evaluation evaluation) {
        for (Evaluation.Output output : evaluation.outputs()) {
            if (output.classified()) {
                console.line(
                        "%s: %d of %d correct, accuracy %.2f %%",
                        output.name(),
                        output.correct(),
                        evaluation.images(),
                        100.0 * output.correct() / evaluation.images());
            } else {
                console.line(
                        "%s: %s per image, mean %.4f, standard deviation %.4f, from %.4f to %.4f",
                        output.name(),
                        Arrays.toString(output.shape()),
                        output.mean(),
                        output.deviation(),
                        output.minimum(),
                        output.maximum());
            }
        }
        console.line(
                "%d images in %.2f s, %.0f images/s (%s)",
                evaluation.images(),
                evaluation.seconds(),
                evaluation.images() / evaluation.seconds(),
                engineOptions.engine());
    }

    private ObjectNode describe(Evaluation evaluation) {
        ObjectNode answer = Console.object();
        answer.put("model", folder.toString());
        answer.put("data", data.toString());
        answer.put("engine", engineOptions.engine().toString());
        answer.put("count", evaluation.images());
        evaluation.outputs().stream()
                .filter(Evaluation.Output::classified)
                .findFirst()
                .ifPresent(output -> putAccuracy(answer, output, evaluation.images()));
        answer.put("seconds", evaluation.seconds());
        answer.put("images_per_second", evaluation.images() / evaluation.seconds());
        ObjectNode outputs = answer.putObject("outputs");
        for (Evaluation.Output output : evaluation.outputs()) {
            ObjectNode node = outputs.putObject(output.name());
            ArrayNode shape = node.putArray("shape");
            Arrays.stream(output.shape()).forEach(shape::add);
            if (output.classified()) {
                putAccuracy(node, output, evaluation.images());
            }
            node.put("mean", output.mean());
            node.put("standard_deviation", output.deviation());
            node.put("minimum", output.minimum());
            node.put("maximum", output.maximum());
        }
        return answer;
    }

    private static void putAccuracy(ObjectNode node, Evaluation.Output output, int images) {
        node.put("correct", output.correct());
        node.put("accuracy", (double) output.correct() / images);
    }
}
