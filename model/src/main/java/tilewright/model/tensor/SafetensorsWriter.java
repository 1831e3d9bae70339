package tilewright.model.tensor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Writes safetensors files, one tensor, or part of one, in memory at a time.
 *
 * <p>The file appears under its name only when it is complete.
 */
public final class SafetensorsWriter {
    private static final int CHUNK_ELEMENTS = 1 << 16;
    private static final long CHUNK_BYTES = 4 << 20;
    private static final int HEADER_ALIGNMENT = 8;

    private SafetensorsWriter() {}

    /**
     * A tensor to be written.
     *
     * @param dtype the element type in the file
     * @param shape the extents, outermost first; empty for a scalar
     * @param parts how many parts the elements come in
     * @param values gives each part's elements, row-major, when its turn comes; called once for each, in order
     */
    public record Tensor(DType dtype, List<Long> shape, int parts, IntFunction<float[]> values) {
        /** Copies the shape. */
        public Tensor {
            shape = List.copyOf(shape);
        }

        /** A tensor whose elements come all at once. */
        public Tensor(DType dtype, List<Long> shape, Supplier<float[]> values) {
            this(dtype, shape, 1, _ -> values.get());
        }
    }

    /** What is told how far a file is, after each part. */
    @FunctionalInterface
    public interface Written {
        /**
         * So many bytes are written.
         *
         * @param temporary the name that the file has until it is complete
         * @param channel writes it
         */
        void upTo(Path temporary, FileChannel channel, long bytes) throws IOException;

        /** These elements' bytes are about to be written, the next ones of a part; reading them changes nothing. */
        default void next(ByteBuffer bytes) {}
    }

