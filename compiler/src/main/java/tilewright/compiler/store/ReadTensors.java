package tilewright.compiler.store;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.TreeSet;
import tilewright.model.tensor.FilePlace;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/** A source that notes which tensors' elements are asked for. */
final class ReadTensors implements TensorSource {
    private final TensorSource source;
    private Set<String> read = new TreeSet<>();

    ReadTensors(TensorSource source) {
        this.source = source;
    }

    /** The names asked for since the last call. */
    synchronized Set<String> take() {
        Set<String> taken = read;
        read = new TreeSet<>();
        return taken;
    }

    private synchronized void note(String name) {
        read.add(name);
    }

    @Override
    public Set<String> names() {
        return source.names();
    }

    @Override
    public TensorInfo info(String name) {
        return source.info(name);
    }

    @Override
    public MemorySegment bytes(String name) {
        note(name);
        return source.bytes(name);
    }

    @Override
    public float[] floats(String name) {
        note(name);
        return source.floats(name);
    }

    @Override
    public float[] finiteFloats(String name) {
        note(name);
        return source.finiteFloats(name);
    }

    @Override
    public FilePlace place(MemorySegment bytes) {
        return source.place(bytes);
    }

    @Override
    public void close() {
        source.close();
    }
}
