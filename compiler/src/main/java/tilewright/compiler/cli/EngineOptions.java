package tilewright.compiler.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import tilewright.compiler.Progress;
import tilewright.model.family.Families;

/** {@code --engine} and {@code --task}: what computes, and which outputs. */
final class EngineOptions {
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
                    + " integer for a design).")
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
     */
    Engine open(Path folder, Progress progress) {
        engine = Kind.FLOAT;
        return new FloatEngine(Families.load(folder));
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