    /**
     * Writes the tensors in the map's order, without metadata.
     *
     * @see #write(Path, Map, Map)
     */
    public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
        write(file, tensors, Map.of());
    }

    /**
     * Writes the tensors in the map's order, replacing {@code file} if it exists.
     *
     * <p>Values are rounded to nearest even for F16 and BF16 (overflow gives infinity, as IEEE 754 says) and as their codecs
     * say for the 8-bit floats; integer types take integers of their range only, BOOL takes 0 and 1.
     *
     * @param metadata free text for the header's {@code __metadata__}
     * @throws IllegalArgumentException if a shape is impossible, a supplier gives another number of elements than the
     *     shape says, or a value does not fit the type; nothing is written then
     * @throws IOException if the file cannot be written
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        write(file, tensors, metadata, (_, _, _) -> {});
    }

    /** As above, and tells how far it is. */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata, Written written)
            throws IOException {
        byte[] header = header(tensors, metadata);
        AtomicFile.write(file, (temporary, channel) -> {
            ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
            writeFully(channel, start.putLong(header.length).put(header).flip());
            ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_ELEMENTS * 8).order(ByteOrder.LITTLE_ENDIAN);
            for (var entry : tensors.entrySet()) {
                Tensor tensor = entry.getValue();
                long elements = 0;
                for (int part = 0; part < tensor.parts(); part++) {
                    float[] values = tensor.values().apply(part);
                    elements += values.length;
                    for (int from = 0; from < values.length; from += CHUNK_ELEMENTS) {
                        int to = Math.min(values.length, from + CHUNK_ELEMENTS);
                        encode(entry.getKey(), tensor.dtype(), values, from, to, chunk.clear());
                        written.next(chunk.flip().duplicate());
                        writeFully(channel, chunk);
                    }
                    written.upTo(temporary, channel, channel.position());
                }
                if (elements * tensor.dtype().bytes() != bytes(entry.getKey(), tensor)) {
                    throw new IllegalArgumentException("tensor '" + entry.getKey() + "' of shape " + tensor.shape()
                            + " was given " + elements + " values");
                }
            }
        });
    }

    /**
     * Writes tensors of another model as they are stored, replacing {@code file} if it exists.
     *
     * @param names which, in the order of the new file
     * @param written called with each name after its elements were written
     * @throws IllegalArgumentException if one is of a block format, which these files cannot hold
     * @throws IOException if the file cannot be written
     */
    public static void copy(Path file, TensorSource source, List<String> names, Consumer<String> written)
            throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : names) {
            TensorInfo info = source.info(name);
            tensors.put(name, new Tensor(info.dtype(), info.shape(), () -> new float[0]));
        }
        byte[] header = header(tensors, Map.of());
        AtomicFile.write(file, channel -> {
            ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
            writeFully(channel, start.putLong(header.length).put(header).flip());
            for (String name : names) {
                MemorySegment bytes = source.bytes(name);
                for (long from = 0; from < bytes.byteSize(); from += CHUNK_BYTES) {
                    long length = Math.min(CHUNK_BYTES, bytes.byteSize() - from);
                    writeFully(channel, bytes.asSlice(from, length).asByteBuffer());
                }
                written.accept(name);
            }
            channel.force(true);
        });
    }

    private static byte[] header(Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart("__metadata__");
                for (var entry : metadata.entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long begin = 0;
            for (var entry : tensors.entrySet()) {
                Tensor tensor = entry.getValue();
                if (entry.getKey().equals("__metadata__")) {
                    throw new IllegalArgumentException("the format reserves the name '__metadata__'");
                }
                long end = Math.addExact(begin, bytes(entry.getKey(), tensor));
                json.writeObjectFieldStart(entry.getKey());
                json.writeStringField("dtype", tensor.dtype().label());
                writeNumbers(json, "shape", tensor.shape());
                writeNumbers(json, "data_offsets", List.of(begin, end));
                json.writeEndObject();
                begin = end;
            }
            json.writeEndObject();
        }
        while (bytes.size() % HEADER_ALIGNMENT != 0) {
            bytes.write(' ');
        }
        return bytes.toByteArray();
    }

    private static void writeNumbers(JsonGenerator json, String name, List<Long> numbers) throws IOException {
        json.writeArrayFieldStart(name);
        for (long number : numbers) {
            json.writeNumber(number);
        }
        json.writeEndArray();
    }

    private static long bytes(String name, Tensor tensor) {
        if (tensor.dtype().isBlockFormat()) {
            throw new IllegalArgumentException(
                    "tensor '" + name + "' cannot be " + tensor.dtype().label() + ": the format has plain types only");
        }
        long bytes = TensorInfo.byteCount(tensor.dtype(), tensor.shape());
        if (bytes < 0) {
            throw new IllegalArgumentException("tensor '" + name + "' has the impossible shape " + tensor.shape());
        }
        return bytes;
    }

    /** Fills the chunk with elements {@code from} to {@code to}, not included. */
    private static void encode(String name, DType dtype, float[] values, int from, int to, ByteBuffer out) {
        if (dtype.isFloat() && dtype != DType.F64) {
            int bytes = (to - from) * dtype.bytes();
            dtype.codec().encode(values, from, to - from, MemorySegment.ofBuffer(out), 0);
            out.position(bytes);
            return;
        }
        for (int i = from; i < to; i++) {
            float value = values[i];
            switch (dtype) {
                case F64 -> out.putDouble(value);
                case I64 -> out.putLong((long) integer(name, value, Long.MIN_VALUE, 0x1p63));
                case I32 -> out.putInt((int) integer(name, value, Integer.MIN_VALUE, 0x1p31));
                case I16 -> out.putShort((short) integer(name, value, Short.MIN_VALUE, 0x1p15));
                case I8 -> out.put((byte) integer(name, value, Byte.MIN_VALUE, 0x1p7));
                case U64 -> out.putLong(new BigDecimal(integer(name, value, 0, 0x1p64)).longValue());
                case U32 -> out.putInt((int) (long) integer(name, value, 0, 0x1p32));
                case U16 -> out.putShort((short) integer(name, value, 0, 0x1p16));
                case U8 -> out.put((byte) integer(name, value, 0, 0x1p8));
                case BOOL -> out.put((byte) integer(name, value, 0, 2));
                default -> throw new IllegalStateException(dtype.label() + " is written by its codec");
            }
        }
    }

    private static float integer(String name, float value, double least, double beyond) {
        if (!(value >= least && value < beyond) || value != Math.rint(value)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "tensor '%s' was given %s, expected an integer from %.0f to below %.0f",
                    name,
                    value,
                    new BigDecimal(least),
                    new BigDecimal(beyond)));
        }
        return value;
    }

    private static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
