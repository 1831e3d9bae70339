package tilewright.edge.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import tilewright.edge.expert.StorageFile;
import tilewright.edge.matrix.WeightMemory;
import tilewright.model.InvalidInputException;
import tilewright.model.store.FileChecksum;
import tilewright.model.store.StoreManifest;

/** Compares the file with what every token needs with the checksum that the packer noted, as records are with theirs. */
public final class DensePartCheck {
    /** More than a huge page, so that it lies in such: into small pages some storage reads at half its rate. */
    private static final int PIECE_BYTES = 4 << 20;
    /** Reads that go past the system's cache need memory that begins so. */
    private static final int ALIGNMENT = 4096;

    private DensePartCheck() {}

    /**
     * Reads the dense part of a store once, in pieces; does nothing when the packer noted no checksum, as older ones did.
     *
     * @param cached whether its pages may stay in the system's cache of files
     * @throws InvalidInputException when it is not what was packed, or cannot be read
     */
    public static void require(StoreManifest manifest, boolean cached) {
        FileChecksum expected = manifest.denseChecksum();
        if (expected == null) {
            return;
        }
        Path file = manifest.denseFile();
        FileChecksum found;
        try (FileChannel channel = cached
                ? FileChannel.open(file, StandardOpenOption.READ)
                : StorageFile.open(file).channel()) {
            if (channel.size() != expected.bytes()) {
                throw damaged(file, channel.size() + " bytes, expected " + expected.bytes());
            }
            found = of(channel);
        } catch (IOException e) {
            throw new InvalidInputException(
                    file + ": cannot be read (" + InvalidInputException.reason(e)
                            + "); copy all of the store's files, or pack the model again",
                    e);
        }
        if (!found.equals(expected)) {
            throw damaged(file, "checksum " + found.digits() + ", expected " + expected.digits());
        }
    }

    private static InvalidInputException damaged(Path file, String how) {
        return new InvalidInputException(
                file + ": is damaged (" + how + "); copy the store again or pack the model again");
    }

    /** Size and checksum of a file. */
    static FileChecksum of(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return of(channel);
        }
    }

    private static FileChecksum of(FileChannel channel) throws IOException {
        CRC32C checksum = new CRC32C();
        long size = channel.size();
        ByteBuffer piece = WeightMemory.pages(PIECE_BYTES).asByteBuffer();
        for (long at = 0; at < size; at += PIECE_BYTES) {
            read(channel, piece.clear(), at, (int) Math.min(PIECE_BYTES, size - at));
            checksum.update(piece.flip());
        }
        return new FileChecksum(size, (int) checksum.getValue());
    }

    /** Reads so many bytes; reads that stop short go on from a multiple of the alignment. */
    private static void read(FileChannel channel, ByteBuffer piece, long at, int bytes) throws IOException {
        while (piece.position() < bytes) {
            int from = piece.position() / ALIGNMENT * ALIGNMENT;
            int there = piece.position();
            int read = channel.read(piece.position(from), at + from);
            if (from + read <= there) {
                throw new EOFException("it ends at byte " + (at + there) + " now");
            }
        }
    }
}
