package tilewright.compiler.cli.language;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tilewright.edge.language.CacheFormat;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.matrix.ActivationPrecision;
import tilewright.edge.matrix.KernelChoice;
import tilewright.model.InvalidInputException;

/** {@code --threads}, {@code --cache}, {@code --activations}, {@code --kernels} and {@code --memory}: how a model is computed. */
public final class ComputeOptions {
    private static final int MOST_THREADS = 1024;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--cache",
            paramLabel = "f32|f16|q8",
            converter = CacheConverter.class,
            description = "How keys and values are kept (default: f16).")
    private CacheFormat cache = CacheFormat.F16;

    @Option(
            names = "--activations",
            paramLabel = "float|int8",
            converter = ActivationsConverter.class,
            description =
                    "Precision of activations where they meet quantised weights; int8 adds about 0.4 %% error to a"
                            + " product (default: float; run and bench take int8 where native kernels make it faster, and say so).")
    private ActivationPrecision activations;

    @Option(
            names = "--kernels",
            paramLabel = "auto|java|native",
            converter = KernelsConverter.class,
            description = "What multiplies with quantised weights and 8-bit activations: kernels in C compiled for this"
                    + " machine, or those in Java (default: auto, native where a C compiler is found).")
    private KernelChoice kernels = KernelChoice.AUTO;

    @Mixin
    private MemoryOptions memory = new MemoryOptions();

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute (default: one per core).")
    private void threads(int given) {
        if (given < 1 || given > MOST_THREADS) {
            throw new ParameterException(
                    spec.commandLine(), "--threads is " + given + ", expected 1 to " + MOST_THREADS);
        }
        threads = given;
    }

    /** How experts are read on demand. */
    public MemoryOptions memory() {
        return memory;
    }

    /** Threads that compute. */
    public int threads() {
        return threads;
    }

    /** Whether the precision of activations was left open. */
    public boolean anyActivations() {
        return activations == null;
    }

    /**
     * Options for an engine; without a budget its caches may take as much memory as the heap may.
     *
     * @throws InvalidInputException when native kernels are asked for and cannot be had here
     */
    public EngineOptions engine() {
        String problem = kernels == KernelChoice.NATIVE ? KernelChoice.nativeProblem() : null;
        if (problem != null) {
            throw new InvalidInputException(
                    "--kernels is native, but " + problem + "; --kernels java computes the same, more slowly");
        }
        return EngineOptions.defaults()
                .withThreads(threads)
                .withCacheFormat(cache)
                .withActivations(activations == null ? ActivationPrecision.FLOAT : activations)
                .withKernels(kernels)
                .withCacheBytes(Runtime.getRuntime().maxMemory());
    }

    private static <E extends Enum<E>> E constant(E[] values, String text) {
        return Arrays.stream(values)
                .filter(value -> lower(value).equals(text))
                .findFirst()
                .orElseThrow(() -> {
                    String known = Arrays.stream(values)
                            .map(ComputeOptions::lower)
                            .collect(Collectors.joining(", "))
                            .replaceAll(", (?=[^,]*$)", " or ");
                    return new TypeConversionException("is '" + text + "', expected " + known);
                });
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Reads {@code f32}, {@code f16} or {@code q8}. */
    static final class CacheConverter implements ITypeConverter<CacheFormat> {
        @Override
        public CacheFormat convert(String text) {
            return constant(CacheFormat.values(), text);
        }
    }

    /** Reads {@code auto}, {@code java} or {@code native}. */
    static final class KernelsConverter implements ITypeConverter<KernelChoice> {
        @Override
        public KernelChoice convert(String text) {
            return constant(KernelChoice.values(), text);
        }
    }

    /** Reads {@code float} or {@code int8}. */
    static final class ActivationsConverter implements ITypeConverter<ActivationPrecision> {
        @Override
        public ActivationPrecision convert(String text) {
            return constant(ActivationPrecision.values(), text);
        }
    }
}
