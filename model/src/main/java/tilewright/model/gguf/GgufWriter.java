package tilewright.model.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tilewright.model.tensor.AtomicFile;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.TensorInfo;

/**
 * Writes GGUF files (version 3, little-endian, alignment 32): metadata first, then tensors, each written in pieces.
 *
 * <p>Integers are written as the types that readers expect: counts as u32, arrays of integers as i32. The file appears under
 * its name only when it is complete.
 */
public final class GgufWriter {
    private static final int ALIGNMENT = 32;
    private static final int CHUNK_BYTES = 1 << 20;

    private final Map<String, byte[]> metadata = new LinkedHashMap<>();
    private final List<Tensor> tensors = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    /** What fills a tensor. */
    @FunctionalInterface
    public interface Content {
        /** Writes all elements, row-major, in as many pieces as it likes. */
        void writeTo(Sink sink) throws IOException;
    }

    /** Takes a tensor's elements in order. */
    public interface Sink {
        /** Takes elements that are encoded already. */
        void encoded(MemorySegment bytes) throws IOException;

        /**
         * Encodes elements.
         *
         * @param count a multiple of the format's block
         */
        void values(float[] values, int at, int count) throws IOException;
    }

    private record Tensor(String name, DType dtype, List<Long> shape, long bytes, Content content) {}

    /** Adds a string. */
    public GgufWriter put(String key, String value) {
        return put(key, GgufValueType.STRING, string(value));
    }

    /** Adds a truth value. */
    public GgufWriter put(String key, boolean value) {
        return put(key, GgufValueType.BOOL, new byte[] {(byte) (value ? 1 : 0)});
    }

    /** Adds an integer: u32, or i32 where it is negative. */
    public GgufWriter put(String key, int value) {
        return put(
                key,
                value < 0 ? GgufValueType.I32 : GgufValueType.U32,
                little(Integer.BYTES).putInt(value).array());
    }

    /** Adds an integer: u64, or i64 where it is negative. */
    public GgufWriter put(String key, long value) {
        return put(
                key,
                value < 0 ? GgufValueType.I64 : GgufValueType.U64,
                little(Long.BYTES).putLong(value).array());
    }

    /** Adds an f32. */
    public GgufWriter put(String key, float value) {
        return put(key, GgufValueType.F32, little(Float.BYTES).putFloat(value).array());
    }

    /** Adds an f64. */
    public GgufWriter put(String key, double value) {
        return put(key, GgufValueType.F64, little(Double.BYTES).putDouble(value).array());
    }

    /** Adds an array of strings. */
    public GgufWriter put(String key, List<String> values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        values.forEach(value -> bytes.writeBytes(string(value)));
        return putArray(key, GgufValueType.STRING, values.size(), bytes.toByteArray());
    }

    /** Adds an array of i32. */
    public GgufWriter put(String key, int[] values) {
        ByteBuffer bytes = little(values.length * Integer.BYTES);
        bytes.asIntBuffer().put(values);
        return putArray(key, GgufValueType.I32, values.length, bytes.array());
    }

