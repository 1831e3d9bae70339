package tilewright.compiler.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tilewright.model.data.ImageSet;

/** {@code --limit}: only the first images of a data set. */
final class LimitOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    private Integer limit;

    @Option(names = "--limit", paramLabel = "N", description = "Use the first N images only.")
    private void limit(int given) {
        if (given < 1) {
            throw new ParameterException(spec.commandLine(), "--limit is " + given + ", expected at least 1");
        }
        limit = given;
    }

    /** The first images of the set. */
    ImageSet apply(ImageSet images) {
        return limit == null ? images : images.first(limit);
    }

    /** The number given, or null. */
    Integer orNull() {
        return limit;
    }
}
