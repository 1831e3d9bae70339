package tilewright.compiler.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tilewright.model.family.RandomModels;

/** {@code tilewright random-model}: a model of a known shape with random weights, to plan and simulate with. */
@Command(
        name = "random-model",
        description = "Writes a model of a known shape with random weights; the same seed gives the same bytes.")
final class RandomModelCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "SHAPE", description = "edge-moe, moe-vit-100m, tiny or tiny-m3vit.")
    private String shape;

    @Option(names = "-o", paramLabel = "DIR", required = true, description = "Folder to write; must not hold anything.")
    private Path folder;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the random numbers (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    RandomModelCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        RandomModels.write(folder, RandomModels.shape(shape).withSeed(seed));
        console.line(folder.toString());
        return 0;
    }
}
