package tilewright.model.tensor;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tilewright.model.InvalidInputException;

/**
 * Opens models in the safetensors format, memory-mapped: a file, or a folder with one file or with shards and an index.
 *
 * <p>Every tensor of the index must be in the shard that it names, and no tensor in two shards; tensors that the index
 * leaves out are read too, as they are by the library that writes such folders.
 *
 * <p>Files must not be shortened while they are open: the operating system reports access behind the new end as an
 * error of the virtual machine.
 */
public final class Safetensors {
    /** The file that a folder of one unsharded model holds. */
    public static final String SINGLE_FILE = "model.safetensors";

    /** The file that lists the shards of a sharded model. */
    public static final String INDEX_FILE = "model.safetensors.index.json";

    private static final int LISTED_FILES = 8;

    private Safetensors() {}

    /**
     * Maps a model and checks all of its headers; elements are read on demand.
     *
     * @param path a {@code .safetensors} file, an index file, or a folder with {@value #SINGLE_FILE} (preferred) or
     *     {@value #INDEX_FILE}
     * @throws InvalidInputException if there is no such model, it is damaged, or it holds a type outside {@link DType}
     */
    public static TensorSource open(Path path) {
        if (Files.isDirectory(path)) {
            if (Files.exists(path.resolve(SINGLE_FILE), LinkOption.NOFOLLOW_LINKS)) {
                return openFile(path.resolve(SINGLE_FILE));
            }
            if (Files.exists(path.resolve(INDEX_FILE), LinkOption.NOFOLLOW_LINKS)) {
                return openShards(path, path.resolve(INDEX_FILE));
            }
            throw new InvalidInputException(path + ": the folder holds neither " + SINGLE_FILE + " nor " + INDEX_FILE
                    + ", only " + listing(path) + hintFor(path));
        }
        if (path.toString().endsWith(".index.json")) {
            return openShards(path.toAbsolutePath().getParent(), path);
        }
        return openFile(path);
    }

    private static TensorSource openFile(Path file) {
        requireFile(file);
        Arena arena = Arena.ofShared();
        try {
            MemorySegment mapped = map(file, arena);
            return new MappedTensors(file, arena, SafetensorsHeader.read(file, mapped), Map.of(file, mapped));
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private static TensorSource openShards(Path folder, Path index) {
        requireFile(index);
        Map<String, List<String>> namesOfShard = SafetensorsIndex.read(index);
        for (String shard : namesOfShard.keySet()) {
            if (!Files.exists(folder.resolve(shard))) {
                throw new InvalidInputException(index + ": shard " + InvalidInputException.quoted(shard) + " of "
                        + namesOfShard.size() + " is missing in " + folder + "; fetch it");
            }
        }
        Arena arena = Arena.ofShared();
        try {
            Map<Path, MemorySegment> files = new LinkedHashMap<>();
            Map<String, TensorInfo> tensors = new HashMap<>();
            namesOfShard.forEach((shard, names) -> {
                Path file = folder.resolve(shard);
                requireFile(file);
                MemorySegment mapped = map(file, arena);
                files.put(file, mapped);
                Map<String, TensorInfo> found = SafetensorsHeader.read(file, mapped);
                requireListed(index, file, names, found);
                found.forEach((name, info) -> addOnce(tensors, name, info));
            });
            return new MappedTensors(index, arena, tensors, files);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private static void requireListed(Path index, Path file, List<String> names, Map<String, TensorInfo> found) {
        for (String name : names) {
            if (!found.containsKey(name)) {
                throw new InvalidInputException(index + ": tensor " + InvalidInputException.quoted(name)
                        + " is not in its shard " + file + NearestName.hint(name, found.keySet())
                        + "; fetch index and shards of the same version");
            }
        }
    }

    private static void addOnce(Map<String, TensorInfo> tensors, String name, TensorInfo info) {
        TensorInfo before = tensors.putIfAbsent(name, info);
        if (before != null) {
            throw new InvalidInputException(info.file() + ": tensor " + InvalidInputException.quoted(name)
                    + " is also in " + before.file() + "; fetch shards of one version");
        }
    }

    private static void requireFile(Path file) {
        if (!Files.exists(file)) {
            throw new InvalidInputException(
                    file + ": there is no such file; give a .safetensors file or a folder with " + SINGLE_FILE);
        }
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(
                    file + ": not a regular file; give a .safetensors file or a folder with " + SINGLE_FILE);
        }
    }

    private static MemorySegment map(Path file, Arena arena) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw new InvalidInputException(file + ": cannot be read (" + InvalidInputException.reason(e) + ")", e);
        }
    }

    private static String hintFor(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            boolean pickled = files.map(file -> file.getFileName().toString())
                    .anyMatch(name -> name.matches("(pytorch_model.*\\.bin(\\.index\\.json)?|.*\\.(pt|pth|ckpt))"));
            return pickled ? "; " + OtherFormats.CONVERT : "; give the folder of the model or its .safetensors file";
        } catch (IOException e) {
            return "";
        }
    }

    private static String listing(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .sorted()
                    .limit(LISTED_FILES + 1L)
                    .toList();
            if (names.isEmpty()) {
                return "nothing";
            }
            return names.stream().limit(LISTED_FILES).collect(Collectors.joining(", "))
                    + (names.size() > LISTED_FILES ? ", ..." : "");
        } catch (IOException e) {
            throw new InvalidInputException(folder + ": cannot be listed (" + InvalidInputException.reason(e) + ")", e);
        }
    }
}
