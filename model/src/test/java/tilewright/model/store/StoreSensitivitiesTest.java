package tilewright.model.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.InvalidInputException;

/** What a store's manifest says of how much its layers bear. */
class StoreSensitivitiesTest {
    @TempDir
    private Path folder;

    private static LayerSensitivity layer(double sensitivity) {
        return new LayerSensitivity(
                sensitivity, Collections.nCopies(64, 0.0078125), List.of(0.0, 1e-4, 0.25), List.of(0.5, 1.0, 0.0));
    }

    private StoreManifest write(List<LayerSensitivity> sensitivities) throws IOException {
        StoreManifest.Layer shape = new StoreManifest.Layer("experts", 3, true, 64, 64, 64);
        StoreManifest manifest = new StoreManifest(
                folder,
                "0".repeat(64),
                new StoreManifest.Source("m", "1".repeat(64), "all"),
                StoreManifest.DENSE_SAFETENSORS,
                Map.of("bits", "4"),
                List.of(shape, shape),
                List.of(),
                sensitivities);
        manifest.write();
        return manifest;
    }

    @Test
    void isReadAsItWasWritten() throws IOException {
        assertEquals(write(List.of(layer(0.5), layer(0))), StoreManifest.read(folder));
    }

    @Test
    void mayBeMissing() throws IOException {
        write(List.of());
        assertTrue(!Files.readString(folder.resolve("store.json")).contains("sensitivit"));
        assertEquals(List.of(), StoreManifest.read(folder).sensitivities());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"sensitivity\" : 0.5|\"sensitivity\" : -0.5|'sensitivity' is -0.5, expected numbers from 0 on",
                "\"sensitivity\" : 0.5|\"sensitivity\" : 1e999|'sensitivity' is \"Infinity\", expected numbers from 0 on",
                "\"sensitivity\" : 0.5|\"other\" : 0.5|'sensitivity' is missing, expected numbers from 0 on",
                "[ 0.0, 1.0E-4, 0.25 ]|[ 0.0, 1.0E-4 ]|'lower_losses' is 2 entries, expected 3 numbers",
                "[ 0.0, 1.0E-4, 0.25 ]|[ 0.0, \"x\", 0.25 ]|'lower_losses' is \"x\", expected numbers from 0 on",
                "[ 0.5, 1.0, 0.0 ]|[ 0.5, 1.0, 0.0, 0.0 ]|'frequencies' is 4 entries, expected an array of at most 3",
                "[ 0.5, 1.0, 0.0 ]|7|'frequencies' is no array, expected an array of at most 3",
            })
    void whatCannotBeIsRefused(String written, String damaged, String message) throws IOException {
        write(List.of(layer(0.5), layer(0.5)));
        Path file = folder.resolve("store.json");
        String text = Files.readString(file);
        assertTrue(text.contains(written), text);
        Files.writeString(file, text.replace(written, damaged));
        InvalidInputException e = assertThrows(InvalidInputException.class, () -> StoreManifest.read(folder));
        assertEquals(file + ": key " + message + "; the store is damaged, pack the model again", e.getMessage());
    }

    @Test
    void oneLayerTooFewIsRefused() throws IOException {
        write(List.of(layer(0.5)));
        InvalidInputException e = assertThrows(InvalidInputException.class, () -> StoreManifest.read(folder));
        assertTrue(
                e.getMessage().contains("'sensitivities' is 1 entries, expected one for each of 2 layers"),
                e.getMessage());
    }
}