    /** Adds an array of f32. */
    public GgufWriter put(String key, float[] values) {
        ByteBuffer bytes = little(values.length * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        return putArray(key, GgufValueType.F32, values.length, bytes.array());
    }

    /** Adds an array of truth values. */
    public GgufWriter put(String key, boolean[] values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        return putArray(key, GgufValueType.BOOL, values.length, bytes);
    }

    /**
     * Adds a value of another file, whatever its type.
     *
     * @throws tilewright.model.InvalidInputException if there is no such key
     */
    public GgufWriter put(String key, GgufMetadata from) {
        return putTyped(key, from.encoded(key));
    }

    /**
     * Adds a tensor, to be written after those before it.
     *
     * @param shape the extents, outermost first
     * @throws IllegalArgumentException if the name is taken, the format has no number in GGUF files, or the shape is
     *     impossible for it
     */
    public GgufWriter tensor(String name, DType dtype, List<Long> shape, Content content) {
        long bytes = TensorInfo.byteCount(dtype, shape);
        if (bytes < 0 || shape.size() > 4 || GgufTensorTypes.number(dtype).isEmpty() || !names.add(name)) {
            throw new IllegalArgumentException(
                    "tensor '" + name + "' of " + dtype.label() + " " + shape + " cannot be added");
        }
        tensors.add(new Tensor(name, dtype, List.copyOf(shape), bytes, content));
        return this;
    }

    /**
     * Writes the file, replacing {@code file} if it exists.
     *
     * @throws IllegalStateException if a content writes more or fewer bytes than its tensor has; nothing is written then
     * @throws IOException if the file cannot be written
     */
    public void write(Path file) throws IOException {
        byte[] header = header();
        AtomicFile.write(file, channel -> {
            writeFully(channel, ByteBuffer.wrap(header));
            long position = header.length;
            for (Tensor tensor : tensors) {
                position += pad(channel, position);
                TensorSink sink = new TensorSink(channel, tensor);
                tensor.content().writeTo(sink);
                if (sink.left != 0) {
                    throw new IllegalStateException(
                            "tensor '" + tensor.name() + "' lacks " + sink.left + " of " + tensor.bytes() + " bytes");
                }
                position += tensor.bytes();
            }
            pad(channel, position);
        });
    }

    private byte[] header() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        bytes.writeBytes(little(20)
                .putInt(3)
                .putLong(tensors.size())
                .putLong(metadata.size())
                .array());
        metadata.forEach((key, value) -> {
            bytes.writeBytes(string(key));
            bytes.writeBytes(value);
        });
        long offset = 0;
        for (Tensor tensor : tensors) {
            bytes.writeBytes(string(tensor.name()));
            ByteBuffer description = little(4 + 8 * tensor.shape().size() + 4 + 8);
            description.putInt(tensor.shape().size());
            tensor.shape().reversed().forEach(description::putLong);
            description.putInt(GgufTensorTypes.number(tensor.dtype()).orElseThrow());
            bytes.writeBytes(description.putLong(offset).array());
            offset = Math.addExact(offset, tensor.bytes() + padding(tensor.bytes()));
        }
        return bytes.toByteArray();
    }

    private GgufWriter put(String key, GgufValueType type, byte[] value) {
        return putTyped(
                key,
                little(Integer.BYTES + value.length)
                        .putInt(type.ordinal())
                        .put(value)
                        .array());
    }

    private GgufWriter putTyped(String key, byte[] typed) {
        if (metadata.putIfAbsent(key, typed) != null) {
            throw new IllegalArgumentException("metadata '" + key + "' is there already");
        }
        return this;
    }

    private GgufWriter putArray(String key, GgufValueType elements, long count, byte[] values) {
        ByteBuffer array = little(Integer.BYTES + Long.BYTES + values.length);
        return put(
                key,
                GgufValueType.ARRAY,
                array.putInt(elements.ordinal()).putLong(count).put(values).array());
    }

    private static byte[] string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return little(Long.BYTES + utf8.length).putLong(utf8.length).put(utf8).array();
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int padding(long position) {
        return (int) (-position & ALIGNMENT - 1);
    }

    private static int pad(WritableByteChannel channel, long position) throws IOException {
        int padding = padding(position);
        writeFully(channel, ByteBuffer.allocate(padding));
        return padding;
    }

    private static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Counts what one tensor still lacks. */
    private static final class TensorSink implements Sink {
        private final WritableByteChannel channel;
        private final Tensor tensor;
        private long left;

        TensorSink(WritableByteChannel channel, Tensor tensor) {
            this.channel = channel;
            this.tensor = tensor;
            left = tensor.bytes();
        }

        @Override
        public void encoded(MemorySegment bytes) throws IOException {
            take(bytes.byteSize());
            for (long from = 0; from < bytes.byteSize(); from += CHUNK_BYTES) {
                long length = Math.min(CHUNK_BYTES, bytes.byteSize() - from);
                writeFully(channel, bytes.asSlice(from, length).asByteBuffer());
            }
        }

        @Override
        public void values(float[] values, int at, int count) throws IOException {
            DType dtype = tensor.dtype();
            take(dtype.bytesFor(count));
            int chunkElements = CHUNK_BYTES / dtype.blockBytes() * dtype.blockElements();
            for (int from = 0; from < count; from += chunkElements) {
                int here = Math.min(chunkElements, count - from);
                byte[] bytes = new byte[(int) dtype.bytesFor(here)];
                dtype.codec().encode(values, at + from, here, MemorySegment.ofArray(bytes), 0);
                writeFully(channel, ByteBuffer.wrap(bytes));
            }
        }

        private void take(long bytes) {
            if (bytes > left) {
                throw new IllegalStateException("tensor '" + tensor.name() + "' of " + tensor.bytes()
                        + " bytes was given " + (bytes - left) + " too many");
            }
            left -= bytes;
        }
    }
}
