package tilewright.model.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import tilewright.model.InvalidInputException;

/** Tensors in memory-mapped files, all checked before; owns the mappings. */
public final class MappedTensors implements TensorSource {
    private static final int MAX_ARRAY_ELEMENTS = Integer.MAX_VALUE - 8;

    private final Path model;
    private final Arena arena;
    private final NavigableMap<String, TensorInfo> tensors;
    private final Map<Path, MemorySegment> files;

    /**
     * Takes over checked tensors.
     *
     * @param model what the user asked to open, for messages
     * @param arena closed with this source
     * @param files the whole mapped files, read-only, by the path that the descriptions name
     */
    public MappedTensors(Path model, Arena arena, Map<String, TensorInfo> tensors, Map<Path, MemorySegment> files) {
        this.model = model;
        this.arena = arena;
        this.tensors = Collections.unmodifiableNavigableMap(new TreeMap<>(tensors));
        this.files = Map.copyOf(files);
    }

    @Override
    public Set<String> names() {
        return tensors.navigableKeySet();
    }

    @Override
    public TensorInfo info(String name) {
        TensorInfo info = tensors.get(name);
        if (info == null) {
            String hint = NearestName.hint(name, tensors.keySet());
            throw new InvalidInputException(model + ": there is no tensor " + InvalidInputException.quoted(name)
                    + " among " + tensors.size()
                    + (hint.isEmpty() ? "; is this the checkpoint that the configuration describes?" : hint));
        }
        return info;
    }

    @Override
    public MemorySegment bytes(String name) {
        TensorInfo info = info(name);
        return files.get(info.file()).asSlice(info.offset(), info.bytes());
    }

    @Override
    public float[] floats(String name) {
        TensorInfo info = info(name);
        if (info.elements() > MAX_ARRAY_ELEMENTS) {
            throw new InvalidInputException(info.file() + ": tensor " + InvalidInputException.quoted(name) + " has "
                    + info.elements() + " elements, at most " + MAX_ARRAY_ELEMENTS
                    + " fit in one array; split the tensor");
        }
        return TensorDecoder.floats(info.dtype(), bytes(name), (int) info.elements());
    }

    @Override
    public FilePlace place(MemorySegment bytes) {
        for (Map.Entry<Path, MemorySegment> file : files.entrySet()) {
            long offset = bytes.address() - file.getValue().address();
            if (bytes.isMapped() && offset >= 0 && offset <= file.getValue().byteSize() - bytes.byteSize()) {
                return new FilePlace(file.getKey(), offset);
            }
        }
        return null;
    }

    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
