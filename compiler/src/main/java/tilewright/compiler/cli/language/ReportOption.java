package tilewright.compiler.cli.language;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tilewright.compiler.report.ReportData.Setting;
import tilewright.compiler.report.StreamedRunReport;
import tilewright.edge.expert.StorageRate;
import tilewright.edge.language.EngineOptions;

/** {@code --report}: a page about a run with experts on demand. */
public final class ReportOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description =
                    "With --memory: write an HTML page with the run's course token by token, its experts, and what"
                            + " the memory went to.")
    private Path file;

    /**
     * Checks what can be checked before the run.
     *
     * @throws ParameterException when there is no budget, so that nothing is read on demand
     * @throws tilewright.model.InvalidInputException when the page cannot be written
     */
    public void check(MemoryOptions memory) {
        if (file == null) {
            return;
        }
        if (!memory.isGiven()) {
            throw new ParameterException(
                    spec.commandLine(), "--report is about experts on demand, expected --memory SIZE with it");
        }
        StreamedRunReport.check(file);
    }

    /** What keeps the course of a run of this model; null when no page was asked for. */
    public StreamingRecorder recorder(OpenModel open) {
        return file == null ? null : new StreamingRecorder(open.experts());
    }

    /**
     * Writes the page.
     *
     * @param storage what storage gives at best
     * @param notices takes a line that says where it is
     */
    public void write(
            StreamingRecorder recorder,
            OpenModel open,
            MemoryOptions memory,
            StorageRate storage,
            Consumer<String> notices) {
        StreamedRunReport.write(recorder.run(open, settings(open, memory), memory.bytes(), storage), file);
        notices.accept("the run's course is drawn in " + file);
    }

    private static List<Setting> settings(OpenModel open, MemoryOptions memory) {
        EngineOptions options = open.engine().options();
        List<Setting> settings = new ArrayList<>();
        settings.add(new Setting("memory", Math.round(memory.bytes() / (double) (1 << 20)) + " MiB", "budget of all"));
        settings.add(new Setting("threads", Integer.toString(options.threads()), "that compute"));
        settings.add(new Setting(
                "activations", options.activations().name().toLowerCase(Locale.ROOT), "beside quantised weights"));
        settings.add(new Setting(
                "cache", options.cacheFormat().name().toLowerCase(Locale.ROOT), "how keys and values are kept"));
        settings.add(new Setting("context", options.contextLimit() + " tokens", "most that the cache has room for"));
        int lanes = memory.streaming().lanes();
        settings.add(new Setting("lanes", lanes == 0 ? "chosen while it runs" : "" + lanes, "reads at a time"));
        settings.add(new Setting(
                "prefetch", memory.streaming().prefetch() ? "while storage is idle" : "none", "guesses of experts"));
        if (memory.adapts()) {
            settings.add(new Setting("precision", "adapts", "cold experts come at their lower width first"));
        }
        if (options.routing() != null) {
            settings.add(new Setting("routing", "replayed", "choices of experts from a trace"));
        }
        return settings;
    }
}
