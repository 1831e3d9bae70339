package tilewright.compiler.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tilewright.compiler.OptionException;
import tilewright.compiler.cli.language.AllocationOptions;
import tilewright.compiler.cli.language.BudgetedExperts;
import tilewright.compiler.cli.language.MemoryOptions;
import tilewright.compiler.cli.language.ModelKind;
import tilewright.compiler.cli.language.StreamingText;
import tilewright.compiler.cli.language.TokenIds;
import tilewright.compiler.codes.ErrorFeedback;
import tilewright.compiler.profile.Profile;
import tilewright.compiler.profile.ProfileOptions;
import tilewright.compiler.profile.Profiler;
import tilewright.compiler.profile.SensitivityUnit;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.store.StoreManifest;
import tilewright.model.tokenizer.Tokenizers;

/** {@code tilewright profile}: how a model uses its experts, and what their quantisation costs. */
@Command(
        name = "profile",
        description =
                "Runs calibration text through a model and records how it uses its experts and what fewer bits cost.")
final class ProfileCommand implements Callable<Integer> {
    private static final int CHECKPOINT_SECONDS = 20;
    private static final long SAMPLE_BYTES = 256L << 20;
    private static final double HEAP_SHARE = 0.3;
    private static final long MOMENT_BYTES = 768L << 20;
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

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

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "Use N tokens only, in whole windows from all over the text (default: all).")
    private long tokens;

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "Tokens that run together; each window begins anew (default: 128).")
    private int window = 128;

    @Option(
            names = "--sensitivity",
            paramLabel = "matrix|expert|layer|sampled|N|none",
            converter = SensitivityConverter.class,
            description =
                    "What is quantised together to see how predictions change: each matrix by itself, all of an expert or"
                            + " layer, or N groups at most of which a model of sensitivity is made (sampled: 256 of them)."
                            + " Default: matrix for up to 512 matrices, else sampled.")
    private Sensitivity sensitivity = new Sensitivity(null, 0);

    @Option(
            names = "--sensitivity-tokens",
            paramLabel = "N",
            description = "Tokens for that (default: 4096; sampled: 512).")
    private Long sensitivityTokens;

    @Option(
            names = "--trial-tokens",
            paramLabel = "N",
            description =
                    "Tokens on which some allocations of bits are tried, to know how well predictions hold; 0 for none"
                            + " (default: 16384; sampled: 4096).")
    private Long trialTokens;

    @Option(
            names = "--moments",
            paramLabel = "SIZE",
            converter = MemoryOptions.SizeConverter.class,
            description =
                    "Most bytes of second moments of the experts' inputs; their blocks are as large as that allows"
                            + " (default: 768MiB, or without --memory three tenths of a smaller heap).")
    private Long moments;

    @Option(
            names = "--rows",
            paramLabel = "SIZE",
            converter = RowsConverter.class,
            description = "Most bytes of tokens' rows kept, to which pack fits the last matrices of experts; 0 for none"
                    + " (default: 256MiB).")
    private long rows = 1 << 28;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = MemoryOptions.SizeConverter.class,
            description =
                    "Memory that all of this may occupy, such as 3GiB; experts that do not fit are read from storage when"
                            + " they are needed, to the same profile (default: all stay in memory).")
    private Long memory;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute (default: one per core).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--force",
            description = "Make a finished profile anew, or replace one of another model, text or other options.")
    private boolean force;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    /** What is quantised together, and in how many groups; null for what fits the model, and 0 for the usual number. */
    record Sensitivity(SensitivityUnit unit, int exchanges) {}

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
        atLeast("--sensitivity-tokens", sensitivityTokens == null ? 1 : sensitivityTokens, 1);
        atLeast("--trial-tokens", trialTokens == null ? 0 : trialTokens, 0);
        atLeast("--moments", momentBytes(), 1);
        atLeast("--rows", rows, 0);
        atLeast("--threads", threads, 1);
        if (Files.isDirectory(out)) {
            throw new InvalidInputException(out + ": is a folder; name a file for the profile");
        }
        ModelKind.requireLanguage(path);
        if (StoreManifest.is(path)) {
            throw new InvalidInputException(path
                    + ": is a store, whose experts are rounded already; give the folder or the .gguf file of the model that was"
                    + " packed");
        }
        requireWritable();
        try (LoadedLanguageModel model = LanguageModels.load(path)) {
            if (window > model.contextLength()) {
                throw new OptionException(path + ": --window is " + window + ", but the context holds "
                        + model.contextLength() + " tokens");
            }
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
                    sensitivityTokens == null ? 0 : sensitivityTokens,
                    trialTokens == null ? -1 : trialTokens,
                    momentBytes(),
                    SAMPLE_BYTES,
                    rows,
                    sensitivity.unit(),
                    sensitivity.exchanges(),
                    new ErrorFeedback(),
                    threads,
                    CHECKPOINT_SECONDS);
            profile(model, read, options);
        }
        try (Profile profile = Profile.read(out)) {
            ProfileSummary summary = new ProfileSummary(out, profile);
            if (json) {
                console.json(summary.json());
            } else {
                summary.print(console);
            }
        }
        return 0;
    }

    /** Refuses what would be found out by the first checkpoint only. */
    private void requireWritable() {
        Path parent = out.toAbsolutePath().getParent();
        if (!Files.isDirectory(parent)) {
            throw new InvalidInputException(out + ": cannot be written, as " + parent + " is no folder");
        }
        if (!Files.isWritable(parent)) {
            throw new InvalidInputException(out + ": cannot be written, as " + parent + " does not permit it");
        }
    }

    private long momentBytes() {
        if (moments != null) {
            return moments;
        }
        // A budget must not change results, so that it is refused where this does not fit.
        return memory != null
                ? MOMENT_BYTES
                : Math.min(
                        MOMENT_BYTES, (long) (HEAP_SHARE * Runtime.getRuntime().maxMemory()));
    }

    private void profile(LoadedLanguageModel model, int[] read, ProfileOptions options) {
        String digest = AllocationOptions.digest(model);
        if (Profiler.isFinished(model, digest, read, options, out, force)) {
            console.note(
                    out + ": the profile of this model, text and options was complete already; --force makes it anew");
            return;
        }
        if (memory == null) {
            Profiler.profile(model, digest, read, options, out, console.progress());
            return;
        }
        try (BudgetedExperts experts = new BudgetedExperts(path, memory, console::note)) {
            Profiler.profile(model, digest, read, options, experts, out, console.progress());
            StreamingText.lines(experts.course()).forEach(console::note);
        }
    }

    /** Reads a size, or 0. */
    static final class RowsConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return text.equals("0") ? 0 : new MemoryOptions.SizeConverter().convert(text);
        }
    }

    /** Reads {@code matrix}, {@code expert}, {@code layer}, {@code sampled}, {@code none} or a number of groups. */
    static final class SensitivityConverter implements ITypeConverter<Sensitivity> {
        @Override
        public Sensitivity convert(String text) {
            if (NUMBER.matcher(text).matches() && Integer.parseInt(text) > 0) {
                return new Sensitivity(SensitivityUnit.SAMPLED, Integer.parseInt(text));
            }
            return Arrays.stream(SensitivityUnit.values())
                    .filter(unit -> unit.name().toLowerCase(Locale.ROOT).equals(text))
                    .map(unit -> new Sensitivity(unit, 0))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("is " + InvalidInputException.quoted(text)
                            + ", expected matrix, expert, layer, sampled, none or a number of groups"));
        }
    }

    private void atLeast(String option, long value, long least) {
        if (value < least) {
            throw new ParameterException(spec.commandLine(), option + " is " + value + ", expected at least " + least);
        }
    }
}
