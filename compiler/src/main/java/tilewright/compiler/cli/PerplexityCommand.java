package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tilewright.compiler.OptionException;
import tilewright.compiler.cli.language.AdaptedPerplexity;
import tilewright.compiler.cli.language.ComputeOptions;
import tilewright.compiler.cli.language.MemoryNeed;
import tilewright.compiler.cli.language.OpenModel;
import tilewright.compiler.cli.language.StreamingMeter;
import tilewright.compiler.cli.language.StreamingText;
import tilewright.compiler.cli.language.TokenIds;
import tilewright.edge.expert.Adaptation;
import tilewright.edge.expert.StreamingReport;
import tilewright.edge.language.Perplexity;
import tilewright.model.InvalidInputException;

/** {@code tilewright perplexity}: how well a language model predicts a text. */
@Command(
        name = "perplexity",
        description = "Measures how well a language model predicts a text, in windows that do not overlap.")
final class PerplexityCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "Folder with config.json and safetensors, or a .gguf file.")
    private Path path;

    @Option(names = "--text", paramLabel = "FILE", description = "A text in UTF-8.")
    private Path text;

    @Option(
            names = "--ids",
            paramLabel = "FILE",
            description = "Token ids: an .npy file of integers, or numbers in a text.")
    private Path ids;

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "Tokens that a window reads; each window begins anew, with nothing put in front"
                    + " (default: 128).")
    private int window = 128;

    @Option(
            names = "--step",
            paramLabel = "N",
            description = "Tokens of a window that are read at once (default: the whole window; with --adapt 1, as when"
                    + " generating, because what is read together needs other experts).")
    private Integer stepTokens;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    PerplexityCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if ((text == null) == (ids == null)) {
            throw new ParameterException(spec.commandLine(), "give either --text FILE or --ids FILE");
        }
        if (window < 1) {
            throw new ParameterException(spec.commandLine(), "--window is " + window + ", expected at least 1");
        }
        if (stepTokens != null && stepTokens < 1) {
            throw new ParameterException(spec.commandLine(), "--step is " + stepTokens + ", expected at least 1");
        }
        try (OpenModel open = ids == null
                ? OpenModel.withTokenizer(path, compute.engine(), compute.memory(), console::note)
                : OpenModel.withoutTokenizer(path, compute.engine(), compute.memory(), console::note)) {
            if (open.engine().encoderDecoder()) {
                throw new InvalidInputException(
                        path + ": has an encoder; perplexity measures models that continue one text");
            }
            if (window > open.contextLimit()) {
                throw new OptionException(path + ": --window is " + window + ", but the context holds "
                        + open.contextLimit() + " tokens");
            }
            int[] read = ids(open);
            open.share(compute.memory(), MemoryNeed.windows(window, step()), console::note);
            open.warm(StateFolder.path(), console::note);
            StreamingMeter meter = open.experts() == null ? null : new StreamingMeter(open.experts());
            long start = System.nanoTime();
            double[] exact = measure(open, read, "perplexity");
            Perplexity found = Perplexity.of(exact);
            StreamingReport streaming =
                    meter == null ? null : meter.end(found.tokens(), (System.nanoTime() - start) * 1e-9);
            AdaptedPerplexity adapted = null;
            if (compute.memory().adapts()) {
                // On the same windows, from the memory that the exact measurement has left.
                Adaptation adaptation = compute.memory().adaptation(open.experts(), console::note);
                adapted = AdaptedPerplexity.measure(
                        open.experts(),
                        adaptation,
                        exact,
                        part -> measure(open, read, "perplexity with --adapt, " + part.replace('_', ' ')));
            }
            if (meter != null) {
                streaming = meter.besideStorage(streaming);
            }
            if (json) {
                ObjectNode answer = describe(found);
                if (adapted != null) {
                    adapted.describe(answer.putObject("adapted"));
                }
                if (streaming != null) {
                    StreamingText.describe(answer.putObject("streaming"), streaming);
                    StreamingText.describe(
                            answer.putObject("memory"), open.watch().course());
                }
                console.json(answer);
            } else {
                console.line(
                        "perplexity %.3f (%.6f nats per token, standard error %.6f, of %d tokens)",
                        found.perplexity(), found.nll(), found.standardError(), found.tokens());
                if (adapted != null) {
                    adapted.lines(streaming).forEach(console::line);
                }
                if (streaming != null) {
                    StreamingText.lines(streaming, false).forEach(console::line);
                    StreamingText.lines(open.watch().course()).forEach(console::line);
                }
            }
        }
        return 0;
    }

    /** Tokens of a window that are read at once. */
    private int step() {
        return stepTokens != null ? stepTokens : compute.memory().adapts() ? 1 : window;
    }

    private double[] measure(OpenModel open, int[] read, String phase) {
        return Perplexity.losses(
                open.engine(),
                read,
                window,
                step(),
                (done, all) -> console.progress().update(phase, done, all));
    }

    private int[] ids(OpenModel open) {
        Path file = ids == null ? text : ids;
        int[] read = ids == null ? open.tokenizer().encode(TokenIds.text(file), false) : TokenIds.read(file);
        TokenIds.check(file.toString(), read, open.engine().vocabularySize());
        if (read.length <= window) {
            throw new InvalidInputException(file + ": holds " + read.length + " tokens, a window of " + window
                    + " needs at least " + (window + 1) + "; give more text or a smaller --window");
        }
        return read;
    }

    private ObjectNode describe(Perplexity found) {
        ObjectNode answer = Console.object();
        answer.put("model", path.toString());
        answer.put("window", window);
        answer.put("tokens", found.tokens());
        answer.put("nll", found.nll());
        answer.put("perplexity", found.perplexity());
        answer.put("standard_error", found.standardError());
        return answer;
    }
}
