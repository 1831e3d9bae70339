package tilewright.model.family.language;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/** Tensors that tests make up. */
final class InMemoryTensors implements TensorSource {
    private final TreeMap<String, TensorInfo> infos = new TreeMap<>();
    private final TreeMap<String, byte[]> contents = new TreeMap<>();

    /** Adds a tensor of bytes. */
    InMemoryTensors bytes(String name, byte[] bytes, Long... shape) {
        return typed(name, DType.U8, bytes, shape);
    }

    /** Adds a tensor as it is stored. */
    InMemoryTensors typed(String name, DType type, byte[] bytes, Long... shape) {
        infos.put(name, new TensorInfo(name, type, List.of(shape), Path.of("model.safetensors"), 0, bytes.length));
        contents.put(name, bytes);
        return this;
    }

    /** Adds a float32 tensor whose elements count up from {@code first}. */
    InMemoryTensors counting(String name, int first, Long... shape) {
        int elements = (int) Arrays.stream(shape).mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
        ByteBuffer buffer = ByteBuffer.allocate(4 * elements).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            buffer.putFloat(first + i);
        }
        infos.put(
                name, new TensorInfo(name, DType.F32, List.of(shape), Path.of("model.safetensors"), 0, 4L * elements));
        contents.put(name, buffer.array());
        return this;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(infos.keySet());
    }

    @Override
    public TensorInfo info(String name) {
        return infos.get(name);
    }

    @Override
    public MemorySegment bytes(String name) {
        return MemorySegment.ofArray(contents.get(name));
    }

    @Override
    public float[] floats(String name) {
        ByteBuffer buffer = ByteBuffer.wrap(contents.get(name)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[contents.get(name).length / 4];
        buffer.asFloatBuffer().get(values);
        return values;
    }

    @Override
    public void close() {}
}
