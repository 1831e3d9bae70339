package tilewright.compiler.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tilewright.compiler.cli.language.AllocationOptions;
import tilewright.compiler.cli.language.ModelKind;
import tilewright.compiler.cli.language.TokenIds;
import tilewright.compiler.codes.ErrorFeedback;
import tilewright.compiler.profile.Profile;
import tilewright.compiler.profile.ProfileOptions;
import tilewright.compiler.profile.Profiler;
import tilewright.compiler.profile.SensitivityUnit;
import tilewright.compiler.profile.Trial;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.tokenizer.Tokenizers;

/** {@code tilewright profile}: how a model uses its experts, and what their quantisation costs. */
@Command(
        name = "profile",
        description =
                "Runs calibration text through a model and records how it uses its experts and what fewer bits cost.")
final class ProfileCommand implements Callable<Integer> {
    private static final int CHECKPOINT_SECONDS = 20;
    private static final long SAMPLE_BYTES = 256L << 20;

    private final Console console;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "Folder with config.json and safetensors, or a .gguf file.")
    private Path path;

    @Option(names = "--text", paramLabel = "FILE", description = "Calibration text in UTF-8.")
    private Path text;

    @Option(
            names = "--ids",
            paramLabel = "FILE",
            description = "Its token ids instead: an .npy file of integers, or numbers in a text.")
    private Path ids;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description =
                    "The profile; while it is made, FILE.partial holds what is known, and the same command goes on from"
                            + " there.")
    private Path out;

    @Option(names = "--tokens", paramLabel = "N", description = "Use the first N tokens only (default: all).")
    private long tokens;

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "Tokens that run together; each window begins anew (default: 128).")
    private int window = 128;

    @Option(
            names = "--sensitivity",
            paramLabel = "matrix|expert|layer|none",
            converter = UnitConverter.class,
            description =
                    "What is quantised by itself to see how predictions change (default: the finest that takes not too"
                            + " long).")
    private SensitivityUnit unit;

    @Option(names = "--sensitivity-tokens", paramLabel = "N", description = "Tokens for that (default: 4096).")
    private long sensitivityTokens = 4096;

    @Option(
            names = "--trial-tokens",
            paramLabel = "N",
            description =
                    "Tokens on which some allocations of bits are tried, to know how well predictions hold; 0 for none"
                            + " (default: 16384).")
    private long trialTokens = 16384;

    @Option(
            names = "--moments",
            paramLabel = "BYTES",
            description =
                    "Most bytes of second moments of the experts' inputs; their blocks are as large as that allows"
                            + " (default: 1073741824).")
    private long moments = 1 << 30;

    @Option(
            names = "--rows",
            paramLabel = "BYTES",
            description = "Most bytes of tokens' rows kept, to which pack fits the last matrices of experts; 0 for none"
                    + " (default: 268435456).")
    private long rows = 1 << 28;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute (default: one per core).")
    private int threads = Runtime.getRuntime().availableProcessors();

    ProfileCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if ((text == null) == (ids == null)) {
            throw new ParameterException(spec.commandLine(), "give either --text FILE or --ids FILE");
        }
        atLeast("--tokens", tokens, 0);
        atLeast("--window", window, 1);
        atLeast("--sensitivity-tokens", sensitivityTokens, 1);
        atLeast("--trial-tokens", trialTokens, 0);
        atLeast("--moments", moments, 1);
        atLeast("--rows", rows, 0);
        atLeast("--threads", threads, 1);
        if (Files.isDirectory(out)) {
            throw new ParameterException(spec.commandLine(), "-o " + out + " is a folder, expected a file");
        }
        ModelKind.requireLanguage(path);
        try (LoadedLanguageModel model = LanguageModels.load(path)) {
            Path file = ids == null ? text : ids;
            int[] read = ids == null ? Tokenizers.load(path).encode(TokenIds.text(file), false) : TokenIds.read(file);
            TokenIds.check(file.toString(), read, model.vocabularySize());
            if (read.length <= window) {
                throw new InvalidInputException(file + ": holds " + read.length + " tokens, a window of " + window
                        + " needs at least " + (window + 1) + "; give more text or a smaller --window");
            }
            ProfileOptions options = new ProfileOptions(
                    window,
                    tokens,
                    sensitivityTokens,
                    trialTokens,
                    moments,
                    SAMPLE_BYTES,
                    rows,
                    unit,
                    new ErrorFeedback(),
                    threads,
                    CHECKPOINT_SECONDS);
            Profiler.profile(model, AllocationOptions.digest(model), read, options, out, console.progress());
        }
        try (Profile profile = Profile.read(out)) {
            console.line("%s: %d tokens through %d layers of experts", out, profile.tokens(), profile.layers());
            for (Trial trial : profile.trials()) {
                console.line(
                        "%.2f bits per expert weight: loss %+.5f nats per token (standard error %.5f), divergence %.5f, the"
                                + " matrices' sum %.5f",
                        trial.bitsPerWeight(),
                        trial.lossIncrease(),
                        trial.standardError(),
                        trial.divergence(),
                        trial.sum());
            }
        }
        return 0;
    }

    /** Reads {@code matrix}, {@code expert}, {@code layer} or {@code none}. */
    static final class UnitConverter implements ITypeConverter<SensitivityUnit> {
        @Override
        public SensitivityUnit convert(String text) {
            return Arrays.stream(SensitivityUnit.values())
                    .filter(unit -> unit.name().toLowerCase(Locale.ROOT).equals(text))
                    .findFirst()
                    .orElseThrow(() ->
                            new TypeConversionException("is '" + text + "', expected matrix, expert, layer or none"));
        }
    }

    private void atLeast(String option, long value, long least) {
        if (value < least) {
            throw new ParameterException(spec.commandLine(), option + " is " + value + ", expected at least " + least);
        }
    }
}
