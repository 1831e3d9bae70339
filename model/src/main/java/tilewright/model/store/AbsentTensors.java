package tilewright.model.store;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.FilePlace;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/** The tensors of a packed model: those of the dense part, and those of the experts by type and shape only. */
final class AbsentTensors implements TensorSource {
    private final StoreManifest manifest;
    private final TensorSource dense;
    private final SortedMap<String, TensorInfo> absent = new TreeMap<>();
    private final Set<String> names;

    /**
     * Takes over the dense part.
     *
     * @throws InvalidInputException when a tensor is in the dense part and also said to be absent
     */
    AbsentTensors(StoreManifest manifest, TensorSource dense) {
        this.manifest = manifest;
        this.dense = dense;
        Path records = manifest.folder().resolve(StoreManifest.RECORDS);
        for (AbsentGroup group : manifest.absent()) {
            long bytes = TensorInfo.byteCount(group.dtype(), group.shape());
            for (String name : group.names()) {
                TensorInfo info = new TensorInfo(name, group.dtype(), group.shape(), records, 0, bytes);
                if (dense.names().contains(name) || absent.put(name, info) != null) {
                    throw new InvalidInputException(manifest.file() + ": tensor " + InvalidInputException.quoted(name)
                            + " is said to be packed, but is there twice; the store is damaged, pack the model again");
                }
            }
        }
        Set<String> all = new TreeSet<>(dense.names());
        all.addAll(absent.keySet());
        this.names = Collections.unmodifiableSet(all);
    }

    @Override
    public Set<String> names() {
        return names;
    }

    @Override
    public TensorInfo info(String name) {
        TensorInfo info = absent.get(name);
        return info != null ? info : dense.info(name);
    }

    @Override
    public MemorySegment bytes(String name) {
        requirePresent(name);
        return dense.bytes(name);
    }

    @Override
    public float[] floats(String name) {
        requirePresent(name);
        return dense.floats(name);
    }

    private void requirePresent(String name) {
        if (absent.containsKey(name)) {
            throw new InvalidInputException(manifest.folder() + ": tensor " + InvalidInputException.quoted(name)
                    + " belongs to experts, which are packed in " + StoreManifest.RECORDS
                    + "; its stored elements are only in the model that was packed, "
                    + InvalidInputException.quoted(manifest.source().name()));
        }
    }

    @Override
    public FilePlace place(MemorySegment bytes) {
        return dense.place(bytes);
    }

    @Override
    public void close() {
        dense.close();
    }
}
