package tilewright.compiler.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import tilewright.compiler.Progress;
import tilewright.edge.store.ExpertStore;
import tilewright.edge.store.ExpertStoreWriter;
import tilewright.edge.store.RecordShape;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.store.StoreManifest;

/**
 * Packs a model's experts into a store: expert by expert, in bounded memory, by several threads.
 *
 * <p>What is finished outlives an interruption of any kind; packing with the same options goes on from there. The store's bytes do not
 * depend on threads or interruptions.
 */
public final class StorePacking {
    /** What the decoded matrices and codes of all threads may take. */
    private static final long WORK_BYTES = 768L << 20;
    /** Of one weight: its value, its code, its place in a record, and what a quantiser keeps beside. */
    private static final int BYTES_PER_WEIGHT = 10;
    /** What a fit keeps beside: products of rows with two matrices, and sums over rows. */
    private static final int FIT_BYTES_PER_WEIGHT = 16;

    private StorePacking() {}

    /**
     * What was packed.
     *
     * @param manifest what the store says about itself
     * @param experts how many
     * @param weights of all experts
     * @param bytes of all records on disk with their file's first page, their padding and their index
     * @param packed experts that this call packed; the others had been there
     * @param complete false when it was stopped before the end
     */
    public record Result(StoreManifest manifest, int experts, long weights, long bytes, int packed, boolean complete) {
        /** Bits on disk per expert weight, scales, checksums, padding and index included. */
        public double bitsPerWeight() {
            return 8.0 * bytes / weights;
        }
    }

    /**
     * Packs a model, or goes on with it.
     *
     * @param model a folder with safetensors or a GGUF file
     * @param folder the store's place; nothing may be there, or a store when options allow to replace it
     * @param stop asked after each expert; once true, what is finished is kept and the call returns
     * @throws InvalidInputException when the model cannot be packed or the store cannot be written
     */
    public static Result pack(Path model, Path folder, PackOptions options, Progress progress, BooleanSupplier stop) {
        if (StoreManifest.is(model)) {
            throw new InvalidInputException(
                    model + ": is a store already; give the folder or the .gguf file of the model that was packed");
        }
        AtomicReference<ReadTensors> read = new AtomicReference<>();
        try (LoadedLanguageModel loaded = LanguageModels.load(model, source -> {
            read.set(new ReadTensors(source));
            return read.get();
        })) {
            progress.update("plan", 0, 1);
            PackPlan plan = PackPlan.of(loaded, read.get(), options, folder);
            progress.update("plan", 1, 1);
            if (isComplete(plan, folder, options.replace())) {
                try (ExpertStore store = ExpertStore.open(folder)) {
                    int experts = plan.shapes().stream().mapToInt(List::size).sum();
                    long bytes = onDisk(store.storedBytes(), experts);
                    return new Result(store.manifest(), experts, plan.weights(), bytes, 0, true);
                }
            }
            return write(loaded, plan, options, progress, stop);
        }
    }

    /** The records' file, whose first page is counted in its size, and the index beside it. */
    private static long onDisk(long recordsFileBytes, int experts) {
        return recordsFileBytes + ExpertStore.headerBytes(experts) - RecordShape.ALIGNMENT;
    }

    /** Whether the very same store is there; refuses anything else that is there and may not be replaced. */
    private static boolean isComplete(PackPlan plan, Path folder, boolean replace) {
        if (!Files.exists(folder)) {
            return false;
        }
        if (StoreManifest.is(folder)) {
            boolean same = sameDigest(plan, folder);
            if (same) {
                try {
                    ExpertStoreWriter.tidy(folder);
                } catch (IOException e) {
                    throw new InvalidInputException(
                            folder + ": cannot be written (" + InvalidInputException.reason(e) + ")", e);
                }
            }
            if (!same && !replace) {
                throw new InvalidInputException(
                        folder
                                + ": holds a store of another model or other options; --force replaces it, -o names another place");
            }
            return same && !replace;
        }
        try (Stream<Path> content = Files.isDirectory(folder) ? Files.list(folder) : Stream.of(folder)) {
            if (content.findAny().isPresent()) {
                throw new InvalidInputException(folder + ": is there and holds no store; name a new folder with -o");
            }
            Files.delete(folder);
            return false;
        } catch (IOException e) {
            throw new InvalidInputException(
                    folder + ": cannot be used (" + InvalidInputException.reason(e) + "); name a new folder", e);
        }
    }

