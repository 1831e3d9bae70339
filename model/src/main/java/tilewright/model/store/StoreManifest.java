package tilewright.model.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.AtomicFile;
import tilewright.model.tensor.TensorSource;

/**
 * What {@code store.json} says: how a model's experts were packed, and where the rest of the model is.
 *
 * @param folder the store's folder
 * @param digest tells this store's experts from all others: 64 hexadecimal digits, of the source and the options
 * @param source the model that was packed
 * @param dense the file with everything that is no expert, in the source's kind: {@value #DENSE_GGUF} or {@value
 *     #DENSE_SAFETENSORS}
 * @param options how it was packed, by option
 * @param layers the layers of experts, in the order of the graph's nodes
 * @param absent tensors of the source that the dense part lacks
 * @param sensitivities how much each layer bears, in the order of {@code layers}; empty when that is not known
 * @param denseChecksum what the dense part's file holds; null of stores whose packer did not note it
 */
public record StoreManifest(
        Path folder,
        String digest,
        Source source,
        String dense,
        Map<String, String> options,
        List<Layer> layers,
        List<AbsentGroup> absent,
        List<LayerSensitivity> sensitivities,
        FileChecksum denseChecksum) {
    /** The file in the store's folder that makes it a store. */
    public static final String FILE = "store.json";
    /** The file with the experts' matrices. */
    public static final String RECORDS = "experts.bin";
    /** The file that says where each record lies. */
    public static final String INDEX = "experts.index";
    /** The rest of a model that came from GGUF files. */
    public static final String DENSE_GGUF = "dense.gguf";
    /** The rest of a model that came from safetensors; configuration and tokenizer lie beside it. */
    public static final String DENSE_SAFETENSORS = "model.safetensors";
    /** The version of folders that are written. */
    public static final int VERSION = 1;

    /**
     * The model that was packed.
     *
     * @param name of its folder or file
     * @param digest 64 hexadecimal digits, see {@link SourceDigest}
     * @param covers what the digest was taken of, for people
     */
    public record Source(String name, String digest, String covers) {}

    /**
     * A layer of experts.
     *
     * @param node the name of the graph's node
     * @param experts how many
     * @param gated whether they have an {@code up} matrix
     * @param width elements of an input row
     * @param hidden elements between the first matrices and the last
     * @param outputs elements of an output row
     */
    public record Layer(String node, int experts, boolean gated, int width, int hidden, int outputs) {}

    /** Copies the collections. */
    public StoreManifest {
        Objects.requireNonNull(folder);
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
        layers = List.copyOf(layers);
        absent = List.copyOf(absent);
        sensitivities = List.copyOf(sensitivities);
    }

    /** Of a store whose dense part is not written yet. */
    public StoreManifest(
            Path folder,
            String digest,
            Source source,
            String dense,
            Map<String, String> options,
            List<Layer> layers,
            List<AbsentGroup> absent,
            List<LayerSensitivity> sensitivities) {
        this(folder, digest, source, dense, options, layers, absent, sensitivities, null);
    }

    /** Whether a path is the folder of a store. */
    public static boolean is(Path path) {
        return Files.isRegularFile(path.resolve(FILE));
    }

    /**
     * Refuses a folder that has a store's experts but not what describes them.
     *
     * @throws InvalidInputException naming what is missing
     */
    public static void refuseRest(Path folder) {
        if (!is(folder) && Files.isRegularFile(folder.resolve(RECORDS))) {
            throw new InvalidInputException(folder.resolve(FILE) + ": there is no such file beside " + RECORDS
                    + "; copy all of a store's files, or pack the model again");
        }
    }

    /** Where tokenizer and metadata of a model are: the dense GGUF file of a store that has one, else the path itself. */
    public static Path described(Path path) {
        return is(path) && Files.isRegularFile(path.resolve(DENSE_GGUF)) ? path.resolve(DENSE_GGUF) : path;
    }

    /**
     * Reads and checks a store's manifest.
     *
     * @throws InvalidInputException when it is missing, damaged or of another version
     */
    public static StoreManifest read(Path folder) {
        return ManifestReader.read(folder);
    }

    /** The manifest's file, for messages. */
    public Path file() {
        return folder.resolve(FILE);
    }

    /** The dense part's file. */
    public Path denseFile() {
        return folder.resolve(dense);
    }

    /** The tensors of the dense part together with the types and shapes of those that are absent; takes over {@code opened}. */
    public TensorSource tensors(TensorSource opened) {
        return new AbsentTensors(this, opened);
    }

    /** Writes the manifest; the file is complete or not there. */
    public void write() throws IOException {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("format", ManifestReader.FORMAT);
        root.put("version", VERSION);
        root.put("digest", digest);
        root.putObject("source")
                .put("name", source.name())
                .put("digest", source.digest())
                .put("covers", source.covers());
        root.put("dense", dense);
        if (denseChecksum != null) {
            root.putObject("dense_checksum").put("bytes", denseChecksum.bytes()).put("crc32c", denseChecksum.digits());
        }
        root.put("records", RECORDS);
        root.put("index", INDEX);
        ObjectNode packed = root.putObject("options");
        options.forEach(packed::put);
        ArrayNode all = root.putArray("layers");
        for (Layer layer : layers) {
            all.addObject()
                    .put("node", layer.node())
                    .put("experts", layer.experts())
                    .put("gated", layer.gated())
                    .put("width", layer.width())
                    .put("hidden", layer.hidden())
                    .put("outputs", layer.outputs());
        }
        if (!sensitivities.isEmpty()) {
            ArrayNode known = root.putArray("sensitivities");
            for (LayerSensitivity layer : sensitivities) {
                ObjectNode one = known.addObject().put("sensitivity", layer.sensitivity());
                layer.squaredShares().forEach(one.putArray("squared_shares")::add);
                layer.lowerLosses().forEach(one.putArray("lower_losses")::add);
                layer.frequencies().forEach(one.putArray("frequencies")::add);
            }
        }
        ArrayNode lacking = root.putArray("absent");
        for (AbsentGroup group : absent) {
            ObjectNode one = lacking.addObject().put("name", group.name());
            if (group.count() > 0) {
                one.put("count", group.count());
            }
            one.put("dtype", group.dtype().label());
            ArrayNode shape = one.putArray("shape");
            group.shape().forEach(shape::add);
        }
        byte[] text = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
        AtomicFile.write(file(), channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        });
    }
}
