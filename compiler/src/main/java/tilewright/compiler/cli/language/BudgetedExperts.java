package tilewright.compiler.cli.language;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tilewright.compiler.OptionException;
import tilewright.compiler.profile.ExpertMemory;
import tilewright.compiler.report.MemoryCourse;
import tilewright.edge.expert.ExpertSource;
import tilewright.edge.expert.FileCache;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.model.family.language.LoadedLanguageModel;

/** Experts of a model that is profiled, read on demand, within a budget that counts everything. */
public final class BudgetedExperts implements ExpertMemory, AutoCloseable {
    private final Path path;
    private final long budget;
    private final MemoryWatch watch;
    private Consumer<String> notices;

    /**
     * Experts of a model within a budget.
     *
     * @param path of the model
     * @param budget bytes that this process may hold
     * @param notices takes a line for each thing that a user should know
     */
    public BudgetedExperts(Path path, long budget, Consumer<String> notices) {
        this.path = path;
        this.budget = budget;
        this.notices = notices;
        this.watch = MemoryWatch.start(budget);
    }

    private StreamedExperts open(LoadedLanguageModel model) {
        StreamedExperts experts =
                new StreamedExperts(model.graph(), ExpertFiles.of(path, model, notices), StreamingOptions.defaults());
        if (!experts.streams()) {
            experts.close();
            throw new OptionException(
                    path + ": --memory reads experts on demand, but the model has none that could be; leave it out");
        }
        return experts;
    }

    @Override
    public void require(LoadedLanguageModel model, long bytes) {
        try (StreamedExperts experts = open(model)) {
            watch.files(OpenModel.files(model, experts));
            hinting(() -> MemoryPlan.requireWeights(path, model, experts, budget, bytes));
        }
        // What there is to say of the files has been said.
        notices = _ -> {};
    }

    /** Refusals say what else needs less. */
    private static void hinting(Runnable check) {
        try {
            check.run();
        } catch (BudgetException e) {
            throw new BudgetException(e.getMessage() + "; with smaller --moments and --rows less is enough");
        }
    }

    @Override
    public Use begin(LoadedLanguageModel model, List<Path> besides) {
        StreamedExperts experts = open(model);
        List<Path> files = OpenModel.files(model, experts);
        List<Path> all = Stream.concat(files.stream(), besides.stream()).toList();
        List<FileCache> caches = all.stream().map(FileCache::of).toList();
        watch.files(all);
        return new Use() {
            private volatile long mostHeap = Long.MAX_VALUE;

            @Override
            public ExpertSource source() {
                return experts;
            }

            private long leastExperts(Need need) {
                return (need.twice() ? 2 : 1) * experts.leastBytes();
            }

            /** Refuses a budget that is too small for one of these, naming what is enough for all. */
            private void require(LanguageEngine engine, List<Later> all) {
                MemoryPlan most = null;
                long through = 0;
                for (Later each : all) {
                    long least = leastExperts(each.need());
                    MemoryPlan plan = MemoryPlan.least(engine, each.need(), budget, least, each.freed());
                    if (most == null || plan.bytes() + least > most.bytes() + through) {
                        most = plan;
                        through = least;
                    }
                }
                most.require(path, budget, MemoryPlan.denseBytes(model), through, experts.workingSetBytes());
            }

            @Override
            public long share(LanguageEngine engine, Need need, List<Later> later) {
                OpenModel.packDense(engine, files);
                tidy();
                List<Later> all = Stream.concat(Stream.of(new Later(need, 0)), later.stream())
                        .toList();
                hinting(() -> require(engine, all));
                MemoryPlan plan = MemoryPlan.whole(engine, need);
                mostHeap = Runtime.getRuntime().totalMemory() + plan.growth() - need.other() - MemoryPlan.CODE_GROWTH;
                long left = budget - plan.held() - plan.cache() - plan.growth();
                experts.start(need.twice() ? left / 2 : left);
                return need.twice() ? left - left / 2 : 0;
            }

            @Override
            public void tidy() {
                caches.forEach(cache -> cache.drop(0, 0));
                // The JVM would rather let the heap grow than look for large arrays that nobody needs any more.
                if (Runtime.getRuntime().totalMemory() > mostHeap) {
                    System.gc();
                }
            }

            @Override
            public void close() {
                experts.close();
                caches.forEach(FileCache::close);
            }
        };
    }

    /** What was held so far. */
    public MemoryCourse course() {
        return watch.course();
    }

    /** Ends the watch. */
    @Override
    public void close() {
        watch.close();
    }
}
