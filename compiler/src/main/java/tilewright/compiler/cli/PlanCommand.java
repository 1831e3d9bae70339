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
import tilewright.compiler.OptionException;
import tilewright.compiler.Progress;
import tilewright.compiler.allocate.AllocationRule;
import tilewright.compiler.cli.language.AllocationOptions;
import tilewright.compiler.cli.language.BudgetException;
import tilewright.compiler.cli.language.ComputeOptions;
import tilewright.compiler.cli.language.ExpertDemand;
import tilewright.compiler.forecast.Demand;
import tilewright.compiler.forecast.Forecast;
import tilewright.compiler.forecast.HitCurve;
import tilewright.compiler.forecast.MachineSpeed;
import tilewright.compiler.forecast.QualityForecast;
import tilewright.compiler.profile.Profile;
import tilewright.edge.expert.RoutingTrace;
import tilewright.edge.expert.StorageRate;
import tilewright.edge.probe.KernelSpeed;
import tilewright.edge.probe.MemoryLoad;
import tilewright.edge.probe.ReadingPace;
import tilewright.edge.probe.StorageProbe;
import tilewright.model.InvalidInputException;
import tilewright.model.store.StoreManifest;
import tilewright.model.tensor.DType;

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

    @Mixin
    private AllocationOptions allocation = new AllocationOptions();

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
        allocation.check(null);
        compute.memory().requireBudgetOnly("plan forecasts exact runs that read as much at a time as is of use");
        boolean packs = allocation.chooses();
        if (allocation.profile() != null && routing != null && !packs) {
            throw new ParameterException(
                    spec.commandLine(), "--profile and --routing both say what a cache hits; give one of them");
        }
        if (packs && StoreManifest.is(path)) {
            throw new OptionException(path
                    + ": is packed already, so that its bits are chosen; plan it without --bits-per-weight, --bytes"
                    + " and --loss, or give the model that was packed");
        }
        try (ExpertDemand experts = ExpertDemand.open(path, compute.engine().cacheFormat(), console::note);
                Profile profile = profile(packs)) {
            Demand demand = experts.demand();
            DType format = experts.format();
            QualityForecast quality = null;
            if (packs) {
                AllocationRule.Result chosen = allocation.allocate(profile);
                quality = allocation.forecast(profile, chosen);
                demand = experts.packed(profile, chosen.allocation());
                format = ExpertDemand.packedFormat();
            } else if (StoreManifest.is(path)) {
                StoreManifest manifest = StoreManifest.read(path);
                quality = QualityForecast.of(manifest.file().toString(), manifest.options());
            }
            HitCurve hits;
            String source;
            if (routing != null) {
                hits = experts.hits(RoutingTrace.read(routing));
                source = "the routing in " + routing;
            } else if (profile != null) {
                hits = experts.hits(profile);
                source = "how often " + profile.file() + " saw each expert; text that stays on a subject hits more";
            } else {
                hits = experts.evenHits();
                source = "experts used evenly, the worst case; give --profile or --routing";
            }
            List<Long> budgets = budgets(demand);
            MachineSpeed speed = probe(experts, format, packs);
            List<Forecast> forecasts = new ArrayList<>();
            for (long budget : budgets) {
                forecasts.add(Forecast.of(demand, speed, hits, budget));
            }
            if (json) {
                ObjectNode answer = describe(demand, speed, forecasts, source);
                if (quality != null) {
                    describe(answer.putObject("quality"), quality);
                }
                console.json(answer);
            } else {
                print(demand, speed, forecasts, source);
                if (quality != null) {
                    print(quality, packs);
                }
            }
        }
        return 0;
    }

    /** The profile, checked to be the model's where bits are chosen by it; null where none was given. */
    private Profile profile(boolean packs) {
        if (allocation.profile() == null) {
            return null;
        }
        return packs ? allocation.open(path) : Profile.read(allocation.profile());
    }

    private void print(QualityForecast quality, boolean packs) {
        console.line(
                "%s by %s at %.3f bits per expert weight (%.3f weighted by use): %s",
                packs ? "packed" : "was packed",
                quality.rule(),
                quality.bitsPerWeight(),
                quality.bitsByUse(),
                Double.isNaN(quality.lossIncrease())
                        ? "no prediction of the loss, as the profile has no sensitivity"
                        : String.format(
                                Locale.ROOT,
                                "loss %+.5f nats per token predicted%s",
                                quality.lossIncrease(),
                                perplexity(quality)));
    }

    private static String perplexity(QualityForecast quality) {
        return Double.isNaN(quality.perplexity())
                ? ""
                : String.format(
                        Locale.ROOT,
                        ", perplexity %.3f on the calibration text, where the model's own is %.3f",
                        quality.perplexity(),
                        quality.basePerplexity());
    }

    private static void describe(ObjectNode answer, QualityForecast quality) {
        answer.put("allocator", quality.rule());
        put(answer, "bits_per_weight", quality.bitsPerWeight());
        put(answer, "bits_by_use", quality.bitsByUse());
        put(answer, "loss_increase", quality.lossIncrease());
        put(answer, "calibration_perplexity", quality.basePerplexity());
        put(answer, "perplexity", quality.perplexity());
    }

    private static void put(ObjectNode answer, String key, double value) {
        if (!Double.isNaN(value)) {
            answer.put(key, value);
        }
    }

    private List<Long> budgets(Demand demand) {
        if (compute.memory().isGiven()) {
            long budget = compute.memory().bytes();
            if (budget < demand.leastBudget()) {
                throw new BudgetException(String.format(
                        Locale.ROOT,
                        "%s: --memory is %.0f MiB, the smallest budget that works is about %.0f MiB",
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

    private MachineSpeed probe(ExpertDemand experts, DType format, boolean packs) {
        Progress progress = console.progress();
        StorageRate storage;
        try (StorageProbe probe = StorageProbe.of(experts.file(), READ_BYTES)) {
            int best = 0;
            double[] rates = new double[LANES.length];
            for (int i = 0; i < LANES.length; i++) {
                rates[i] = probe.measure(LANES[i], SECONDS_PER_LANE);
                best = rates[i] > rates[best] ? i : best;
                progress.update("probe", i + 1L, LANES.length + 3L);
            }
            try (MemoryLoad _ = new MemoryLoad()) {
                storage = new StorageRate(rates[best], probe.measure(LANES[best], SECONDS_PER_LANE));
            }
            progress.update("probe", LANES.length + 1L, LANES.length + 3L);
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidInputException(
                    experts.file() + ": storage cannot be measured (" + e.getMessage() + ")", e);
        }
        // Threads share the memory's bandwidth; where one thread does not reach it, more help.
        double weights = KernelSpeed.measure(format, compute.engine().activations(), compute.threads());
        progress.update("probe", LANES.length + 2L, LANES.length + 3L);
        ReadingPace reading = experts.pace(compute.threads(), packs);
        progress.update("probe", LANES.length + 3L, LANES.length + 3L);
        // What storage was seen to do is what it can.
        StorageRate best = storage.best(reading.rate());
        return new MachineSpeed(best.best(new StorageRate(best.besideComputing(), 0)), reading, weights);
    }

    private void print(Demand demand, MachineSpeed speed, List<Forecast> forecasts, String source) {
        console.line(
                "%s: %d experts of %s on average, %s of them for each token",
                path,
                demand.experts(),
                BoardsCommand.binary(demand.expertBytes() / demand.experts()),
                BoardsCommand.binary(demand.routedBytesPerToken()));
        console.line(
                "  storage reads %.2f GB/s, %.2f beside computing; %d %s %.1f GB/s of weights",
                speed.storage().atRest() / 1e9,
                speed.storage().besideComputing() / 1e9,
                compute.threads(),
                compute.threads() == 1 ? "thread multiplies" : "threads multiply",
                speed.weightBytesPerSecond() / 1e9);
        console.line(
                "  experts come after %.2f ms at %.2f GB/s, %.2f beside computing, which goes on at %.0f %% of its speed",
                1000 * speed.reading().startSeconds(),
                speed.reading().rate().atRest() / 1e9,
                speed.reading().rate().besideComputing() / 1e9,
                100 * speed.reading().computing());
        console.line("  hits from %s", source);
        console.line("");
        console.line(
                "  %10s  %-" + BAR + "s %6s  %10s  %9s  %9s  %8s  %7s  %5s",
                "memory",
                "experts in memory",
                "hits",
                "read/token",
                "compute",
                "storage",
                "tokens/s",
                "guesses",
                "bound");
        for (Forecast forecast : forecasts) {
            console.line(
                    "  %6.0f MiB  %s %5.1f%%  %6.1f MiB  %6.1f ms  %6.1f ms  %8.1f  %7.1f  %5.1f",
                    forecast.budget() / MEBI,
                    console.bar((double) forecast.slots() / demand.experts(), BAR),
                    100 * forecast.hitRate(),
                    forecast.readBytes() / MEBI,
                    1000 * forecast.computeSeconds(),
                    1000 * forecast.storageSeconds(),
                    forecast.tokensPerSecond(),
                    forecast.guessingTokensPerSecond(),
                    forecast.boundTokensPerSecond());
        }
        console.line("");
        console.line(
                "tokens/s without guesses of the next layer's experts, and with %.0f %% of them guessed; the bound is all reading"
                        + " behind computing.",
                100 * Forecast.RECALL);
    }

    private ObjectNode describe(Demand demand, MachineSpeed speed, List<Forecast> forecasts, String source) {
        ObjectNode answer = Console.object();
        answer.put("model", path.toString());
        answer.put("experts", demand.experts());
        answer.put("expert_bytes", demand.expertBytes());
        answer.put("routed_bytes_per_token", demand.routedBytesPerToken());
        answer.put("dense_bytes_per_token", demand.denseBytesPerToken());
        answer.put("least_budget_bytes", demand.leastBudget());
        answer.put("storage_bytes_per_second", speed.storage().atRest());
        answer.put("storage_beside_computing", speed.storage().besideComputing());
        answer.putObject("experts_reading")
                .put("start_seconds", speed.reading().startSeconds())
                .put("bytes_per_second", speed.reading().rate().atRest())
                .put("beside_computing", speed.reading().rate().besideComputing())
                .put("computing_beside", speed.reading().computing());
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
                    .put("storage_seconds_beside_computing", forecast.besideSeconds())
                    .put("tokens_per_second", forecast.tokensPerSecond())
                    .put("guessing_tokens_per_second", forecast.guessingTokensPerSecond())
                    .put("bound_tokens_per_second", forecast.boundTokensPerSecond());
        }
        return answer;
    }
}
