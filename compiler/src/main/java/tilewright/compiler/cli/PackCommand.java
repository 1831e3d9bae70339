package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tilewright.compiler.allocate.AllocationRule;
import tilewright.compiler.cli.language.AllocationOptions;
import tilewright.compiler.cli.language.ModelKind;
import tilewright.compiler.codes.ErrorFeedback;
import tilewright.compiler.codes.ScaleSearch;
import tilewright.compiler.profile.Profile;
import tilewright.compiler.store.PackOptions;
import tilewright.compiler.store.PackWidths;
import tilewright.compiler.store.StorePacking;
import tilewright.edge.store.ExpertStoreWriter;
import tilewright.model.format.GroupedCodes;

/** {@code tilewright pack}: a model's experts into a store from which they are read when they are needed. */
@Command(
        name = "pack",
        description =
                "Packs a model's experts into a store, a folder that run, bench, perplexity, logits and inspect take."
                        + " The same command goes on where it was stopped.")
final class PackCommand implements Callable<Integer> {
    private static final int MOST_THREADS = 1024;

    private final Console console;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "Folder with config.json and safetensors, or a .gguf file.")
    private Path model;

    @Option(
            names = "-o",
            paramLabel = "DIR",
            required = true,
            description = "The store's folder, which must not exist.")
    private Path folder;

    @Option(
            names = "--bits",
            paramLabel = "N|as-stored",
            description =
                    "Bits of every code, 2 to 6 or 8 (scales and zero points take 0.25 more), or as-stored to keep the"
                            + " model's formats without loss.")
    private String bits;

    @Mixin
    private AllocationOptions allocation = new AllocationOptions();

    @Option(names = "--threads", paramLabel = "N", description = "Threads that quantise (default: one per core).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--force", description = "Replace a store, or an unfinished one of other options.")
    private boolean force;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    PackCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new ParameterException(
                    spec.commandLine(), "--threads is " + threads + ", expected 1 to " + MOST_THREADS);
        }
        allocation.check(bits);
        ModelKind.requireLanguage(model);
        if (allocation.profile() == null) {
            return pack(
                    new PackOptions(widths(), ScaleSearch.fast(), _ -> null, null, "", _ -> List.of(), threads, force));
        }
        try (Profile profile = allocation.open(model)) {
            PackWidths widths;
            if (allocation.chooses()) {
                AllocationRule.Result chosen = allocation.allocate(profile);
                console.note(allocation.describe(profile, chosen));
                widths = new PackWidths(
                        chosen.allocation(),
                        allocation.label(profile, chosen),
                        allocation.forecast(profile, chosen).options());
            } else {
                widths = widths();
                if (widths.allocation() != null) {
                    widths = widths.expecting(AllocationOptions.uniform(profile, bits.charAt(0) - '0')
                            .options());
                }
            }
            return pack(new PackOptions(
                    widths,
                    new ErrorFeedback(),
                    profile::quantisingMoments,
                    profile.rowTokens() == 0 ? null : profile::fit,
                    profile.digest(),
                    profile::sensitivities,
                    threads,
                    force));
        }
    }

    private int pack(PackOptions options) {
        try (Interruption interruption = new Interruption()) {
            long begin = System.nanoTime();
            StorePacking.Result result =
                    StorePacking.pack(model, folder, options, console.progress(), interruption::asked);
            print(result, (System.nanoTime() - begin) / 1e9);
            return result.complete() ? 0 : Failures.FAILED;
        }
    }

    private PackWidths widths() {
        if (bits == null) {
            throw new ParameterException(
                    spec.commandLine(), "give --bits N, --bits as-stored, or --profile FILE and --bits-per-weight N");
        }
        if (bits.toLowerCase(Locale.ROOT).equals("as-stored")) {
            return PackWidths.asStored();
        }
        if (bits.length() != 1 || !GroupedCodes.isWidth(bits.charAt(0) - '0')) {
            throw new ParameterException(
                    spec.commandLine(), "--bits is '" + bits + "', expected 2, 3, 4, 5, 6, 8 or as-stored");
        }
        return PackWidths.uniform(bits.charAt(0) - '0');
    }

    private void print(StorePacking.Result result, double seconds) {
        if (json) {
            ObjectNode answer = Console.object();
            answer.put("store", folder.toString());
            answer.put("complete", result.complete());
            answer.put("digest", result.manifest().digest());
            answer.put("experts", result.experts());
            answer.put("packed", result.packed());
            answer.put("weights", result.weights());
            answer.put("bytes", result.bytes());
            answer.put("bits_per_weight", result.bitsPerWeight());
            answer.put("seconds", seconds);
            console.json(answer);
            return;
        }
        if (!result.complete()) {
            console.note("stopped after " + result.packed() + " experts; what is finished is in "
                    + ExpertStoreWriter.partial(folder) + ", and the same command goes on from there");
            return;
        }
        console.line(
                "%s: %d experts of %d %s in %s, %.3f bits per expert weight on disk, everything included",
                folder,
                result.experts(),
                result.manifest().layers().size(),
                result.manifest().layers().size() == 1 ? "layer" : "layers",
                BoardsCommand.binary(result.bytes()),
                result.bitsPerWeight());
        if (result.packed() == 0) {
            console.note("the store was complete already");
        }
    }
}
