package tilewright.compiler.cli.language;

import java.nio.file.Path;
import java.util.Locale;
import tilewright.compiler.profile.ExpertMemory;
import tilewright.edge.expert.FileCache;
import tilewright.edge.expert.ProcessMemory;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.matrix.ActivationPrecision;
import tilewright.model.family.language.LoadedLanguageModel;

/**
 * How one budget of memory is shared: what is held once weights that every token needs are read, keys and values of the texts
 * asked for, the heap of a step, what the JVM still takes; all that is left is for experts.
 *
 * @param held bytes held now: weights, code, heap
 * @param cache bytes of keys and values
 * @param growth bytes of heap, code and stacks that running adds
 * @param tokens that a text may have
 * @param rows most rows of a step
 * @param texts that run at once
 */
record MemoryPlan(long held, long cache, long growth, int tokens, int rows, int texts) {
    /** What the JVM's compilers, the code they make and the stacks of threads still take once the model runs; measured. */
    static final long CODE_GROWTH = 48L << 20;

    /** By how much what the JVM holds differs from run to run; measured. A smallest budget that is named works the next time. */
    private static final long VARIATION = 16L << 20;

    /** What heap, code and the JVM take at least beside weights, keys and values, and experts once a model runs; measured with several. */
    private static final long PROCESS = 140L << 20;

    /** Pages of the JVM's files that a run touches; measured. */
    private static final long PROGRAM = 32L << 20;

    /** Of the budget, the most that values of a step take where results do not depend on its length. */
    private static final int STEP_SHARE = 12;

    private static final int LEAST_ROWS = 32;
    /** Of the budget, the most that a conversation gets whose length nobody named. */
    private static final int CONVERSATION_SHARE = 8;
    /** How much larger the heap becomes than what it holds. */
    private static final double GARBAGE = 1.2;
    /** Likewise, where arrays too large for the space of new objects come and go: the heap grows before it is searched for them. */
    private static final double LARGE_GARBAGE = 2;
    /** What the launcher gives new objects of such a heap, in which arrays that stay find no room. */
    private static final long NEW_OBJECTS = 48L << 20;

    /** Of what the JVM's heap may still take, the part that values of a step may. */
    private static final double HEAP_USE = 0.8;

    private static final double MEBI = 1 << 20;

