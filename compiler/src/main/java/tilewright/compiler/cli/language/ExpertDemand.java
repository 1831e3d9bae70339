package tilewright.compiler.cli.language;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import tilewright.compiler.allocate.BitAllocation;
import tilewright.compiler.allocate.RecordSizes;
import tilewright.compiler.forecast.Demand;
import tilewright.compiler.forecast.HitCurve;
import tilewright.compiler.profile.Profile;
import tilewright.edge.expert.ExpertRecords;
import tilewright.edge.expert.RoutingTrace;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingOptions;
import tilewright.edge.language.CacheFormat;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.probe.ReadingPace;
import tilewright.edge.probe.ReadingProbe;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Parameter;
import tilewright.model.store.LayerSensitivity;
import tilewright.model.store.StoreManifest;
import tilewright.model.tensor.DType;

/** What a language model with experts asks of memory and storage, and what a cache of its experts would hit. */
public final class ExpertDemand implements AutoCloseable {
    /** A format that costs as much to multiply as a store's codes. */
    private static final DType STORED = DType.Q4_0;

    private static final double PROBE_SECONDS = 0.4;

    /** Tokens that are drawn where only frequencies are known. */
    private static final int DRAWN_TOKENS = 400;
    /** Tokens that only fill the cache. */
    private static final int FILLING_TOKENS = 32;

    private final LoadedLanguageModel model;
    private final ExpertRecords records;
    private final StreamedExperts experts;
    private final Demand demand;
    private final DType format;

    private ExpertDemand(
            LoadedLanguageModel model, ExpertRecords records, StreamedExperts experts, Demand demand, DType format) {
        this.model = model;
        this.records = records;
        this.experts = experts;
        this.demand = demand;
        this.format = format;
    }

