package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tilewright.compiler.build.Compilation;
import tilewright.compiler.build.CompileOptions;
import tilewright.compiler.cli.language.ModelKind;
import tilewright.compiler.quant.QuantisedModel;
import tilewright.hw.program.TaskProgram;

/** {@code tilewright compile}: from a model and a board to a design. */
@Command(name = "compile", description = "Compiles a model for an FPGA board into an HLS design with a report.")
final class CompileCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "Folder with config.json and model.safetensors.")
    private Path model;

    @Option(
            names = "--board",
            paramLabel = "NAME|FILE",
            required = true,
            description = "A board of 'tilewright boards', or a YAML file of your own.")
    private String board;

    @Option(names = "-o", paramLabel = "DIR", required = true, description = "Folder to write; must not hold anything.")
    private Path output;

    @Option(names = "--task", paramLabel = "T", description = "One task only (default: all).")
    private String task;

    private int bits = 8;

    @Option(
            names = "--calibrate",
            paramLabel = "FILE",
            description = "Images to find the value ranges with (default: those beside the model).")
    private Path calibrate;

    @Mixin
    private LimitOption limit = new LimitOption();

    @Option(names = "--force", description = "Replace an earlier build in DIR.")
    private boolean force;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    CompileCommand(Console console) {
        this.console = console;
    }

    @Option(names = "--bits", paramLabel = "8|16", description = "Width of activations and weights (default: 8).")
    private void bits(int given) {
        if (given != 8 && given != 16) {
            throw new ParameterException(spec.commandLine(), "--bits is " + given + ", expected 8 or 16");
        }
        bits = given;
    }

    @Override
    public Integer call() {
        ModelKind.requireVision(
                model, "compile takes vision models; tilewright run, bench and pack take language models");
        CompileOptions options = new CompileOptions(model, board, output, task, bits, calibrate, limit.orNull(), force);
        Compilation compilation = Compilation.run(options, console.progress());
        compilation.warnings().forEach(warning -> console.note("warning: " + warning));
        if (json) {
            console.json(describe(compilation));
        } else {
            print(compilation);
        }
        return 0;
    }

    private void print(Compilation compilation) {
        QuantisedModel quantised = compilation.quantised();
        console.line(
                "%s for %s, %d bits, %s",
                quantised.program().name(),
                compilation.plan().board().name(),
                bits,
                quantised.program().tasks().size() == 1
                        ? "task " + quantised.program().tasks().getFirst().task()
                        : "tasks "
                                + quantised.program().tasks().stream()
                                        .map(TaskProgram::task)
                                        .collect(Collectors.joining(", ")));
        EstimateText.print(
                console, compilation.plan().estimate(), compilation.plan().board());
        console.line(
                "  %-8s %s, of three tried on %d calibration images; per tensor in calibration.txt",
                "scales", quantised.policy().label(), quantised.images());
        console.line("");
        console.line("%s: the report. Next: tilewright verify %s", output.resolve("report.html"), output);
    }

    private ObjectNode describe(Compilation compilation) {
        QuantisedModel quantised = compilation.quantised();
        ObjectNode answer = Console.object();
        answer.put("model", model.toString());
        answer.put("board", compilation.plan().board().name());
        answer.put("output", output.toString());
        answer.put("bits", bits);
        ArrayNode tasks = answer.putArray("tasks");
        quantised.program().tasks().forEach(each -> tasks.add(each.task()));
        EstimateText.put(answer, compilation.plan().estimate());
        answer.put("designs_compared", compilation.plan().candidates());
        answer.put("scales", quantised.policy().label());
        answer.put("calibration_images", quantised.images());
        ArrayNode warnings = answer.putArray("warnings");
        compilation.warnings().forEach(warnings::add);
        return answer;
    }
}
