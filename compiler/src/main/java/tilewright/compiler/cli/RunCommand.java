package tilewright.compiler.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tilewright.compiler.cli.language.GenerationOptions;
import tilewright.compiler.cli.language.ModelKind;

/** {@code tilewright run}: what a language model says to a text, or a vision model to an image. */
@Command(
        name = "run",
        customSynopsis = {
            "tilewright run MODEL --prompt TEXT|--chat [OPTIONS OF TEXTS]",
            "       tilewright run MODEL --image FILE [OPTIONS OF IMAGES]"
        },
        description =
                "Continues a text or a conversation with a language model, or runs one image through a vision model or a"
                        + " compiled design.")
final class RunCommand implements Callable<Integer> {
    /** Options that only images have. */
    private static final Set<String> OF_IMAGES = Set.of("--index", "--engine", "--task");
    /** Options of both kinds; all others are of texts. */
    private static final Set<String> OF_ALL = Set.of("--image", "--prompt", "--chat", "--json", "--help");

    private final Console console;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "MODEL",
            description = "Folder of a model, .gguf file, or (for images) a folder written by compile.")
    private Path model;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "Text to continue or answer.")
    private String prompt;

    @Option(names = "--chat", description = "Answer each line of standard input.")
    private boolean chat;

    @Option(names = "--image", paramLabel = "FILE", description = "A PNG file, or a data set as eval reads it.")
    private Path image;

    @Option(names = "--index", paramLabel = "N", description = "Which image of a data set, from 0 (default: 0).")
    private int index;

    @Mixin
    private EngineOptions imageOptions = new EngineOptions();

    @Mixin
    private GenerationOptions textOptions = new GenerationOptions();

    @Option(names = "--json", description = "Print one JSON object; with --chat one per answer.")
    private boolean json;

    RunCommand(Console console) {
        this.console = console;
    }

    /** How its help shows options. */
    static void arrangeHelp(CommandLine run) {
        CommandSpec texts = run.getCommandSpec().mixins().get("textOptions");
        CommandSpec compute = texts.mixins().get("compute");
        new OptionGroups()
                .named("What to run, one of", "--prompt", "--chat", "--image")
                .named("Images", OF_IMAGES.toArray(String[]::new))
                .named("Texts, what is read and written", "--context", "--tokens", "--raw", "--system")
                .of("Texts, how tokens are chosen", texts.mixins().get("sampling"))
                .named("Texts, how they are computed", "--activations", "--cache", "--kernels", "--threads")
                .of(
                        "Texts, experts on demand",
                        compute.mixins().get("memory"),
                        texts.mixins().get("report"))
                .showIn(run);
    }

    @Override
    public Integer call() {
        checkOptions();
        if (image != null) {
            ModelKind.requireVision(model);
            return new ImageRun(console, model, image, index, imageOptions, json).call();
        }
        textOptions.check();
        TextRun run = new TextRun(console, model, textOptions, json);
        return chat ? run.chat() : run.prompt(prompt);
    }

    /** Exactly one thing to run, and only options that belong to it. */
    private void checkOptions() {
        List<String> given = Stream.of(
                        image == null ? null : "--image", prompt == null ? null : "--prompt", chat ? "--chat" : null)
                .filter(name -> name != null)
                .toList();
        if (given.isEmpty()) {
            throw misuse("nothing to run; give --prompt TEXT, --chat or --image FILE");
        }
        if (given.size() > 1) {
            throw misuse(given.get(0) + " and " + given.get(1) + " exclude each other");
        }
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            String name = option.names()[0];
            boolean ofImages = OF_IMAGES.contains(name);
            if (!OF_ALL.contains(name) && ofImages != (image != null)) {
                throw misuse(name + " goes with " + (ofImages ? "--image" : "--prompt or --chat") + ", not with "
                        + given.getFirst());
            }
        }
    }

    private ParameterException misuse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
