package tilewright.edge.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.edge.expert.StorageRate;
import tilewright.edge.matrix.WeightMemory;
import tilewright.model.InvalidInputException;

class StorageProbeTest {
    @TempDir
    Path folder;

    @Test
    void readsAFileOfOneReadAtAnyNumberOfLanes() throws IOException {
        Path file = Files.write(folder.resolve("one"), new byte[8192]);
        try (StorageProbe probe = StorageProbe.of(file, 8192)) {
            for (int lanes : new int[] {1, 2, 8}) {
                assertTrue(probe.measure(lanes, 0.002) > 0);
            }
        }
    }

    @Test
    void readsAllOverTheMemoryThatItIsGiven() throws IOException {
        byte[] ones = new byte[1 << 16];
        Arrays.fill(ones, (byte) 1);
        Path file = Files.write(folder.resolve("ones"), ones);
        MemorySegment memory = WeightMemory.pages(8 * 4096);
        try (StorageProbe probe = StorageProbe.of(file, 4096, memory)) {
            probe.measure(2, 0.05);
        }
        for (long at = 0; at < memory.byteSize(); at += 4096) {
            assertEquals(1, memory.get(ValueLayout.JAVA_BYTE, at), "page " + at / 4096);
        }
    }

    @Test
    void readsBesideAThreadThatReadsMemory() throws IOException {
        Path file = Files.write(folder.resolve("beside"), new byte[8192]);
        try (StorageProbe probe = StorageProbe.of(file, 4096)) {
            StorageRate rate = probe.measure(2, 0.002, MemorySegment.ofArray(new long[1 << 17]));
            assertTrue(rate.atRest() > 0);
            assertTrue(rate.besideComputing() > 0);
            // Less than a load reads at a time lies in a cache, and so costs storage nothing.
            StorageRate small = probe.measure(2, 0.002, MemorySegment.ofArray(new long[10]));
            assertEquals(small.atRest(), small.besideComputing());
        }
    }

    @Test
    void aFileThatShrinksWhileItIsReadIsNamed() throws IOException {
        Path file = Files.write(folder.resolve("shrinks"), new byte[1 << 16]);
        try (StorageProbe probe = StorageProbe.of(file, 4096)) {
            Files.write(file, new byte[0]);
            IOException error = assertThrows(IOException.class, () -> probe.measure(1, 0.01));
            assertTrue(error.getMessage().startsWith(file + " ended at byte "), error.getMessage());
        }
    }

    @Test
    void whatCannotBeReadIsRefused() throws IOException {
        Path small = Files.write(folder.resolve("small"), new byte[100]);
        assertEquals(
                small + " has 100 bytes, expected at least one read of 4096",
                assertThrows(IllegalArgumentException.class, () -> StorageProbe.of(small, 4096))
                        .getMessage());
        assertEquals(
                "reads of 5000 bytes, expected a multiple of 4096",
                assertThrows(IllegalArgumentException.class, () -> StorageProbe.of(small, 5000))
                        .getMessage());
        assertThrows(InvalidInputException.class, () -> StorageProbe.of(folder.resolve("absent"), 4096));
    }
}
