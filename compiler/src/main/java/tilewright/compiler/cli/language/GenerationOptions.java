package tilewright.compiler.cli.language;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tilewright.edge.language.EngineOptions;

/** How texts are generated: length, context, template, and the options of sampling and computing. */
public final class GenerationOptions {
    private static final int ANSWER_TOKENS = 256;
    private static final int CHAT_TOKENS = 2048;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    private int tokens;
    private int context = Integer.MAX_VALUE;

    @Option(
            names = "--system",
            paramLabel = "TEXT",
            description = "What the conversation begins with, for models with a chat template.")
    private String system;

    @Option(
            names = "--raw",
            description =
                    "Continue the text as it is, also where the model has a chat template, which otherwise makes the"
                            + " text a user's message.")
    private boolean raw;

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private ReportOption report = new ReportOption();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Option(
            names = {"-n", "--tokens"},
            paramLabel = "TOKENS",
            description = "Most tokens to write (default: " + ANSWER_TOKENS + "; with --chat " + CHAT_TOKENS
                    + " per answer).")
    private void tokens(int given) {
        require(given, "-n");
        tokens = given;
    }

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Most tokens of a text, prompt included (default: what the model was made for).")
    private void context(int given) {
        require(given, "--context");
        context = given;
    }

    private void require(int given, String option) {
        if (given < 1) {
            throw new ParameterException(spec.commandLine(), option + " is " + given + ", expected at least 1");
        }
    }

    /** Most tokens to write. */
    int tokens(boolean chat) {
        return tokens > 0 ? tokens : chat ? CHAT_TOKENS : ANSWER_TOKENS;
    }

    /** What the conversation begins with; null for nothing. */
    String system() {
        return system;
    }

    /** Whether text stays as it is. */
    public boolean isRaw() {
        return raw;
    }

    /** How tokens are drawn, and what ends a text. */
    SamplingOptions sampling() {
        return sampling;
    }

    /** Whether the precision of activations was left open. */
    public boolean anyActivations() {
        return compute.anyActivations();
    }

    /** Options for an engine. */
    public EngineOptions engine() {
        return compute.engine().withContextLimit(context);
    }

    /** Whether the most tokens of a text are given. */
    boolean limitsContext() {
        return context < Integer.MAX_VALUE;
    }

    /** Where the course of the run is to be drawn. */
    public ReportOption report() {
        return report;
    }

    /** How experts are read on demand. */
    public MemoryOptions memory() {
        return compute.memory();
    }

    /**
     * Checks what can be checked without a model.
     *
     * @throws ParameterException naming the option that is out of its range
     */
    public void check() {
        sampling.sampling();
        sampling.stops();
        report.check(compute.memory());
        if (raw && system != null) {
            throw new ParameterException(
                    spec.commandLine(), "--system and --raw exclude each other: raw text has no system message");
        }
    }
}
