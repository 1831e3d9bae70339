package tilewright.compiler.cli.language;

import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tilewright.edge.expert.Adaptation;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingOptions;

/** {@code --memory} and what goes with it: how experts are read on demand. */
public final class MemoryOptions {
    private static final int MOST_LANES = 8;
    private static final String DEFAULT_TOLERANCE = "0.01";
    private static final double MOST_TOLERANCE = 10;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description =
                    "Memory that all of this may occupy, such as 3GiB: weights, experts, KV cache, heap and code."
                            + " Experts that do not fit are read from storage when they are needed (default: all stay in memory).")
    private Long bytes;

    private int lanes;

    @Option(
            names = "--no-prefetch",
            description =
                    "Read no expert before it is needed (default: those that the next layer will probably need, while"
                            + " storage is idle).")
    private boolean withoutPrefetch;

    @Option(
            names = "--lanes",
            paramLabel = "N",
            description = "Reads of experts at a time, 1 to 8 (default: as many as are of use).")
    private void lanes(int given) {
        if (given < 1 || given > MOST_LANES) {
            throw new ParameterException(spec.commandLine(), "--lanes is " + given + ", expected 1 to " + MOST_LANES);
        }
        lanes = given;
    }

    @Option(
            names = "--adapt",
            arity = "0..1",
            fallbackValue = DEFAULT_TOLERANCE,
            preprocessor = AttachedOnly.class,
            paramLabel = "NATS",
            description =
                    "Trade precision for speed under the budget, which changes results: rarely used experts come at their"
                            + " lower width first, and those of little weight are left out when they are not in memory, within an"
                            + " increase of the loss of so many nats per token, " + DEFAULT_TOLERANCE
                            + " without a number;"
                            + " perplexity --adapt measures the effect (default: results are those without a budget).")
    private Double tolerance;

    /** Whether precision gives way. */
    public boolean adapts() {
        return tolerance != null;
    }

    /**
     * What may give way; says what it may cost, and where that is not known.
     *
     * @param notices takes a line for each thing that a user should know
     */
    public Adaptation adaptation(StreamedExperts experts, Consumer<String> notices) {
        Adaptation adaptation = experts.adaptation(tolerance);
        if (experts.holdsAll()) {
            notices.accept("all experts fit into the budget, so --adapt has nothing to do");
        } else if (!adaptation.isMeasured()) {
            notices.accept(
                    "nothing is known of how much these experts bear, so --adapt keeps no tolerance: it leaves out experts of"
                            + " less than a quarter of the mean weight; a store packed with --profile knows it");
        }
        if (!experts.holdsAll() && adaptation.isMeasured()) {
            notices.accept(String.format(
                    Locale.ROOT,
                    "precision adapts to the budget, which changes results: by %.4f nats per token if all that may give way"
                            + " always did, of %s tolerated",
                    adaptation.mostLoss(),
                    tolerance));
        }
        return adaptation;
    }

    /**
     * Lets precision give way from now on, if it may and not all experts fit; says so.
     *
     * @param experts null without a budget
     * @param notices takes a line for each thing that a user should know
     */
    public void adapt(StreamedExperts experts, Consumer<String> notices) {
        if (adapts()) {
            Adaptation adaptation = adaptation(experts, notices);
            if (!experts.holdsAll()) {
                experts.adapt(adaptation);
            }
        }
    }

    /**
     * Whether there is a budget.
     *
     * @throws ParameterException when an option is given that needs one
     */
    public boolean isGiven() {
        if (adapts() && bytes == null) {
            throw new ParameterException(spec.commandLine(), "--adapt goes with --memory, which sets the budget");
        }
        if (bytes == null && (lanes != 0 || withoutPrefetch)) {
            throw new ParameterException(
                    spec.commandLine(),
                    (lanes != 0 ? "--lanes" : "--no-prefetch")
                            + " is about experts on demand, expected --memory SIZE with it");
        }
        if (adapts() && !(tolerance > 0 && tolerance <= MOST_TOLERANCE)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--adapt is " + tolerance + ", expected nats per token above 0, at most " + MOST_TOLERANCE);
        }
        return bytes != null;
    }

    /**
     * Refuses all but the budget.
     *
     * @param reason why the other options mean nothing here
     * @throws ParameterException when one of them is given
     */
    public void requireBudgetOnly(String reason) {
        String given = adapts() ? "--adapt" : lanes != 0 ? "--lanes" : withoutPrefetch ? "--no-prefetch" : null;
        if (given != null) {
            throw new ParameterException(spec.commandLine(), given + " cannot be given: " + reason);
        }
    }

    /** The budget; {@link Long#MAX_VALUE} without one. */
    public long bytes() {
        return bytes == null ? Long.MAX_VALUE : bytes;
    }

    /** How experts are read. */
    public StreamingOptions streaming() {
        return new StreamingOptions(lanes, !withoutPrefetch);
    }

    /** Takes a value only with an equals sign, so that what follows the option is not mistaken for one. */
    static final class AttachedOnly implements IParameterPreprocessor {
        @Override
        public boolean preprocess(
                Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> information) {
            if (information.get("separator") == null) {
                option.setValue(Double.valueOf(DEFAULT_TOLERANCE));
                return true;
            }
            return false;
        }
    }

    /** Reads {@code 3GiB}, {@code 1500MiB}, {@code 2G} or a number of bytes. */
    public static final class SizeConverter implements ITypeConverter<Long> {
        private static final Pattern SIZE = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)\\s*([kmgt]?)(?:i?b)?");
        private static final String UNITS = "kmgt";
        private static final double MOST = 1L << 50;

        @Override
        public Long convert(String text) {
            Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT).strip());
            if (!size.matches()) {
                throw new TypeConversionException("is '" + text + "', expected a size such as 3GiB or 1500MiB");
            }
            int unit = size.group(2).isEmpty() ? 0 : UNITS.indexOf(size.group(2)) + 1;
            double bytes = Double.parseDouble(size.group(1)) * Math.pow(1024, unit);
            if (bytes < 1 || bytes > MOST) {
                throw new TypeConversionException("is '" + text + "', expected a size such as 3GiB or 1500MiB");
            }
            return (long) bytes;
        }
    }
}
