package tilewright.model.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.InvalidInputException;

/** What a store's manifest says of its dense part's bytes. */
class StoreChecksumTest {
    @TempDir
    private Path folder;

    private StoreManifest write(FileChecksum checksum) throws IOException {
        StoreManifest manifest = new StoreManifest(
                folder,
                "0".repeat(64),
                new StoreManifest.Source("m", "1".repeat(64), "all"),
                StoreManifest.DENSE_GGUF,
                Map.of("bits", "4"),
                List.of(new StoreManifest.Layer("experts", 3, true, 64, 64, 64)),
                List.of(),
                List.of(),
                checksum);
        manifest.write();
        return manifest;
    }

    @Test
    void isReadAsItWasWritten() throws IOException {
        for (int value : new int[] {0, 0x1234abcd, 0x7fffffff, 0x80000000, -1}) {
            assertEquals(write(new FileChecksum(1L << 40, value)), StoreManifest.read(folder));
        }
    }

    @Test
    void mayBeMissing() throws IOException {
        write(null);
        assertFalse(Files.readString(folder.resolve("store.json")).contains("dense_checksum"));
        assertNull(StoreManifest.read(folder).denseChecksum());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"bytes\" : 77|\"bytes\" : -1|'bytes' is -1, expected an integer from 0 to 9223372036854775807",
                "\"bytes\" : 77|\"bytes\" : 9223372036854775808|'bytes' is 9223372036854775808, expected an integer from 0"
                        + " to 9223372036854775807",
                "\"bytes\" : 77|\"bytes\" : 7.5|'bytes' is 7.5, expected an integer from 0 to 9223372036854775807",
                "\"bytes\" : 77|\"other\" : 77|'bytes' is missing, expected an integer from 0 to 9223372036854775807",
                "\"0000abcd\"|\"abcd\"|'crc32c' is 'abcd', expected 8 hexadecimal digits",
                "\"0000abcd\"|\"0000ABCD\"|'crc32c' is '0000ABCD', expected 8 hexadecimal digits",
                "\"0000abcd\"|\"0000abcde\"|'crc32c' is '0000abcde', expected 8 hexadecimal digits",
                "\"0000abcd\"|43981|'crc32c' is no text, expected a text",
                "\"crc32c\"|\"crc32\"|'crc32c' is missing, expected a text",
                "\"dense_checksum\" : {|\"dense_checksum\" : null, \"x\" : {|'dense_checksum' is no object, expected an"
                        + " object",
            })
    void whatCannotBeIsRefused(String written, String damaged, String message) throws IOException {
        write(new FileChecksum(77, 0xabcd));
        Path file = folder.resolve("store.json");
        String text = Files.readString(file);
        assertTrue(text.contains(written), text);
        Files.writeString(file, text.replace(written, damaged));
        InvalidInputException e = assertThrows(InvalidInputException.class, () -> StoreManifest.read(folder));
        assertEquals(file + ": key " + message + "; the store is damaged, pack the model again", e.getMessage());
    }
}
