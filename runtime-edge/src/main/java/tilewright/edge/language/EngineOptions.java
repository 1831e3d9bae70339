package tilewright.edge.language;

import java.util.List;
import java.util.Objects;
import tilewright.edge.expert.ExpertSource;
import tilewright.edge.expert.RoutingTrace;
import tilewright.edge.matrix.ActivationPrecision;
import tilewright.edge.matrix.KernelChoice;

/**
 * How an engine runs a model; start from {@link #defaults()}.
 *
 * @param threads threads that compute, the caller's included; at least 1
 * @param cacheFormat how keys and values are kept
 * @param cacheBytes most bytes that the caches of all sequences may hold together
 * @param contextLimit most positions of one sequence
 * @param pageTokens positions in a page of the cache: a power of two from 32 to 1024; sums over keys go page by page, so results
 *     may differ in the last digits between page sizes
 * @param activations in what precision activations enter products with weights
 * @param prefillTokens most rows that run through the model at once; longer steps are cut into several
 * @param kernels which kernels compute products with weights
 * @param keep names of values of the graph whose rows {@link LanguageEngine#kept} can give after a step; keeping any makes the
 *     engine compute the whole graph for every row
 * @param experts where experts come from; null for the model's own parameters, which then stay in memory
 * @param routing choices of experts that take the place of the routers', whose weights stay; null for the routers' own
 */
public record EngineOptions(
        int threads,
        CacheFormat cacheFormat,
        long cacheBytes,
        int contextLimit,
        int pageTokens,
        ActivationPrecision activations,
        int prefillTokens,
        KernelChoice kernels,
        List<String> keep,
        ExpertSource experts,
        RoutingTrace routing) {
    /** Checks the ranges. */
    public EngineOptions {
        Objects.requireNonNull(kernels);
        keep = List.copyOf(keep);
        require(threads >= 1, "threads", threads, "at least 1");
        require(cacheBytes > 0, "cacheBytes", cacheBytes, "more than 0");
        require(contextLimit >= 1, "contextLimit", contextLimit, "at least 1");
        require(
                pageTokens >= 32 && pageTokens <= 1024 && Integer.bitCount(pageTokens) == 1,
                "pageTokens",
                pageTokens,
                "a power of two from 32 to 1024");
        require(prefillTokens >= 1, "prefillTokens", prefillTokens, "at least 1");
    }

    private static void require(boolean holds, String option, long value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(option + " is " + value + ", expected " + expected);
        }
    }

    /** One thread, float16 cache of at most 4 GiB, no limit of the context, pages of 64, exact activations, chunks of 512. */
    public static EngineOptions defaults() {
        return new EngineOptions(
                1,
                CacheFormat.F16,
                4L << 30,
                Integer.MAX_VALUE,
                64,
                ActivationPrecision.FLOAT,
                512,
                KernelChoice.AUTO,
                List.of(),
                null,
                null);
    }

    /** These options with this many threads. */
    public EngineOptions withThreads(int value) {
        return new EngineOptions(
                value,
                cacheFormat,
                cacheBytes,
                contextLimit,
                pageTokens,
                activations,
                prefillTokens,
                kernels,
                keep,
                experts,
                routing);
    }

    /** These options with this cache format. */
    public EngineOptions withCacheFormat(CacheFormat value) {
        return new EngineOptions(
                threads,
                value,
                cacheBytes,
                contextLimit,
                pageTokens,
                activations,
                prefillTokens,
                kernels,
                keep,
                experts,
                routing);
    }

    /** These options with this limit of the caches' bytes. */
    public EngineOptions withCacheBytes(long value) {
        return new EngineOptions(
                threads,
                cacheFormat,
                value,
                contextLimit,
                pageTokens,
                activations,
                prefillTokens,
                kernels,
                keep,
                experts,
                routing);
    }

    /** These options with this limit of a sequence's positions. */
    public EngineOptions withContextLimit(int value) {
        return new EngineOptions(
                threads,
                cacheFormat,
                cacheBytes,
                value,
                pageTokens,
                activations,
                prefillTokens,
                kernels,
                keep,
                experts,
                routing);
    }

    /** These options with pages of this many positions. */
    public EngineOptions withPageTokens(int value) {
        return new EngineOptions(
                threads,
                cacheFormat,
                cacheBytes,
                contextLimit,
                value,
                activations,
                prefillTokens,
                kernels,
                keep,
                experts,
                routing);
    }

    /** These options with this precision of activations. */
    public EngineOptions withActivations(ActivationPrecision value) {
        return new EngineOptions(
                threads,
                cacheFormat,
                cacheBytes,
                contextLimit,
                pageTokens,
                value,
                prefillTokens,
                kernels,
                keep,
                experts,
                routing);
    }

    /** These options with at most this many rows at once. */
    public EngineOptions withPrefillTokens(int value) {
        return new EngineOptions(
                threads,
                cacheFormat,
                cacheBytes,
                contextLimit,
                pageTokens,
                activations,
                value,
                kernels,
                keep,
                experts,
                routing);
    }

    /** These options with these kernels. */
    public EngineOptions withKernels(KernelChoice value) {
        return new EngineOptions(
                threads,
                cacheFormat,
                cacheBytes,
                contextLimit,
                pageTokens,
                activations,
                prefillTokens,
                value,
                keep,
                experts,
                routing);
    }

    /** These options keeping these values. */
    public EngineOptions withKeep(List<String> value) {
        return new EngineOptions(
                threads,
                cacheFormat,
                cacheBytes,
                contextLimit,
                pageTokens,
                activations,
                prefillTokens,
                kernels,
                value,
                experts,
                routing);
    }

    /** These options with experts from this source; null for the model's own parameters. */
    public EngineOptions withExperts(ExpertSource value) {
        return new EngineOptions(
                threads,
                cacheFormat,
                cacheBytes,
                contextLimit,
                pageTokens,
                activations,
                prefillTokens,
                kernels,
                keep,
                value,
                routing);
    }

    /** These options with choices of experts replayed; null for the routers' own. */
    public EngineOptions withRouting(RoutingTrace value) {
        return new EngineOptions(
                threads,
                cacheFormat,
                cacheBytes,
                contextLimit,
                pageTokens,
                activations,
                prefillTokens,
                kernels,
                keep,
                experts,
                value);
    }
}
