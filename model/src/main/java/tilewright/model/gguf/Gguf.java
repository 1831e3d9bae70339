package tilewright.model.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.FilePlace;
import tilewright.model.tensor.MappedTensors;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/**
 * A model in GGUF files: its tensors, memory-mapped and read on demand, and its metadata.
 *
 * <p>Shapes are row-major, outermost extent first: the file's dimensions reversed. Files must not be shortened while they are
 * open.
 */
public final class Gguf implements TensorSource {
    private static final Pattern PART = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");
    private static final String PART_COUNT = "split.count";
    private static final String PART_NUMBER = "split.no";
    private static final String TENSOR_COUNT = "split.tensors.count";

    private final GgufMetadata metadata;
    private final TensorSource tensors;

    private Gguf(GgufMetadata metadata, TensorSource tensors) {
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /**
     * Maps a file, or all files of a split model, and checks all of their headers.
     *
     * @param path a {@code .gguf} file; any part of a split model, whose parts are {@code NAME-00001-of-0000N.gguf} and so on
     * @throws InvalidInputException if there is no such model, it is damaged, big-endian, of a version other than 2 and 3, or
     *     holds a tensor type that we don't read
     */
    public static Gguf open(Path path) {
        Arena arena = Arena.ofShared();
        try {
            Map<Path, MemorySegment> files = new LinkedHashMap<>();
            GgufHeader.Contents given = read(path, arena, files);
            int parts = given.metadata().count(PART_COUNT, 1);
            if (parts <= 1) {
                return new Gguf(given.metadata(), new MappedTensors(path, arena, given.tensors(), files));
            }
            return openParts(path, given, parts, arena, files);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private static Gguf openParts(
            Path path, GgufHeader.Contents given, int parts, Arena arena, Map<Path, MemorySegment> files) {
        Path fileName = path.getFileName();
        Matcher name = PART.matcher(fileName.toString());
        if (!name.matches() || Integer.parseInt(name.group(3)) != parts) {
            throw new InvalidInputException(path + ": is one of " + parts + " parts, expected a name that ends with "
                    + String.format(
                            Locale.ROOT, "-%05d-of-%05d.gguf", given.metadata().count(PART_NUMBER) + 1L, parts)
                    + "; give the files their published names");
        }
        GgufMetadata first = null;
        Map<String, TensorInfo> tensors = new HashMap<>();
        for (int part = 1; part <= parts; part++) {
            Path file =
                    path.resolveSibling(String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", name.group(1), part, parts));
            if (!Files.exists(file)) {
                throw new InvalidInputException(
                        path + ": part " + part + " of " + parts + " is missing (" + file + "); fetch it");
            }
            GgufHeader.Contents contents = file.equals(path) ? given : read(file, arena, files);
            requirePart(file, contents.metadata(), part, parts);
            first = part == 1 ? contents.metadata() : first;
            contents.tensors().forEach((tensor, info) -> addOnce(tensors, tensor, info));
        }
        long expected = first.integer(TENSOR_COUNT, tensors.size());
        if (expected != tensors.size()) {
            throw new InvalidInputException(first.file() + ": " + TENSOR_COUNT + " is " + expected + ", but the "
                    + parts + " parts hold " + tensors.size() + " tensors; fetch parts of one version");
        }
        return new Gguf(first, new MappedTensors(path, arena, tensors, files));
    }

    private static void requirePart(Path file, GgufMetadata metadata, int part, int parts) {
        int count = metadata.count(PART_COUNT, 1);
        int number = metadata.count(PART_NUMBER, 0);
        if (count != parts || number != part - 1) {
            throw new InvalidInputException(file + ": says that it is part " + (number + 1L) + " of " + count
                    + ", expected part " + part + " of " + parts + "; fetch parts of one version");
        }
    }

    private static void addOnce(Map<String, TensorInfo> tensors, String name, TensorInfo info) {
        TensorInfo before = tensors.putIfAbsent(name, info);
        if (before != null) {
            throw new InvalidInputException(info.file() + ": tensor " + InvalidInputException.quoted(name)
                    + " is also in " + before.file() + "; fetch parts of one version");
        }
    }

    private static GgufHeader.Contents read(Path file, Arena arena, Map<Path, MemorySegment> files) {
        if (!Files.exists(file)) {
            throw new InvalidInputException(file + ": there is no such file; give a .gguf file");
        }
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(file + ": not a regular file; give a .gguf file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            files.put(file, mapped);
            return GgufHeader.read(file, mapped);
        } catch (IOException e) {
            throw new InvalidInputException(file + ": cannot be read (" + InvalidInputException.reason(e) + ")", e);
        }
    }

    /** The metadata; of a split model the first part's. */
    public GgufMetadata metadata() {
        return metadata;
    }

    @Override
    public Set<String> names() {
        return tensors.names();
    }

    @Override
    public TensorInfo info(String name) {
        return tensors.info(name);
    }

    @Override
    public MemorySegment bytes(String name) {
        return tensors.bytes(name);
    }

    @Override
    public float[] floats(String name) {
        return tensors.floats(name);
    }

    @Override
    public FilePlace place(MemorySegment bytes) {
        return tensors.place(bytes);
    }

    @Override
    public void close() {
        tensors.close();
    }
}
