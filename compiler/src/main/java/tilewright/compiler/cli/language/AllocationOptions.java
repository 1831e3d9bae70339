package tilewright.compiler.cli.language;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tilewright.compiler.OptionException;
import tilewright.compiler.allocate.AllocationRule;
import tilewright.compiler.allocate.BitAllocation;
import tilewright.compiler.allocate.RecordSizes;
import tilewright.compiler.forecast.QualityForecast;
import tilewright.compiler.profile.Profile;
import tilewright.edge.store.ExpertStore;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.store.SourceDigest;

/** {@code --profile}, {@code --bits-per-weight}, {@code --bytes}, {@code --loss} and {@code --allocator}: bits chosen by a profile. */
public final class AllocationOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--profile",
            paramLabel = "FILE",
            description =
                    "What tilewright profile has made of this model: how often it uses each expert, what bits of them cost,"
                            + " and the second moments for codes with error feedback.")
    private Path profile;

    @Option(
            names = "--bits-per-weight",
            paramLabel = "N",
            description =
                    "With --profile: mean bits of an expert weight on disk, scales, zero points and padding included.")
    private Double bitsPerWeight;

    @Option(
            names = "--bytes",
            paramLabel = "SIZE",
            converter = MemoryOptions.SizeConverter.class,
            description = "With --profile: bytes of all experts on disk, such as 3GiB.")
    private Long bytes;

    @Option(
            names = "--loss",
            paramLabel = "N",
            description =
                    "With --profile: as few bytes as keep the predicted increase of the loss below N nats per token.")
    private Double loss;

    @Option(
            names = "--allocator",
            paramLabel = "ilp|uniform|edgemoe|mc-moe",
            converter = RuleConverter.class,
            description =
                    "How bits are shared out: least predicted loss by an integer program, one width for all, or by the"
                            + " rules of EdgeMoE or MC-MoE (default: ilp).")
    private AllocationRule rule;

    /** Reads a rule's name. */
    static final class RuleConverter implements ITypeConverter<AllocationRule> {
        @Override
        public AllocationRule convert(String text) {
            try {
                return AllocationRule.of(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** The profile, or null where none was given. */
    public Path profile() {
        return profile;
    }

    /** Whether bits are to be chosen, rather than only the codes. */
    public boolean chooses() {
        return bitsPerWeight != null || bytes != null || loss != null;
    }

    /**
     * Refuses options that do not belong together.
     *
     * @param bits what was given as {@code --bits}, or null
     */
    public void check(String bits) {
        int limits = (bitsPerWeight == null ? 0 : 1) + (bytes == null ? 0 : 1) + (loss == null ? 0 : 1);
        if (limits > 1 || limits == 1 && bits != null) {
            throw new ParameterException(
                    spec.commandLine(), "give one of --bits, --bits-per-weight, --bytes and --loss, not several");
        }
        if (limits == 1 && profile == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--bits-per-weight, --bytes and --loss need --profile FILE; make one with profile");
        }
        if (limits == 0 && rule != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--allocator shares out what --bits-per-weight, --bytes or --loss allow; give one of them");
        }
        requirePositive("--bits-per-weight", bitsPerWeight);
        requirePositive("--loss", loss);
    }

    private void requirePositive(String option, Double value) {
        if (value != null && !(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new ParameterException(spec.commandLine(), option + " is " + value + ", expected a number above 0");
        }
    }

    private AllocationRule rule() {
        return rule == null ? AllocationRule.ILP : rule;
    }

    /**
     * Opens the profile and refuses one of another model.
     *
     * @throws InvalidInputException when it is no profile, damaged, or another model's
     */
    public Profile open(Path model) {
        Profile read = Profile.read(profile);
        try (LoadedLanguageModel loaded = LanguageModels.load(model)) {
            List<ExpertLayer> layers = ExpertLayer.of(loaded.graph());
            boolean fits = layers.size() == read.layers()
                    && layers.stream().allMatch(layer -> layer.experts() == read.experts(layer.index()));
            if (!fits || !read.model().equals(digest(loaded))) {
                throw new InvalidInputException(
                        profile + ": is the profile of another model than " + model + "; make one of this model");
            }
            return read;
        } catch (RuntimeException | Error e) {
            read.close();
            throw e;
        }
    }

    /** What tells a model from others, as stores and profiles note it. */
    public static String digest(LoadedLanguageModel model) {
        return SourceDigest.of(model.config().toString(), model.tensors());
    }

    /**
     * Chooses the bits.
     *
     * @throws OptionException when the limit is too small, or the profile cannot say what it would cost
     */
    public AllocationRule.Result allocate(Profile of) {
        RecordSizes sizes = RecordSizes.stored();
        if (loss != null) {
            if (!of.hasSensitivity()) {
                throw new OptionException(
                        profile + ": was made without sensitivity, so that losses cannot be predicted; give"
                                + " --bits-per-weight");
            }
            return rule().withinLoss(of, sizes, of.sumFor(rule(), loss));
        }
        double limit = bytes != null ? bytes : bitsPerWeight * BitAllocation.weights(of) / Byte.SIZE;
        BitAllocation least = new BitAllocation(of, AllocationRule.WIDTHS.getFirst());
        if (onDisk(of, least) > limit) {
            throw new OptionException(String.format(
                    Locale.ROOT,
                    "%s %s is too little for these experts: at 2 bits they take %d bytes on disk (%.3f bits per weight) with"
                            + " scales, padding and index; allow more",
                    bytes != null ? "--bytes" : "--bits-per-weight",
                    bytes != null ? Long.toString(bytes) : Double.toString(bitsPerWeight),
                    onDisk(of, least),
                    bitsOnDisk(of, least)));
        }
        return rule().within(of, sizes, limit - ExpertStore.headerBytes(experts(of)));
    }

    private static int experts(Profile of) {
        return IntStream.range(0, of.layers()).map(of::experts).sum();
    }

    /** Bytes of a store's experts, all that describes them included. */
    private static long onDisk(Profile of, BitAllocation allocation) {
        return allocation.bytes(RecordSizes.stored()) + ExpertStore.headerBytes(experts(of));
    }

    private static double bitsOnDisk(Profile of, BitAllocation allocation) {
        return (double) onDisk(of, allocation) * Byte.SIZE / BitAllocation.weights(of);
    }

    /** A result in a line, for people. */
    public String describe(Profile of, AllocationRule.Result result) {
        RecordSizes disk = RecordSizes.stored();
        BitAllocation allocation = result.allocation();
        return String.format(
                Locale.ROOT,
                "%s: %.3f bits per expert weight on disk (%.3f weighted by use), %.3f of codes and scales; %s%s",
                rule().label(),
                bitsOnDisk(of, allocation),
                allocation.bitsWeightedByUse(disk),
                allocation.bitsPerWeight(RecordSizes.codes()),
                of.hasSensitivity()
                        ? String.format(
                                Locale.ROOT,
                                "predicted increase of the loss %.5f nats per token",
                                of.lossIncrease(rule(), allocation.loss()))
                        : "no prediction of the loss, as the profile has no sensitivity",
                Double.isNaN(result.gap())
                        ? ""
                        : String.format(Locale.ROOT, ", at most %.4f %% above the least", 100 * result.gap()));
    }

    /** What a choice of bits is predicted to cost. */
    public QualityForecast forecast(Profile of, AllocationRule.Result result) {
        return forecast(of, rule(), result.allocation());
    }

    /** What codes of the same width for all experts are predicted to cost. */
    public static QualityForecast uniform(Profile of, int bits) {
        return forecast(of, AllocationRule.UNIFORM, new BitAllocation(of, bits));
    }

    private static QualityForecast forecast(Profile of, AllocationRule rule, BitAllocation allocation) {
        return new QualityForecast(
                rule.label(),
                bitsOnDisk(of, allocation),
                allocation.bitsWeightedByUse(RecordSizes.stored()),
                of.hasSensitivity() ? of.lossIncrease(rule, allocation.loss()) : Double.NaN,
                Math.exp(of.baseLoss()));
    }

    /** How the bits were chosen, for a store's description. */
    public String label(Profile of, AllocationRule.Result result) {
        return String.format(Locale.ROOT, "%s %.3f", rule().label(), bitsOnDisk(of, result.allocation()));
    }
}
