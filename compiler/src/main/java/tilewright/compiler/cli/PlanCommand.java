package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
import tilewright.compiler.Progress;
import tilewright.compiler.cli.language.ComputeOptions;
import tilewright.compiler.cli.language.ExpertDemand;
import tilewright.compiler.forecast.Demand;
import tilewright.compiler.forecast.Forecast;
import tilewright.compiler.forecast.LruCurve;
import tilewright.compiler.forecast.MachineSpeed;
import tilewright.compiler.profile.Profile;
import tilewright.edge.expert.RoutingTrace;
import tilewright.edge.probe.KernelSpeed;
import tilewright.edge.probe.StorageProbe;
import tilewright.model.InvalidInputException;

/** {@code tilewright plan}: what a model will do within a budget of memory on this machine. */
@Command(
        name = "plan",
        description =
                "Predicts what a model whose experts are on storage does within a budget of memory, from a probe of"
                        + " this machine.")
final class PlanCommand implements Callable<Integer> {
    private static final int READ_BYTES = 1 << 20;
    private static final int[] LANES = {1, 2, 4, 8};
    private static final double SECONDS_PER_LANE = 0.3;
    /** Parts of the experts that are kept, where no budget is given. */
    private static final double[] SHARES = {0.125, 0.25, 0.5, 0.75, 1};

    private static final double MEBI = 1 << 20;
    private static final int BAR = 20;

    private final Console console;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "Expert store, folder with safetensors, or a .gguf file.")
    private Path path;

    @Option(
            names = "--profile",
            paramLabel = "FILE",
            description = "Profile of the model: how often each expert is used.")
    private Path profile;

    @Option(
            names = "--routing",
            paramLabel = "TRACE",
            description = "Choices of experts on a real text, a .route.csv file: what a cache hits.")
    private Path routing;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    PlanCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (profile != null && routing != null) {
            throw new ParameterException(
                    spec.commandLine(), "--profile and --routing both say what a cache hits; give one of them");
        }
        try (ExpertDemand experts = ExpertDemand.open(path, compute.memory().bytes(), console::note)) {
            LruCurve hits;
            String source;
            if (routing != null) {
                hits = experts.hits(RoutingTrace.read(routing));
                source = "the routing in " + routing;
            } else if (profile != null) {
                try (Profile read = Profile.read(profile)) {
                    hits = experts.hits(read);
                }
                source = "how often " + profile + " saw each expert; text that stays on a subject hits more";
            } else {
                hits = experts.evenHits();
                source = "experts used evenly, the worst case; give --profile or --routing";
            }
            List<Long> budgets = budgets(experts.demand());
            MachineSpeed speed = probe(experts);
            List<Forecast> forecasts = budgets.stream()
                    .map(budget -> Forecast.of(experts.demand(), speed, hits, budget))
                    .toList();
            if (json) {
                console.json(describe(experts.demand(), speed, forecasts, source));
            } else {
                print(experts.demand(), speed, forecasts, source);
            }
        }
        return 0;
    }

    private List<Long> budgets(Demand demand) {
        if (compute.memory().isGiven()) {
            long budget = compute.memory().bytes();
            if (budget < demand.leastBudget()) {
                throw new InvalidInputException(String.format(
                        Locale.ROOT,
                        "%s: --memory is %.0f MiB; the smallest budget that works is about %.0f MiB",
                        path,
                        budget / MEBI,
                        Math.ceil(demand.leastBudget() / MEBI)));
            }
            return List.of(budget);
        }
        List<Long> budgets = new ArrayList<>();
        for (double share : SHARES) {
            budgets.add(Math.max(demand.leastBudget(), demand.heldBytes() + (long) (share * demand.expertBytes())));
        }
        return budgets;
    }

    private MachineSpeed probe(ExpertDemand experts) {
        Progress progress = console.progress();
        double storage = 0;
        try (StorageProbe probe = StorageProbe.of(experts.file(), READ_BYTES)) {
            for (int i = 0; i < LANES.length; i++) {
                storage = Math.max(storage, probe.measure(LANES[i], SECONDS_PER_LANE));
                progress.update("probe", i + 1L, LANES.length + 1L);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidInputException(
                    experts.file() + ": storage cannot be measured (" + e.getMessage() + ")", e);
        }
        // Threads share the memory's bandwidth; where one thread does not reach it, more help.
        double weights = KernelSpeed.measure(experts.format(), compute.engine().activations(), compute.threads());
        progress.update("probe", LANES.length + 1L, LANES.length + 1L);
        return new MachineSpeed(storage, weights);
    }

    private void print(Demand demand, MachineSpeed speed, List<Forecast> forecasts, String source) {
        console.line(
                "%s: %d experts of %.1f MiB on average, %.0f MiB of them for each token",
                path,
                demand.experts(),
                demand.expertBytes() / MEBI / demand.experts(),
                demand.routedBytesPerToken() / MEBI);
        console.line(
                "  storage reads %.2f GB/s, %d %s multiply %.1f GB/s of weights",
                speed.storageBytesPerSecond() / 1e9,
                compute.threads(),
                compute.threads() == 1 ? "thread" : "threads",
                speed.weightBytesPerSecond() / 1e9);
        console.line("  hits from %s", source);
        console.line("");
        console.line(
                "  %10s  %-" + BAR + "s %6s  %10s  %9s  %9s  %s",
                "memory",
                "experts in memory",
                "hits",
                "read/token",
                "compute",
                "storage",
                "tokens/s");
        for (Forecast forecast : forecasts) {
            console.line(
                    "  %6.0f MiB  %s %5.1f%%  %6.1f MiB  %6.1f ms  %6.1f ms  %.1f to %.1f",
                    forecast.budget() / MEBI,
                    console.bar((double) forecast.slots() / demand.experts(), BAR),
                    100 * forecast.hitRate(),
                    forecast.readBytes() / MEBI,
                    1000 * forecast.computeSeconds(),
                    1000 * forecast.storageSeconds(),
                    forecast.serialTokensPerSecond(),
                    forecast.boundTokensPerSecond());
        }
        console.line("");
        console.line("tokens/s: from nothing hidden to all reading behind computing, the bound.");
    }

    private ObjectNode describe(Demand demand, MachineSpeed speed, List<Forecast> forecasts, String source) {
        ObjectNode answer = Console.object();
        answer.put("model", path.toString());
        answer.put("experts", demand.experts());
        answer.put("expert_bytes", demand.expertBytes());
        answer.put("routed_bytes_per_token", demand.routedBytesPerToken());
        answer.put("dense_bytes_per_token", demand.denseBytesPerToken());
        answer.put("least_budget_bytes", demand.leastBudget());
        answer.put("storage_bytes_per_second", speed.storageBytesPerSecond());
        answer.put("weight_bytes_per_second", speed.weightBytesPerSecond());
        answer.put("hits_from", source);
        ArrayNode list = answer.putArray("forecasts");
        for (Forecast forecast : forecasts) {
            list.addObject()
                    .put("memory_bytes", forecast.budget())
                    .put("experts_in_memory", forecast.slots())
                    .put("hit_rate", forecast.hitRate())
                    .put("read_bytes_per_token", forecast.readBytes())
                    .put("compute_seconds_per_token", forecast.computeSeconds())
                    .put("storage_seconds_per_token", forecast.storageSeconds())
                    .put("serial_tokens_per_second", forecast.serialTokensPerSecond())
                    .put("bound_tokens_per_second", forecast.boundTokensPerSecond());
        }
        return answer;
    }
}
