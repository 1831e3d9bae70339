package tilewright.edge.store;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.edge.expert.FileCache;
import tilewright.model.InvalidInputException;
import tilewright.model.store.FileChecksum;
import tilewright.model.store.StoreManifest;

class DensePartCheckTest {
    private static final int PIECE = 1 << 20;

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve(StoreManifest.DENSE_GGUF);
    }

    private StoreManifest expecting(FileChecksum checksum) {
        return new StoreManifest(
                folder,
                "0".repeat(64),
                new StoreManifest.Source("m", "1".repeat(64), "all"),
                StoreManifest.DENSE_GGUF,
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                checksum);
    }

    private byte[] write(int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        Files.write(file(), content);
        return content;
    }

    /** CRC32C as RFC 3720 defines it, bit by bit. */
    private static int checksum(byte[] content) {
        int sum = -1;
        for (byte each : content) {
            sum ^= each & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                sum = sum >>> 1 ^ ((sum & 1) == 0 ? 0 : 0x82F63B78);
            }
        }
        return ~sum;
    }

    @Test
    void theChecksumOfTheDigitsIsThePublishedOne() throws IOException {
        Files.writeString(file(), "123456789");
        assertEquals(new FileChecksum(9, 0xe3069283), DensePartCheck.of(file()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 4096, 4097, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 4096, 3 * PIECE + 12345})
    void everyByteCountsWhetherPagesStayCachedOrNot(int bytes) throws IOException {
        byte[] content = write(bytes);
        FileChecksum expected = new FileChecksum(bytes, checksum(content));
        assertEquals(expected, DensePartCheck.of(file()));
        for (boolean cached : new boolean[] {true, false}) {
            assertDoesNotThrow(() -> DensePartCheck.require(expecting(expected), cached));
            for (int at : new int[] {0, bytes / 3, bytes - 1}) {
                if (bytes > 0) {
                    byte[] damaged = content.clone();
                    damaged[at] ^= 4;
                    Files.write(file(), damaged);
                    assertEquals(
                            String.format(
                                    "%s: is damaged (checksum %08x, expected %08x); copy the store again or pack the model"
                                            + " again",
                                    file(), checksum(damaged), expected.crc32c()),
                            refusal(expected, cached));
                }
            }
            Files.write(file(), content);
        }
    }

    @Test
    void anotherSizeIsRefused() throws IOException {
        write(5000);
        assertEquals(
                file() + ": is damaged (5000 bytes, expected 5001); copy the store again or pack the model again",
                refusal(new FileChecksum(5001, 0), true));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        for (boolean cached : new boolean[] {true, false}) {
            String message = refusal(new FileChecksum(1, 0), cached);
            assertTrue(message.startsWith(file() + ": cannot be read ("), message);
        }
    }

    @Test
    void aStoreWithoutAChecksumIsNotRead() {
        assertDoesNotThrow(() -> DensePartCheck.require(expecting(null), true));
    }

    @Test
    void pagesDoNotStayCachedUnlessTheyMay() throws IOException {
        byte[] content = write(8 * PIECE);
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE);
                FileCache pages = FileCache.of(file())) {
            channel.force(true);
            pages.drop(0, 0);
        }
        Assumptions.assumeTrue(FileCache.bytes(file()) == 0, "pages cannot be dropped or counted here");
        FileChecksum expected = new FileChecksum(content.length, checksum(content));
        DensePartCheck.require(expecting(expected), false);
        long left = FileCache.bytes(file());
        assertTrue(left <= PIECE, left + " bytes stayed");
    }

    private String refusal(FileChecksum expected, boolean cached) {
        return assertThrows(InvalidInputException.class, () -> DensePartCheck.require(expecting(expected), cached))
                .getMessage();
    }
}
