package tilewright.model.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import tilewright.model.InvalidInputException;

/**
 * Reads the idx format of the MNIST data sets: big-endian magic, extents, unsigned bytes; also packed with gzip.
 *
 * <p>Images have three dimensions (count, rows, columns). Their labels are in the file whose name has
 * {@code labels-idx1} for {@code images-idx3} (or {@code labels.idx1} for {@code images.idx3}), packed or not.
 */
final class IdxReader {
    private static final int UNSIGNED_BYTE = 8;
    private static final int MAX_DIMENSIONS = 4;

    /** Extents and elements of one file. */
    private record Idx(int[] dims, MemorySegment elements) {}

    private IdxReader() {}

    static ImageSet read(Path images) {
        Idx idx = readFile(images);
        if (idx.dims().length != 3) {
            throw new InvalidInputException(images + ": idx file with " + idx.dims().length + " dimensions "
                    + Arrays.toString(idx.dims()) + ", expected 3 (count, rows, columns)"
                    + (idx.dims().length == 1 ? "; these are labels, give the file of the images" : ""));
        }
        int count = idx.dims()[0];
        int height = idx.dims()[1];
        int width = idx.dims()[2];
        long imageBytes = (long) height * width;
        if (count == 0 || imageBytes == 0 || imageBytes > Integer.MAX_VALUE - 8) {
            throw new InvalidInputException(images + ": " + count + " images of " + height + " x " + width
                    + " pixels; use a file with at least one image of at least one pixel, below 2^31");
        }
        int[] labels = labels(images, count);
        return ImageSet.raw(
                images.toString(),
                count,
                new int[] {1, height, width},
                i -> idx.elements().asSlice(i * imageBytes, imageBytes).toArray(ValueLayout.JAVA_BYTE),
                labels,
                null);
    }

    private static int[] labels(Path images, int count) {
        Path file = labelsFile(images);
        if (file == null) {
            return null;
        }
        Idx idx = readFile(file);
        if (idx.dims().length != 1 || idx.dims()[0] != count) {
            throw new InvalidInputException(file + ": labels of extents " + Arrays.toString(idx.dims()) + ", but "
                    + images.getFileName() + " holds " + count + " images; use the labels of the same set");
        }
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = Byte.toUnsignedInt(idx.elements().get(ValueLayout.JAVA_BYTE, i));
        }
        return labels;
    }

    /** The file of labels beside the images, or null if there is none. */
    private static Path labelsFile(Path images) {
        String name = images.getFileName().toString();
        String labels = name.replace("images-idx3", "labels-idx1").replace("images.idx3", "labels.idx1");
        if (labels.equals(name)) {
            return null;
        }
        String plain = labels.endsWith(".gz") ? labels.substring(0, labels.length() - 3) : labels;
        for (String candidate : new String[] {labels, plain, plain + ".gz"}) {
            if (Files.isRegularFile(images.resolveSibling(candidate))) {
                return images.resolveSibling(candidate);
            }
        }
        return null;
    }

    private static Idx readFile(Path file) {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
            raw.mark(2);
            boolean packed = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            InputStream in = packed ? new GZIPInputStream(raw) : raw;
            int[] dims = dims(file, in);
            long headerBytes = 4 + 4L * dims.length;
            long bytes = elements(file, dims);
            if (packed) {
                byte[] elements = MappedFile.unpack(file.toString(), in, bytes, Files.size(file));
                return new Idx(dims, MemorySegment.ofArray(elements));
            }
            MemorySegment mapped = MappedFile.map(file);
            if (mapped.byteSize() - headerBytes != bytes) {
                throw new InvalidInputException(file + ": extents " + Arrays.toString(dims) + " take " + bytes
                        + " bytes, but " + (mapped.byteSize() - headerBytes)
                        + " follow the header; the file is damaged, fetch it again");
            }
            return new Idx(dims, mapped.asSlice(headerBytes));
        } catch (IOException e) {
            throw MappedFile.unreadable(file.toString(), e);
        }
    }

    private static int[] dims(Path file, InputStream in) throws IOException {
        byte[] magic = exactly(file, in, 4);
        if (magic[0] != 0 || magic[1] != 0) {
            throw new InvalidInputException(
                    file + ": starts with byte " + Byte.toUnsignedInt(magic[magic[0] != 0 ? 0 : 1])
                            + ", expected an idx file, which starts with 0 0; " + ImageSets.SUPPORTED);
        }
        if (magic[2] != UNSIGNED_BYTE) {
            throw new InvalidInputException(file + ": idx element type " + Byte.toUnsignedInt(magic[2])
                    + ", expected 8 (unsigned byte); convert the file to unsigned bytes of 0 to 255");
        }
        int rank = Byte.toUnsignedInt(magic[3]);
        if (rank == 0 || rank > MAX_DIMENSIONS) {
            throw new InvalidInputException(file + ": idx file with " + rank
                    + " dimensions, expected 3 (count, rows, columns); the file is damaged, fetch it again");
        }
        ByteBuffer extents = ByteBuffer.wrap(exactly(file, in, 4 * rank));
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = extents.getInt();
            if (dims[i] < 0) {
                throw new InvalidInputException(file + ": extent " + Integer.toUnsignedString(dims[i])
                        + " of dimension " + i + " exceeds the limit of " + Integer.MAX_VALUE
                        + "; the file is damaged, fetch it again");
            }
        }
        return dims;
    }

    private static byte[] exactly(Path file, InputStream in, int bytes) throws IOException {
        byte[] read = in.readNBytes(bytes);
        if (read.length < bytes) {
            throw new InvalidInputException(file + ": ends within its header; the file was cut short, fetch it again");
        }
        return read;
    }

    private static long elements(Path file, int[] dims) {
        try {
            long product = 1;
            for (int extent : dims) {
                product = Math.multiplyExact(product, extent);
            }
            return product;
        } catch (ArithmeticException e) {
            throw new InvalidInputException(
                    file + ": extents " + Arrays.toString(dims)
                            + " exceed 64 bits; the file is damaged, fetch it again",
                    e);
        }
    }
}
