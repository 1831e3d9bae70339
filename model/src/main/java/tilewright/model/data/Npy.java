package tilewright.model.data;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.AtomicFile;

/**
 * Reads and writes NumPy's {@code .npy} files (format versions 1 to 3; NumPy Enhancement Proposal 1).
 *
 * <p>Read are little-endian floats of 16 to 64 bits, signed integers of 8 to 64 bits, uint8 and bool, in C order.
 */
public final class Npy {
    private static final int CHUNK_ELEMENTS = 1 << 16;
    private static final int HEADER_ALIGNMENT = 64;

    private static final ValueLayout.OfFloat LITTLE_FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LITTLE_INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Npy() {}

    /**
     * Maps a file and checks its header against its size.
     *
     * @throws InvalidInputException if there is no such file, it is damaged, or its layout or type is not supported
     */
    public static NpyArray read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(file + ": there is no such file; give an .npy file");
        }
        return parse(file.toString(), MappedFile.map(file));
    }

    /** Reads an array from the bytes of a whole file; {@code place} is for messages. */
    static NpyArray parse(String place, MemorySegment file) {
        NpyHeader header = NpyHeader.read(place, file);
        long bytes = header.elementBytes();
        long present = file.byteSize() - header.headerBytes();
        if (bytes != present) {
            throw new InvalidInputException(place + ": shape " + header.shape() + " of "
                    + header.dtype().label() + " takes " + bytes + " bytes, but " + present
                    + " follow the header; the file is damaged, fetch it again");
        }
        return new NpyArray(place, header.dtype(), header.shape(), file.asSlice(header.headerBytes()));
    }

    /** Takes an array's elements in order. */
    @FunctionalInterface
    public interface Sink {
        /** Takes elements {@code from} to {@code from + count}, not included. */
        void write(float[] values, int from, int count) throws IOException;
    }

    /** What fills an array. */
    @FunctionalInterface
    public interface Content {
        /** Writes all elements, row-major, in as many pieces as it likes. */
        void writeTo(Sink sink) throws IOException;
    }

    /**
     * Writes float32 values, row-major; the file appears only when it is complete.
     *
     * @param shape the extents, outermost first; none for a scalar
     * @throws IllegalArgumentException if the extents' product is not the number of values
     * @throws IOException if the file cannot be written
     */
    public static void write(Path file, float[] values, int... shape) throws IOException {
        write(file, sink -> sink.write(values, 0, values.length), shape);
    }

    /**
     * Writes float32 values that arrive in pieces; the file appears only when it is complete.
     *
     * @param shape the extents, outermost first; none for a scalar
     * @throws IllegalArgumentException if an extent is negative or the content gives another number of values; nothing is
     *     written then
     * @throws IOException if the file cannot be written
     */
    public static void write(Path file, Content content, int... shape) throws IOException {
        long count = count(shape);
        byte[] header = header("<f4", count, shape);
        AtomicFile.write(file, channel -> {
            writeFully(channel, ByteBuffer.wrap(header));
            ByteBuffer chunk = chunk();
            long[] written = {0};
            content.writeTo((values, start, length) -> {
                written[0] += length;
                for (int from = start; from < start + length; from += CHUNK_ELEMENTS) {
                    int here = Math.min(CHUNK_ELEMENTS, start + length - from);
                    MemorySegment.copy(values, from, MemorySegment.ofBuffer(chunk.clear()), LITTLE_FLOAT, 0, here);
                    writeFully(channel, chunk.limit(4 * here));
                }
            });
            if (written[0] != count) {
                throw new IllegalArgumentException(written[0] + " values for shape " + Arrays.toString(shape));
            }
        });
    }

    /**
     * Writes int32 values, row-major; the file appears only when it is complete.
     *
     * @param shape the extents, outermost first; none for a scalar
     * @throws IllegalArgumentException if the extents' product is not the number of values
     * @throws IOException if the file cannot be written
     */
    public static void write(Path file, int[] values, int... shape) throws IOException {
        byte[] header = header("<i4", values.length, shape);
        AtomicFile.write(file, channel -> {
            writeFully(channel, ByteBuffer.wrap(header));
            ByteBuffer chunk = chunk();
            for (int from = 0; from < values.length; from += CHUNK_ELEMENTS) {
                int length = Math.min(CHUNK_ELEMENTS, values.length - from);
                MemorySegment.copy(values, from, MemorySegment.ofBuffer(chunk.clear()), LITTLE_INT, 0, length);
                writeFully(channel, chunk.limit(4 * length));
            }
        });
    }

    private static long count(int[] shape) {
        long product = 1;
        for (int extent : shape) {
            product = extent < 0 ? -1 : Math.multiplyExact(product, extent);
        }
        return product;
    }

    private static byte[] header(String descr, long values, int[] shape) {
        if (values < 0 || count(shape) != values) {
            throw new IllegalArgumentException(values + " values for shape " + Arrays.toString(shape));
        }
        String extents = Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining(", "));
        String dictionary = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + extents
                + (shape.length == 1 ? "," : "") + "), }";
        int unpadded = NpyHeader.MAGIC.length + 4 + dictionary.length() + 1;
        String padding = " ".repeat(Math.floorMod(-unpadded, HEADER_ALIGNMENT));
        byte[] text = (dictionary + padding + "\n").getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(NpyHeader.MAGIC.length + 4 + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(NpyHeader.MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) text.length)
                .put(text)
                .array();
    }

    private static ByteBuffer chunk() {
        return ByteBuffer.allocateDirect(4 * CHUNK_ELEMENTS);
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