    /**
     * Counts a model; no weight is read.
     *
     * @param cache how keys and values are kept, of which one page is counted
     * @throws InvalidInputException when it is no language model, damaged, or has no experts on storage
     */
    public static ExpertDemand open(Path path, CacheFormat cache, Consumer<String> notices) {
        ModelKind.requireLanguage(path);
        LoadedLanguageModel model = LanguageModels.load(path);
        try {
            ExpertRecords records = ExpertFiles.of(path, model, notices);
            StreamedExperts experts = new StreamedExperts(model.graph(), records, StreamingOptions.defaults());
            if (!experts.streams()) {
                throw new InvalidInputException(path + ": "
                        + (ExpertLayer.of(model.graph()).isEmpty()
                                ? "has no experts; plan is for models with a mixture of experts"
                                : OpenModel.withoutExperts(path, model)));
            }
            int count = 0;
            for (int layer = 0; layer < records.layers(); layer++) {
                count += records.experts(layer);
            }
            long staging = experts.mostBytes() - experts.totalBytes();
            long besides = MemoryPlan.processBytes()
                    + staging
                    + LanguageSummary.of(model).cacheBytes(cache)
                            * EngineOptions.defaults().pageTokens();
            Demand demand = new Demand(
                    denseBytes(model.graph(), false) + besides,
                    denseBytes(model.graph(), true),
                    meanBytesPerToken(records, experts),
                    experts.workingSetBytes(),
                    experts.totalBytes(),
                    count,
                    experts.leastBytes() - staging,
                    besides);
            return new ExpertDemand(
                    model, records, experts, demand, StoreManifest.is(path) ? STORED : format(model.graph()));
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /** Bytes of a token's experts, those of a layer taken as equally probable unless the records know better. */
    private static long meanBytesPerToken(ExpertRecords records, StreamedExperts experts) {
        List<LayerSensitivity> known = records.sensitivities();
        double bytes = 0;
        for (int layer = 0; layer < records.layers(); layer++) {
            for (int expert = 0; expert < records.experts(layer); expert++) {
                double frequency = known.isEmpty()
                        ? (double) experts.perToken(layer) / records.experts(layer)
                        : known.get(layer).frequencies().get(expert);
                bytes += frequency * experts.bytes(layer, expert);
            }
        }
        return Math.round(bytes);
    }

    /** Bytes of what is no expert: all of them, or those that one token reads. */
    static long denseBytes(Graph graph, boolean perToken) {
        WeightGroups groups = new WeightGroups(graph);
        double bytes = 0;
        for (Parameter parameter : graph.parameters().values()) {
            WeightGroups.Use use = groups.of(parameter.name());
            if (use.group() != WeightGroups.Group.EXPERTS) {
                bytes += (perToken ? use.share() : 1) * LanguageSummary.storedBytes(parameter);
            }
        }
        return Math.round(bytes);
    }

    /** How the first layer's experts are stored. */
    private static DType format(Graph graph) {
        return ExpertLayer.of(graph)
                .getFirst()
                .parameter(ExpertMatrix.GATE)
                .data()
                .encoded()
                .getFirst()
                .format();
    }

    /** What it asks. */
    public Demand demand() {
        return demand;
    }

    /** What it would ask if its experts were packed with these bits. */
    public Demand packed(Profile profile, BitAllocation allocation) {
        RecordSizes sizes = RecordSizes.stored();
        double perToken = 0;
        for (int layer = 0; layer < records.layers(); layer++) {
            for (int expert = 0; expert < records.experts(layer); expert++) {
                perToken += profile.frequency(layer, expert) * allocation.bytes(sizes, layer, expert);
            }
        }
        return demand.packed(allocation.bytes(sizes), Math.round(perToken));
    }

    /** The format that a store's codes are like. */
    public static DType packedFormat() {
        return STORED;
    }

    /** How most of the experts are stored. */
    public DType format() {
        return format;
    }

    /**
     * How fast experts come here; once.
     *
     * @param threads that will compute beside
     * @param packed whether as they would come from a store, which are used where they were read; else as from these files
     */
    public ReadingPace pace(int threads, boolean packed) {
        int[] layers =
                IntStream.range(0, records.layers()).map(records::graphLayer).toArray();
        if (!packed) {
            return ReadingProbe.measure(experts, layers, threads, PROBE_SECONDS);
        }
        try (StreamedExperts plain =
                new StreamedExperts(model.graph(), new UnpackedRecords(records), StreamingOptions.defaults())) {
            return ReadingProbe.measure(plain, layers, threads, PROBE_SECONDS);
        }
    }

    /** A file in which experts lie. */
    public Path file() {
        return records.files().getFirst();
    }

    /** What a cache hits on a real text. */
    public HitCurve hits(RoutingTrace trace) {
        int[][][] uses = new int[trace.tokens()][records.layers()][];
        for (int token = 0; token < trace.tokens(); token++) {
            for (int layer = 0; layer < records.layers(); layer++) {
                int count = experts.perToken(layer);
                int[] ids = new int[count];
                trace.route(token, layer, records.layers(), records.experts(layer), ids, 0, count);
                uses[token][layer] = ids;
            }
        }
        return new HitCurve(uses, Math.min(FILLING_TOKENS, trace.tokens() / 2));
    }

    /**
     * What a cache hits when every token draws its experts by their frequency, whatever the token before drew.
     *
     * @throws InvalidInputException when the profile is of a model of another shape
     */
    public HitCurve hits(Profile profile) {
        double[][] weights = new double[records.layers()][];
        for (int layer = 0; layer < weights.length; layer++) {
            if (profile.layers() != records.layers() || profile.experts(layer) != records.experts(layer)) {
                throw new InvalidInputException(profile.file() + ": is the profile of a model with other experts than "
                        + model.path() + "; make one of this model");
            }
            weights[layer] = new double[records.experts(layer)];
            for (int expert = 0; expert < weights[layer].length; expert++) {
                weights[layer][expert] = profile.frequency(layer, expert);
            }
        }
        return draw(weights);
    }

    /** What a cache hits when all experts are drawn alike. */
    public HitCurve evenHits() {
        double[][] weights = new double[records.layers()][];
        for (int layer = 0; layer < weights.length; layer++) {
            weights[layer] = new double[records.experts(layer)];
            Arrays.fill(weights[layer], 1);
        }
        return draw(weights);
    }

    /** Draws without putting back: the largest of u^(1/weight), after Efraimidis and Spirakis (2006). */
    private HitCurve draw(double[][] weights) {
        SplittableRandom random = new SplittableRandom(1);
        int[][][] uses = new int[DRAWN_TOKENS][weights.length][];
        for (int token = 0; token < DRAWN_TOKENS; token++) {
            for (int layer = 0; layer < weights.length; layer++) {
                double[] keys = Arrays.stream(weights[layer])
                        .map(weight -> weight > 0 ? Math.log(random.nextDouble()) / weight : Double.NEGATIVE_INFINITY)
                        .toArray();
                List<Integer> order = IntStream.range(0, keys.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer expert) -> keys[expert])
                                .reversed())
                        .toList();
                uses[token][layer] = order.stream()
                        .limit(experts.perToken(layer))
                        .mapToInt(expert -> expert)
                        .toArray();
            }
        }
        return new HitCurve(uses, FILLING_TOKENS);
    }

    /** Closes the files. */
    @Override
    public void close() {
        experts.close();
        model.close();
    }
}
