package tilewright.model.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tilewright.model.InvalidInputException;

/**
 * Reads {@code model.safetensors.index.json}: which shard holds which tensor.
 *
 * <p>Shards are named by plain file names in the folder of the index; anything that could lead out of it is refused.
 */
final class SafetensorsIndex {
    private static final int MAX_INDEX_BYTES = 32 << 20;
    private static final String WEIGHT_MAP = "weight_map";

    private SafetensorsIndex() {}

    /** The tensor names of each shard, shards sorted by file name. */
    static Map<String, List<String>> read(Path index) {
        byte[] utf8;
        try {
            long bytes = Files.size(index);
            if (bytes > MAX_INDEX_BYTES) {
                throw new InvalidInputException(
                        index + ": " + bytes + " bytes exceed the limit of " + MAX_INDEX_BYTES + " for an index");
            }
            utf8 = Files.readAllBytes(index);
        } catch (IOException e) {
            throw new InvalidInputException(index + ": cannot be read (" + InvalidInputException.reason(e) + ")", e);
        }
        Map<String, List<String>> namesOfShard = new TreeMap<>();
        StrictJson.read(
                index + ": index",
                utf8,
                json -> json.object("the index", member -> {
                    if (member.equals(WEIGHT_MAP)) {
                        json.object(WEIGHT_MAP, tensor -> {
                            String shard = json.string("the shard of tensor " + InvalidInputException.quoted(tensor));
                            requirePlainName(index, tensor, shard);
                            namesOfShard
                                    .computeIfAbsent(shard, key -> new ArrayList<>())
                                    .add(tensor);
                        });
                    } else {
                        json.skip();
                    }
                }));
        if (namesOfShard.isEmpty()) {
            throw new InvalidInputException(
                    index + ": no tensor is listed under '" + WEIGHT_MAP + "'; the index is damaged, fetch it again");
        }
        return namesOfShard;
    }

    private static void requirePlainName(Path index, String tensor, String shard) {
        boolean plain;
        try {
            plain = !shard.contains("/")
                    && !shard.contains("\\")
                    && !shard.contains(":")
                    && shard.endsWith(".safetensors")
                    && Path.of(shard).getNameCount() == 1;
        } catch (InvalidPathException e) {
            plain = false;
        }
        if (!plain) {
            throw new InvalidInputException(
                    index + ": tensor " + InvalidInputException.quoted(tensor)
                            + " is said to be in " + InvalidInputException.quoted(shard)
                            + ", expected the plain name of a .safetensors file beside the index; refusing to leave the folder");
        }
    }
}
