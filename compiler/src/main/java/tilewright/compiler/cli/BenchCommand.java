package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tilewright.compiler.OptionException;
import tilewright.compiler.cli.language.ComputeOptions;
import tilewright.compiler.cli.language.LanguageSummary;
import tilewright.compiler.cli.language.MemoryNeed;
import tilewright.compiler.cli.language.OpenModel;
import tilewright.compiler.cli.language.ReportOption;
import tilewright.compiler.cli.language.SpeedTest;
import tilewright.compiler.cli.language.SpeedTest.Rounds;
import tilewright.compiler.cli.language.StreamingRecorder;
import tilewright.compiler.cli.language.StreamingText;
import tilewright.edge.expert.RoutingTrace;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.probe.MemoryBandwidth;

/** {@code tilewright bench}: how fast a language model is read and written here, beside what memory allows. */
@Command(
        name = "bench",
        description = "Measures a language model's tokens per second, beside the bound that memory sets.")
final class BenchCommand implements Callable<Integer> {
    private static final double GIGA = 1e9;

    private final Console console;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "Folder with config.json and safetensors, or a .gguf file.")
    private Path path;

    @Option(names = "-p", paramLabel = "N", description = "Tokens of the prompt; 0 for none (default: 512).")
    private int promptTokens = 512;

    @Option(names = "-n", paramLabel = "N", description = "Tokens to write; 0 for none (default: 128).")
    private int tokens = 128;

    @Option(
            names = "-r",
            paramLabel = "N",
            description = "Rounds after the first one, which does not count (default: 5).")
    private int repeats = 5;

    @Option(
            names = "--routing",
            paramLabel = "TRACE",
            description = "Choices of experts to replay in the routers' place: a .route.csv file. Random weights route"
                    + " evenly, trained ones do not.")
    private Path routing;

    @Option(
            names = "--recall",
            paramLabel = "SHARE",
            description =
                    "With --routing: draw guesses of the next layer's experts of which this share is right; the next"
                            + " layer's router gives 0.72 to 0.89 in trained models (default: 0, no guesses).")
    private double recall;

    @Mixin
    private ReportOption report = new ReportOption();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    BenchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        require(promptTokens >= 0, "-p", promptTokens, 0);
        require(tokens >= 0, "-n", tokens, 0);
        require(repeats >= 1, "-r", repeats, 1);
        if (promptTokens == 0 && tokens == 0) {
            throw new ParameterException(spec.commandLine(), "-p and -n are both 0, so there is nothing to measure");
        }
        if (!(recall >= 0 && recall <= 1) || recall > 0 && routing == null) {
            throw new ParameterException(
                    spec.commandLine(), "--recall is " + recall + ", expected 0 to 1, and only with --routing");
        }
        if (recall > 0 && !compute.memory().isGiven()) {
            throw new ParameterException(
                    spec.commandLine(), "--recall is about experts on demand, expected --memory SIZE with it");
        }
        report.check(compute.memory());
        RoutingTrace trace = routing == null ? null : RoutingTrace.read(routing).withRecall(recall);
        EngineOptions engine = compute.engine().withRouting(trace);
        try (OpenModel open =
                OpenModel.withoutTokenizer(path, engine, compute.anyActivations(), compute.memory(), console::note)) {
            requireRoom(open, "-p", promptTokens);
            requireRoom(open, "-n", tokens);
            open.share(compute.memory(), MemoryNeed.text(Math.max(promptTokens, tokens), promptTokens), console::note);
            compute.memory().adapt(open.experts(), console::note);
            LanguageSummary summary = LanguageSummary.of(open.model());
            StreamingRecorder recorder = report.recorder(open);
            SpeedTest test = new SpeedTest(open.engine(), open.experts(), recorder, console.progress());
            Rounds prefill = promptTokens == 0 ? null : test.prefill(promptTokens, repeats);
            Rounds decode = tokens == 0 ? null : test.decode(tokens, repeats);
            // The measurement's own memory is in no budget.
            double bandwidth = compute.memory().isGiven() ? 0 : MemoryBandwidth.measure(compute.threads());
            if (json) {
                ObjectNode answer = describe(summary, prefill, decode, bandwidth);
                answer.put("activations", precision(open));
                if (open.watch() != null) {
                    StreamingText.describe(
                            answer.putObject("memory"), open.watch().course());
                }
                console.json(answer);
            } else {
                console.line(
                        "%s, %d %s, %s activations",
                        path, compute.threads(), compute.threads() == 1 ? "thread" : "threads", precision(open));
                print(summary, prefill, decode, bandwidth);
                if (open.watch() != null) {
                    StreamingText.lines(open.watch().course()).forEach(console::line);
                }
            }
            if (recorder != null) {
                Rounds last = decode == null ? prefill : decode;
                report.write(recorder, open, compute.memory(), last.streaming().storage(), console::note);
            }
        }
        return 0;
    }

    private static String precision(OpenModel open) {
        return open.engine().options().activations().name().toLowerCase(Locale.ROOT);
    }

    private void require(boolean holds, String option, int value, int least) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), option + " is " + value + ", expected at least " + least);
        }
    }

    private void requireRoom(OpenModel open, String option, int count) {
        if (count > open.contextLimit()) {
            throw new OptionException(path + ": " + option + " is " + count + ", but the model was made for at most "
                    + open.contextLimit() + " tokens");
        }
    }

    private void print(LanguageSummary summary, Rounds prefill, Rounds decode, double bandwidth) {
        if (routing != null) {
            console.line(
                    "  routing     replayed from %s, not computed%s",
                    routing,
                    recall == 0
                            ? "; no guesses"
                            : String.format(Locale.ROOT, "; guesses drawn, %.0f %% right, not computed", 100 * recall));
        }
        if (prefill != null) {
            console.line(
                    "  prefill     %10.1f tokens/s best, %.1f median of %d rounds of %d tokens",
                    prefill.best(), prefill.median(), repeats, promptTokens);
        }
        if (decode != null) {
            console.line(
                    "  decode      %10.1f tokens/s best, %.1f median of %d rounds of %d tokens",
                    decode.best(), decode.median(), repeats, tokens);
            console.line(
                    "  weights     %10.1f MB read per token, %.1f GB/s at best",
                    summary.bytesPerToken() / 1e6, rate(summary, decode) / GIGA);
        }
        for (Rounds rounds : new Rounds[] {prefill, decode}) {
            if (rounds != null && rounds.streaming() != null) {
                console.line(rounds == prefill ? "  prefill with" : "  decode with");
                StreamingText.lines(rounds.streaming(), compute.memory().adapts())
                        .forEach(line -> console.line("    " + line));
            }
        }
        if (bandwidth > 0) {
            console.line("  memory      %10.1f GB/s measured with as many threads", bandwidth / GIGA);
        }
        if (decode != null && bandwidth > 0) {
            double fraction = rate(summary, decode) / bandwidth;
            console.line(
                    "  reached     %10.0f %% of the memory's bandwidth in decode%s",
                    100 * fraction, fraction > 1 ? ": the weights stay in a cache" : "");
        }
    }

    /** Bytes of weights per second in the fastest round. */
    private static double rate(LanguageSummary summary, Rounds decode) {
        return summary.bytesPerToken() * decode.best();
    }

    private ObjectNode describe(LanguageSummary summary, Rounds prefill, Rounds decode, double bandwidth) {
        ObjectNode answer = Console.object();
        answer.put("model", path.toString());
        answer.put("threads", compute.threads());
        answer.put("repeats", repeats);
        if (routing != null) {
            answer.put("routing", routing.toString());
            answer.put("recall", recall);
        }
        answer.put("parameters", summary.parameters());
        answer.put("weight_bytes", summary.weightBytes());
        if (prefill != null) {
            describe(answer.putObject("prefill"), prefill, promptTokens);
        }
        if (decode != null) {
            ObjectNode node = answer.putObject("decode");
            describe(node, decode, tokens);
            node.put("weight_bytes_per_token", summary.bytesPerToken());
            node.put("weight_bytes_per_second", rate(summary, decode));
            if (bandwidth > 0) {
                node.put("bandwidth_fraction", rate(summary, decode) / bandwidth);
            }
        }
        if (bandwidth > 0) {
            answer.put("memory_bytes_per_second", bandwidth);
        }
        return answer;
    }

    private static void describe(ObjectNode node, Rounds rounds, int count) {
        node.put("tokens", count);
        node.put("best_tokens_per_second", rounds.best());
        node.put("median_tokens_per_second", rounds.median());
        ArrayNode all = node.putArray("tokens_per_second");
        for (double each : rounds.tokensPerSecond()) {
            all.add(each);
        }
        if (rounds.streaming() != null) {
            StreamingText.describe(node.putObject("streaming"), rounds.streaming());
        }
    }
}
