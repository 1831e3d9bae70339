package tilewright.compiler.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tilewright.compiler.OptionException;
import tilewright.compiler.cli.language.LanguageShape;
import tilewright.compiler.cli.language.RandomLanguageModel;
import tilewright.model.InvalidInputException;
import tilewright.model.family.RandomModels;
import tilewright.model.tensor.NearestName;

/** {@code tilewright random-model}: a model of a known shape with random weights, to plan, simulate and measure with. */
@Command(
        name = "random-model",
        description = "Writes a model of a known shape with random weights; the same seed gives the same bytes.")
final class RandomModelCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "SHAPE",
            description = "Vision: edge-moe, moe-vit-100m, tiny or tiny-m3vit. Language: olmoe-1b-7b or tiny-lm.")
    private String shape;

    @Option(
            names = "-o",
            paramLabel = "DIR|FILE.gguf",
            required = true,
            description = "Folder to write, which must not hold anything, or (language models) a new .gguf file.")
    private Path output;

    @Option(
            names = "--format",
            paramLabel = "NAME",
            description = "How a language model's weights are stored: bf16, f16 or f32, in GGUF files also q8_0, q4_0,"
                    + " q4_k_m and the others (default: bf16; q8_0 in GGUF files).")
    private String format;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the random numbers (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    RandomModelCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        boolean gguf = output.toString().toLowerCase(Locale.ROOT).endsWith(".gguf");
        if (LanguageShape.named().containsKey(shape)) {
            String stored = format != null ? format : gguf ? "q8_0" : "bf16";
            RandomLanguageModel.write(shape, stored, output, seed, console.progress());
        } else if (RandomModels.shapes().containsKey(shape)) {
            if (format != null || gguf) {
                throw new ParameterException(
                        spec.commandLine(),
                        (gguf ? "-o FILE.gguf" : "--format") + " is for language models, and " + shape
                                + " is a vision model, which is float32 in a folder");
            }
            RandomModels.write(output, RandomModels.shape(shape).withSeed(seed));
        } else {
            Set<String> known = new TreeSet<>(RandomModels.shapes().keySet());
            known.addAll(LanguageShape.named().keySet());
            throw new OptionException("there is no model shape " + InvalidInputException.quoted(shape) + "; shapes are "
                    + String.join(", ", known) + NearestName.hint(shape, known));
        }
        console.line(output.toString());
        return 0;
    }
}
