package tilewright.compiler.profile;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import tilewright.edge.matrix.MappedPages;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.SafetensorsWriter;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/**
 * CRC32C of a profile's tensors, found while they are written and kept behind them: {@code NAME.crc32c}, U8 [slices, 4], each sum little
 * endian. A tensor has one sum, or as many as slices of it are read one by one, such as an expert's second moments.
 */
final class ProfileChecksums implements SafetensorsWriter.Written {
    private static final String SUFFIX = ".crc32c";
    private static final int BYTES = Integer.BYTES;
    private static final long CHUNK = 16L << 20;
    private static final ValueLayout.OfInt SUM = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SafetensorsWriter.Written beside;
    /** Parts of the slices that are still to be written. */
    private final Deque<Integer> parts = new ArrayDeque<>();

    private final List<Integer> sums = new ArrayList<>();
    private final CRC32C sum = new CRC32C();
    private int left;
    private int taken;

    private ProfileChecksums(SafetensorsWriter.Written beside) {
        this.beside = beside;
    }

    /**
     * Adds the tensors of sums to those that will be written.
     *
     * @param sliced slices of the tensors that have several, as many as parts
     * @param beside told of everything, too
     * @return is to be told of what is written
     */
    static SafetensorsWriter.Written add(
            Map<String, SafetensorsWriter.Tensor> tensors,
            Map<String, Integer> sliced,
            SafetensorsWriter.Written beside) {
        ProfileChecksums checksums = new ProfileChecksums(beside);
        for (String name : List.copyOf(tensors.keySet())) {
            int parts = tensors.get(name).parts();
            if (parts == 0) {
                continue;
            }
            int slices = sliced.getOrDefault(name, 1);
            for (int slice = 0; slice < slices; slice++) {
                checksums.parts.add(parts / slices);
            }
            tensors.put(
                    name + SUFFIX,
                    new SafetensorsWriter.Tensor(
                            DType.U8, List.of((long) slices, (long) BYTES), () -> checksums.take(slices)));
        }
        checksums.left = checksums.parts.peek();
        return checksums;
    }

    @Override
    public void next(ByteBuffer bytes) {
        sum.update(bytes);
    }

    @Override
    public void upTo(Path temporary, FileChannel channel, long bytes) throws IOException {
        if (!parts.isEmpty() && --left == 0) {
            sums.add((int) sum.getValue());
            sum.reset();
            parts.remove();
            left = parts.isEmpty() ? 0 : parts.peek();
        }
        beside.upTo(temporary, channel, bytes);
    }

    private float[] take(int slices) {
        float[] bytes = new float[slices * BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = sums.get(taken + i / BYTES) >>> Byte.SIZE * (i % BYTES) & 0xFF;
        }
        taken += slices;
        return bytes;
    }

    /** Whether a tensor holds sums of another. */
    static boolean isOne(String name) {
        return name.endsWith(SUFFIX);
    }

    /** Whether a profile has sums; those of earlier versions have none. */
    static boolean in(TensorSource source) {
        return source.names().contains(Profile.HEADER + SUFFIX);
    }

    /**
     * Compares one slice of a tensor with its sum; pages of the file that were read for it do not stay.
     *
     * @throws InvalidInputException when they differ
     */
    static void check(Path file, TensorSource source, String name, int slice, int slices) {
        MemorySegment all = source.bytes(name);
        if (!in(source) || all.byteSize() == 0 && !source.names().contains(name + SUFFIX)) {
            return;
        }
        TensorInfo info = source.info(name + SUFFIX);
        if (info.dtype() != DType.U8 || !info.shape().equals(List.of((long) slices, (long) BYTES))) {
            throw new InvalidInputException(
                    file + ": tensor '" + name + SUFFIX + "' is " + info.dtype().label() + " " + info.shape()
                            + ", expected U8 [" + slices + ", " + BYTES + "]; make the profile again");
        }
        long length = all.byteSize() / slices;
        CRC32C sum = new CRC32C();
        for (long at = 0; at < length; at += CHUNK) {
            MemorySegment part = all.asSlice(slice * length + at, Math.min(CHUNK, length - at));
            sum.update(part.asByteBuffer());
            if (length > CHUNK) {
                MappedPages.release(part);
            }
        }
        if ((int) sum.getValue() != source.bytes(name + SUFFIX).get(SUM, (long) slice * BYTES)) {
            throw new InvalidInputException(file + ": tensor '" + name + "'"
                    + (slices > 1 ? ", expert " + slice : "")
                    + ": its bytes are not those that were written (CRC32C); make the profile again");
        }
    }
}
