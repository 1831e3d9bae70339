package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.tests.Tilewright.Result;

/** Stores whose dense part is not what was packed: one line says so, and no token is computed. */
class DamagedDensePartTest {
    private static final String CHECKSUM = "(?s)\"dense_checksum\" : \\{.*?\\},\\s*";

    @TempDir
    static Path folder;

    @BeforeAll
    static void pack() {
        Path model = Tilewright.checkout().resolve("examples/moe-lm");
        assertEquals(
                0,
                Tilewright.run("pack", model, "--bits", 4, "-o", folder.resolve("safetensors"))
                        .status());
        Path gguf = folder.resolve("m.gguf");
        assertEquals(0, Tilewright.run("random-model", "tiny-lm", "-o", gguf).status());
        Result result = Tilewright.run("pack", gguf, "--bits", "as-stored", "-o", folder.resolve("gguf"));
        assertEquals(0, result.status(), result.err());
    }

    private static Path dense(String kind) {
        return folder.resolve(kind).resolve(kind.equals("gguf") ? "dense.gguf" : "model.safetensors");
    }

    private static Result logits(String kind, Path out, Object... more) {
        List<Object> arguments =
                new ArrayList<>(List.of("logits", folder.resolve(kind), "--ids", "1,2,3,77", "-o", out));
        arguments.addAll(List.of(more));
        return Tilewright.run(arguments.toArray());
    }

    private static void assertRefused(Result result, Path out, String message) {
        assertEquals(1, result.status(), result.err());
        assertEquals(1, result.complaints().size(), result.err());
        String line = result.complaints().getFirst().replace(folder.toString(), "DIR");
        assertTrue(line.matches("tilewright: " + message), line);
        assertFalse(Files.exists(out));
    }

    @ParameterizedTest
    @ValueSource(strings = {"safetensors", "gguf"})
    void aFlippedBitAnywhereIsRefused(String kind) throws IOException {
        Path file = dense(kind);
        byte[] sound = Files.readAllBytes(file);
        Path out = folder.resolve(kind + "-none.npy");
        Random random = new Random(8);
        try {
            for (int i = 0; i < 12; i++) {
                byte[] damaged = sound.clone();
                int at = i == 0 ? 0 : i == 1 ? damaged.length - 1 : random.nextInt(damaged.length);
                damaged[at] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, damaged);
                Result result = i % 2 == 0 ? logits(kind, out) : logits(kind, out, "--memory", "64GiB");
                assertRefused(
                        result,
                        out,
                        "DIR/" + kind + "/" + file.getFileName()
                                + ": is damaged \\(checksum [0-9a-f]{8}, expected [0-9a-f]{8}\\); copy the store again or"
                                + " pack the model again");
            }
            Result run = Tilewright.run("run", folder.resolve(kind), "--prompt", "hello", "-n", 2);
            assertEquals(1, run.status());
            assertEquals("", run.out());
        } finally {
            Files.write(file, sound);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"safetensors", "gguf"})
    void anOlderStoreWithoutAChecksumRunsAsBefore(String kind) throws IOException {
        Path manifest = folder.resolve(kind).resolve("store.json");
        String text = Files.readString(manifest);
        Path expected = folder.resolve(kind + "-expected.npy");
        Result result = logits(kind, expected);
        assertEquals(0, result.status(), result.err());
        String older = text.replaceFirst(CHECKSUM, "");
        assertFalse(older.equals(text) || older.contains("dense_checksum"), text);
        try {
            Files.writeString(manifest, older);
            Path found = folder.resolve(kind + "-found.npy");
            result = logits(kind, found);
            assertEquals(0, result.status(), result.err());
            assertArrayEquals(Files.readAllBytes(expected), Files.readAllBytes(found));
        } finally {
            Files.writeString(manifest, text);
        }
    }

    @Test
    void aChecksumThatIsNoneIsRefused() throws IOException {
        Path manifest = folder.resolve("gguf").resolve("store.json");
        String text = Files.readString(manifest);
        Path out = folder.resolve("none.npy");
        try {
            Files.writeString(manifest, text.replaceFirst("(\"crc32c\" : \")[0-9a-f]", "$1x"));
            assertRefused(
                    logits("gguf", out),
                    out,
                    "DIR/gguf/store.json: key 'crc32c' is 'x[0-9a-f]{7}', expected 8 hexadecimal digits; the store is"
                            + " damaged, pack the model again");
        } finally {
            Files.writeString(manifest, text);
        }
    }
}