    private static boolean sameDigest(PackPlan plan, Path folder) {
        try {
            return StoreManifest.read(folder).digest().equals(plan.manifest().digest());
        } catch (InvalidInputException damaged) {
            return false;
        }
    }

    private static Result write(
            LoadedLanguageModel model, PackPlan plan, PackOptions options, Progress progress, BooleanSupplier stop) {
        int experts = plan.shapes().stream().mapToInt(List::size).sum();
        try (ExpertStoreWriter writer = ExpertStoreWriter.open(
                plan.manifest(),
                plan.shapes(),
                options.replace(),
                checked -> progress.update("check what is there", Math.min(checked, experts - 1), experts))) {
            int before = writer.finished();
            Work work = new Work(model, plan, options, writer, progress, stop);
            work.run();
            boolean complete = writer.finished() == experts;
            if (complete) {
                new DensePart(model, plan, progress).write(writer.folder());
                writer.publish(options.replace());
            }
            return new Result(
                    plan.manifest(),
                    experts,
                    plan.weights(),
                    onDisk(writer.storedBytes(), experts),
                    writer.finished() - before,
                    complete);
        }
    }

    /** The threads' common work: experts in order, each taken by the first thread that is free. */
    private static final class Work {
        private final LoadedLanguageModel model;
        private final PackPlan plan;
        private final PackOptions options;
        private final ExpertStoreWriter writer;
        private final Progress progress;
        private final BooleanSupplier stop;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final Map<Integer, LayerMatrices> open = new ConcurrentHashMap<>();
        private final Map<Integer, AtomicInteger> left = new ConcurrentHashMap<>();

        Work(
                LoadedLanguageModel model,
                PackPlan plan,
                PackOptions options,
                ExpertStoreWriter writer,
                Progress progress,
                BooleanSupplier stop) {
            this.model = model;
            this.plan = plan;
            this.options = options;
            this.writer = writer;
            this.progress = progress;
            this.stop = stop;
        }

        void run() {
            long largest = plan.shapes().stream()
                    .flatMap(List::stream)
                    .mapToLong(RecordShape::weights)
                    .max()
                    .orElseThrow();
            int each = BYTES_PER_WEIGHT + (options.fit() == null ? 0 : FIT_BYTES_PER_WEIGHT);
            long fitting = Math.max(1, WORK_BYTES / (largest * each));
            int threads = (int) Math.min(options.threads(), fitting);
            for (int layer = 0; layer < plan.layers().size(); layer++) {
                left.put(layer, new AtomicInteger(plan.shapes().get(layer).size()));
            }
            Thread[] helpers = new Thread[threads - 1];
            for (int i = 0; i < helpers.length; i++) {
                helpers[i] =
                        Thread.ofPlatform().name("pack-" + (i + 1)).daemon().start(this::work);
            }
            work();
            for (Thread helper : helpers) {
                join(helper);
            }
            switch (failure.get()) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }

        private static void join(Thread thread) {
            boolean interrupted = false;
            while (true) {
                try {
                    thread.join();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        private void work() {
            RecordMaker maker = new RecordMaker(model.path().toString(), model.graph(), options);
            try {
                int layer = 0;
                int first = 0;
                while (failure.get() == null && !stop.getAsBoolean()) {
                    int record = next.getAndIncrement();
                    if (record >= writer.records()) {
                        return;
                    }
                    while (record - first >= plan.shapes().get(layer).size()) {
                        first += plan.shapes().get(layer).size();
                        layer++;
                    }
                    pack(layer, record - first, maker);
                }
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        }

        private void pack(int layer, int expert, RecordMaker maker) {
            if (!writer.isFinished(layer, expert)) {
                LayerMatrices matrices = open.computeIfAbsent(
                        layer, index -> new LayerMatrices(plan.layers().get(index)));
                float[] units = new float[3];
                RecordShape shape = plan.shapes().get(layer).get(expert);
                writer.write(layer, expert, units, maker.make(layer, expert, shape, matrices, units));
                matrices.release(expert);
                progress.update("pack", writer.finished(), writer.records());
            }
            if (left.get(layer).decrementAndGet() == 0) {
                open.remove(layer);
            }
        }
    }
}
