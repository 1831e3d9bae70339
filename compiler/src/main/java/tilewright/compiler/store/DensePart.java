package tilewright.compiler.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import tilewright.compiler.Progress;
import tilewright.edge.matrix.MappedPages;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.gguf.Gguf;
import tilewright.model.gguf.GgufMetadata;
import tilewright.model.gguf.GgufWriter;
import tilewright.model.store.StoreManifest;
import tilewright.model.tensor.SafetensorsWriter;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/** What of a model is no expert, written in the kind of files that the model came in. */
final class DensePart {
    /** Larger files beside a model are no configuration. */
    private static final long MOST_BYTES = 256L << 20;

    private static final List<String> WEIGHTS =
            List.of(".safetensors", ".index.json", ".bin", ".pt", ".pth", ".ckpt", ".gguf", ".onnx", ".h5", ".msgpack");
    private static final String TEMPLATES = "additional_chat_templates";

    private final LoadedLanguageModel model;
    private final PackPlan plan;
    private final Progress progress;
    private int written;

    DensePart(LoadedLanguageModel model, PackPlan plan, Progress progress) {
        this.model = model;
        this.plan = plan;
        this.progress = progress;
    }

    /**
     * Writes it into a folder, unless it is there already; each file appears when it is complete.
     *
     * @throws InvalidInputException when it cannot be written
     */
    void write(Path folder) {
        Path file = folder.resolve(plan.manifest().dense());
        try {
            removeStrays(folder);
            if (Files.exists(file)) {
                return;
            }
            if (plan.manifest().dense().equals(StoreManifest.DENSE_GGUF)) {
                writeGguf(file);
            } else {
                copyDescriptions(folder);
                SafetensorsWriter.copy(file, model.tensors(), plan.denseTensors(), this::wrote);
            }
        } catch (IOException e) {
            throw new InvalidInputException(
                    file + ": cannot be written (" + InvalidInputException.reason(e)
                            + "); what is finished is kept: free some space and give the same command again",
                    e);
        }
    }

    /** Removes what an earlier packer wrote that was killed meanwhile; nobody else writes into the folder now. */
    private static void removeStrays(Path folder) throws IOException {
        try (DirectoryStream<Path> strays = Files.newDirectoryStream(folder, ".*.partial")) {
            for (Path stray : strays) {
                Files.delete(stray);
            }
        }
    }

    private void wrote(String tensor) {
        MappedPages.release(model.tensors().bytes(tensor));
        progress.update("dense part", ++written, plan.denseTensors().size());
    }

    private void writeGguf(Path file) throws IOException {
        GgufWriter writer = new GgufWriter();
        try (Gguf source = Gguf.open(model.path())) {
            GgufMetadata metadata = source.metadata();
            for (String key : metadata.keys()) {
                // The new file is one part, with tensors at multiples of 32.
                if (!key.startsWith("split.") && !key.equals("general.alignment")) {
                    writer.put(key, metadata);
                }
            }
            TensorSource tensors = model.tensors();
            for (String name : plan.denseTensors()) {
                TensorInfo info = tensors.info(name);
                writer.tensor(name, info.dtype(), info.shape(), sink -> {
                    sink.encoded(tensors.bytes(name));
                    wrote(name);
                });
            }
            writer.write(file);
        }
    }

    /** Configuration, tokenizer, chat templates, licence: whatever lies beside the weights. */
    private void copyDescriptions(Path folder) throws IOException {
        copyFiles(model.path(), folder);
        Path templates = model.path().resolve(TEMPLATES);
        if (Files.isDirectory(templates)) {
            Files.createDirectories(folder.resolve(TEMPLATES));
            copyFiles(templates, folder.resolve(TEMPLATES));
        }
    }

    private static void copyFiles(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> listed = Files.list(from)) {
            files = listed.sorted().toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            String lower = name.toLowerCase(Locale.ROOT);
            if (!name.startsWith(".")
                    && WEIGHTS.stream().noneMatch(lower::endsWith)
                    && Files.isRegularFile(file)
                    && Files.size(file) <= MOST_BYTES) {
                Path copy = Files.copy(file, to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
            }
        }
    }
}