    /**
     * Counts what texts need of an engine that holds its weights already.
     *
     * @param leastExperts bytes through which experts can be read
     */
    static MemoryPlan of(LanguageEngine engine, MemoryNeed need, long budget, long leastExperts) {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        long heapLeft = runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory());
        EngineOptions options = engine.options();
        int tokens = Math.min(need.tokens(), options.contextLimit());
        int rows = Math.min(options.prefillTokens(), need.step());
        long held = heldBytes();
        long left = budget - held - CODE_GROWTH - leastExperts - engine.sequenceBytes(need.open() ? 1 : tokens, rows);
        long most = (long) Math.min(HEAP_USE * heapLeft, left / GARBAGE);
        if (options.kernels().hasNative() && options.activations() == ActivationPrecision.INT8) {
            most = Math.min(most, budget / STEP_SHARE);
        }
        // A prompt is cut into more steps; kernels in Java may then round differently, so they do it only for want of
        // room.
        while (rows > LEAST_ROWS && stepBytes(engine, need, rows) > most) {
            rows = Math.max(LEAST_ROWS, rows / 2);
        }
        int texts = need.together() ? Math.max(1, rows / tokens) : 1;
        if (need.open()) {
            tokens = fitting(engine, tokens, rows, budget / CONVERSATION_SHARE);
        }
        long cache = texts * engine.sequenceBytes(tokens, rows);
        long heap = (long) (GARBAGE * (stepBytes(engine, need, rows) + texts * engine.stateBytes()));
        return new MemoryPlan(held, cache, heap + CODE_GROWTH, tokens, rows, texts);
    }

    /**
     * Counts what texts need that run together, each as a whole, in steps that no budget makes shorter: what they give is kept, and
     * must not depend on the budget.
     */
    static MemoryPlan whole(LanguageEngine engine, ExpertMemory.Need need) {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        int rows = need.texts() * need.tokens();
        long heap =
                (long) Math.min(LARGE_GARBAGE * heapBytes(engine, need), runtime.maxMemory() - runtime.totalMemory());
        return new MemoryPlan(
                heldBytes(),
                need.texts() * engine.sequenceBytes(need.tokens(), rows),
                Math.max(0, heap) + need.other() + CODE_GROWTH,
                need.tokens(),
                rows,
                need.texts());
    }

    private static long heapBytes(LanguageEngine engine, ExpertMemory.Need need) {
        int rows = need.texts() * need.tokens();
        return engine.stepBytes(rows, rows) + need.texts() * engine.stateBytes() + need.heap();
    }

    /**
     * What the same texts need at least: a heap, which is a part of the budget, that holds their step, and a budget that holds such a
     * heap grown as far as it may.
     *
     * @param leastExperts bytes through which experts can be read
     * @param freed bytes held now that will have been given back by then
     * @return a plan whose growth is that of the smallest budget that works
     */
    static MemoryPlan least(LanguageEngine engine, ExpertMemory.Need need, long budget, long leastExperts, long freed) {
        MemoryPlan plan = whole(engine, need);
        Runtime runtime = Runtime.getRuntime();
        double part = runtime.maxMemory() / (double) budget;
        long step = heapBytes(engine, need);
        long fixed = plan.held - freed + plan.cache + need.other() + CODE_GROWTH + leastExperts;
        double running = fixed + LARGE_GARBAGE * step;
        if (part < 1) {
            running = Math.min(running, (fixed - runtime.totalMemory()) / (1 - part));
        }
        double heap = (runtime.totalMemory() - runtime.freeMemory() + step + NEW_OBJECTS) / part;
        long least = (long) Math.max(running, heap);
        return new MemoryPlan(
                plan.held - freed,
                plan.cache,
                least - (plan.held - freed) - plan.cache - leastExperts,
                plan.tokens,
                plan.rows,
                plan.texts);
    }

    /**
     * What heap, code and the JVM take beside weights, keys and values, and experts, counted before weights are read as a run counts it
     * then, with what differs from run to run: a budget that holds this is enough.
     */
    static long processBytes() {
        return Math.max(PROCESS, ProcessMemory.resident().anonymous() + PROGRAM + CODE_GROWTH) + VARIATION;
    }

    /** All of it but experts. */
    long bytes() {
        return held + cache + growth;
    }

    /** What the process holds now; pages of its program that the system has taken come back. */
    private static long heldBytes() {
        ProcessMemory.Resident resident = ProcessMemory.resident();
        return resident.anonymous() + resident.shared() + Math.max(resident.files(), PROGRAM);
    }

    private static long stepBytes(LanguageEngine engine, MemoryNeed need, int rows) {
        long bytes = engine.stepBytes(rows, need.everyLogit() ? rows : 1);
        int collected = need.together() ? need.tokens() : need.step();
        if (need.everyLogit() && collected > rows) {
            // Where what is read at once goes in several steps, its logits are collected.
            bytes += (long) collected * engine.vocabularySize() * Float.BYTES;
        }
        return bytes;
    }

    /** The longest text, up to {@code most} tokens, whose keys and values fit; at least a page's. */
    private static int fitting(LanguageEngine engine, int most, int rows, long bytes) {
        int page = engine.options().pageTokens();
        int low = Math.min(most, page);
        int high = most;
        while (low < high) {
            int middle = (int) (((long) low + high + 1) / 2);
            if (engine.sequenceBytes(middle, rows) <= bytes) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /**
     * Gives back the pages of files that have been read, counts, refuses what is too little, and gives experts the rest.
     *
     * @throws BudgetException when the budget is too small
     */
    static MemoryPlan share(
            Path path,
            LoadedLanguageModel model,
            LanguageEngine engine,
            StreamedExperts experts,
            long budget,
            MemoryNeed need) {
        for (Path file : model.tensors().names().stream()
                .map(name -> model.tensors().info(name).file())
                .distinct()
                .toList()) {
            try (FileCache pages = FileCache.of(file)) {
                pages.drop(0, 0);
            }
        }
        MemoryPlan plan = of(engine, need, budget, experts.leastBytes());
        plan.require(path, budget, denseBytes(model), experts.leastBytes(), experts.workingSetBytes());
        engine.limit(plan.tokens, plan.rows, plan.cache + plan.texts * engine.stateBytes());
        experts.start(budget - plan.held - plan.cache - plan.growth);
        return plan;
    }

    /**
     * Refuses a budget that cannot work whatever is computed, before weights are read.
     *
     * @throws BudgetException when the budget is too small
     */
    static void requireWeights(Path path, LoadedLanguageModel model, StreamedExperts experts, long budget) {
        requireWeights(path, model, experts, budget, 0);
    }

    /** As above, where so many bytes besides will be taken. */
    static void requireWeights(
            Path path, LoadedLanguageModel model, StreamedExperts experts, long budget, long besides) {
        long dense = denseBytes(model);
        // Files that are mapped while a model is opened do not stay.
        long held = ProcessMemory.resident().anonymous() + PROGRAM + dense + besides;
        new MemoryPlan(held, 0, CODE_GROWTH, 0, 0, 0)
                .require(path, budget, dense, experts.leastBytes(), experts.workingSetBytes());
    }

    /** Bytes of the weights that every token needs. */
    static long denseBytes(LoadedLanguageModel model) {
        return ExpertDemand.denseBytes(model.graph(), false);
    }

    /**
     * Refuses a budget that does not hold what must be there to run, or not the weights that one token needs: with less, no
     * expert would be there when it is needed again.
     *
     * @param dense bytes of weights that every token needs
     * @param leastExperts bytes through which experts can be read
     * @param tokenExperts bytes of the experts that one token needs
     * @throws BudgetException when the budget is too small
     */
    void require(Path path, long budget, long dense, long leastExperts, long tokenExperts) {
        long running = held + cache + growth + leastExperts;
        long token = dense + tokenExperts;
        // The weights of a token are compared in whole MiB, as they are named.
        if (budget >= running && Math.ceil(budget / MEBI) >= Math.floor(token / MEBI)) {
            return;
        }
        // What is named is no less than what plan says, although this run may just now hold less.
        long planned = PROCESS + VARIATION + dense + cache + leastExperts;
        long spare = running > token ? Math.max(VARIATION, planned - running) : 0;
        long least = Math.max((long) Math.ceil((running + spare) / MEBI), (long) Math.floor(token / MEBI));
        throw new BudgetException(path + ": --memory is " + (budget < MEBI ? budget + " bytes" : mebi(budget))
                + ", the smallest budget that works is "
                + least
                + " MiB: "
                + (running > token
                        ? mebi(dense) + " of weights that every token needs, "
                                + (tokens == 0 ? "" : mebi(cache) + " of keys and values for " + tokens + " tokens, ")
                                + mebi(held - dense + growth + spare) + " of heap and code, and "
                                + mebi(leastExperts) + " through which experts can be read"
                        : mebi(dense) + " of weights that every token needs and " + mebi(tokenExperts)
                                + " of the experts that one token needs"));
    }

    private static String mebi(long bytes) {
        return String.format(Locale.ROOT, "%.0f MiB", bytes / MEBI);
    }
}
