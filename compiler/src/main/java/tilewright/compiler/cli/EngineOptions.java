package tilewright.compiler.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import tilewright.compiler.Progress;
import tilewright.compiler.build.BuildDirectory;
import tilewright.compiler.build.CalibrationImages;
import tilewright.compiler.build.ModelTasks;
import tilewright.compiler.quant.QuantisedModel;
import tilewright.compiler.quant.Quantiser;
import tilewright.hw.program.IntegerFormat;
import tilewright.model.family.Families;

/** {@code --engine} and {@code --task}: what computes, and which outputs. */
final class EngineOptions {
    private static final int DEFAULT_BITS = 8;

    /** What computes a model's outputs. */
    enum Kind {
        /** The model in float32. */
        FLOAT,
        /** The compiled design's integer arithmetic. */
        INTEGER;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--engine",
            paramLabel = "float|integer",
            converter = KindConverter.class,
            description = "float32, or the integer arithmetic of a compiled design (default: float for a model,"
                    + " integer for a design; integer for a model quantises it to 8 bits as compile does).")
    private Kind engine;

    @Option(names = "--task", paramLabel = "T", description = "One task only (default: all).")
    private String task;

    /** What computes, once {@link #open} has been called. */
    Kind engine() {
        return engine;
    }

    /**
     * Opens what computes the outputs of {@code folder}.
     *
     * @throws tilewright.model.InvalidInputException when it is neither a model nor a build directory
     * @throws tilewright.compiler.CompileException when it is a damaged build directory
     */
    Engine open(Path folder, Progress progress) {
        if (!BuildDirectory.is(folder)) {
            engine = engine == null ? Kind.FLOAT : engine;
            return engine == Kind.FLOAT ? new FloatEngine(Families.load(folder)) : quantise(folder, progress);
        }
        engine = engine == null ? Kind.INTEGER : engine;
        BuildDirectory build = BuildDirectory.open(folder);
        return engine == Kind.INTEGER
                ? new IntegerEngine(folder.toString(), build.program())
                : new FloatEngine(Families.load(Path.of(build.manifest().model())));
    }

    /** The integer model of a model that was not compiled: calibrated as {@code compile} does, in 8 bits. */
    private Engine quantise(Path folder, Progress progress) {
        int threads = Runtime.getRuntime().availableProcessors();
        try (ModelTasks model = ModelTasks.open(folder, task, threads)) {
            CalibrationImages images =
                    CalibrationImages.open(null, folder, model.model().image(), null);
            QuantisedModel quantised = new Quantiser(
                            model.tasks(), images.images(), new IntegerFormat(DEFAULT_BITS), progress)
                    .quantise(model.model().graph().name());
            return new IntegerEngine(folder.toString(), quantised.program());
        }
    }

    /** The outputs to compute: the given task, or all. */
    List<String> wanted(Engine engine) {
        if (task == null) {
            return List.copyOf(engine.outputs().keySet());
        }
        Outputs.check(engine.place(), task, engine.outputs().keySet());
        return List.of(task);
    }

    /** Reads {@code float} or {@code integer}. */
    static final class KindConverter implements ITypeConverter<Kind> {
        @Override
        public Kind convert(String text) {
            for (Kind kind : Kind.values()) {
                if (kind.toString().equals(text)) {
                    return kind;
                }
            }
            throw new TypeConversionException("is '" + text + "', expected float or integer");
        }
    }
}
