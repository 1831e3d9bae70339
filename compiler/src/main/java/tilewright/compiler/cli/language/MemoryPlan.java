package tilewright.compiler.cli.language;

import java.nio.file.Path;
import java.util.Locale;
import tilewright.edge.expert.FileCache;
import tilewright.edge.expert.ProcessMemory;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LoadedLanguageModel;

/** How one budget of memory is shared between the JVM's heap, weights that every token needs, and experts. */
final class MemoryPlan {
    /** Of the heap, what KV caches may take; the rest is for activations. */
    private static final double CACHE_SHARE = 0.5;
    /** What the JVM's compilers and the code they make will still take once the model runs. */
    private static final long CODE_GROWTH = 32L << 20;
    /** How much larger a heap becomes than what it holds. */
    private static final double GARBAGE = 1.4;

    private static final long HEAP_ROOM = 12L << 20;

    private static final double MEBI = 1 << 20;

    private MemoryPlan() {}

    /** Bytes that KV caches may take in this JVM's heap. */
    static long cacheBytes() {
        return (long) (CACHE_SHARE * Runtime.getRuntime().maxMemory());
    }

    /**
     * Gives experts what the budget leaves, after all other weights were read.
     *
     * @throws InvalidInputException when that is too little, saying what the smallest budget is
     */
    static void start(
            Path path, LoadedLanguageModel model, LanguageEngine engine, StreamedExperts experts, long budget) {
        for (Path file : model.tensors().names().stream()
                .map(name -> model.tensors().info(name).file())
                .distinct()
                .toList()) {
            try (FileCache pages = FileCache.of(file)) {
                pages.drop(0, 0);
            }
        }
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        long heapNow = runtime.totalMemory() - runtime.freeMemory();
        long others = ProcessMemory.residentBytes() - heapNow + heapBytes(engine, heapNow) + CODE_GROWTH;
        long left = budget - others;
        if (left < experts.leastBytes()) {
            long least = others + experts.leastBytes();
            throw new InvalidInputException(String.format(
                    Locale.ROOT,
                    "%s: --memory is %.0f MiB, but %.0f MiB go to weights that every token needs, heap and code, and"
                            + " experts need at least %.0f MiB; the smallest budget that works is %.0f MiB",
                    path,
                    budget / MEBI,
                    others / MEBI,
                    Math.ceil(experts.leastBytes() / MEBI),
                    Math.ceil(least / MEBI) + 1));
        }
        experts.start(left);
    }

    /** What the heap will hold, with room for what the collector has not yet found. */
    private static long heapBytes(LanguageEngine engine, long heapNow) {
        EngineOptions options = engine.options();
        int rows = Math.min(options.prefillTokens(), options.contextLimit());
        long needed = engine.heapBytes(rows, options.contextLimit());
        long most = Runtime.getRuntime().maxMemory();
        return Math.min(most, (long) (GARBAGE * (heapNow + Math.min(most, needed))) + HEAP_ROOM);
    }
}
