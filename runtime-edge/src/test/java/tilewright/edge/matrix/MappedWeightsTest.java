package tilewright.edge.matrix;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/** Weights of a mapped file are not in memory twice. */
class MappedWeightsTest {
    private static final int ROWS = 2048;
    private static final int WIDTH = 1024;

    @TempDir
    private Path folder;

    @Test
    void packingGivesTheFilesPagesBack() throws IOException {
        Path smaps = Path.of("/proc/self/smaps");
        assumeTrue(Files.isReadable(smaps), "there is no " + smaps + " here to see resident pages in");
        Path file = folder.resolve("weights");
        Files.write(file, new byte[ROWS * WIDTH * Float.BYTES]);
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file)) {
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            bytes.load();
            assertTrue(residentKilobytes(smaps, bytes.address()) >= ROWS * WIDTH * Float.BYTES / 1024);
            MatrixWeights weights = MatrixWeights.of("w", List.of(new EncodedMatrix(DType.F32, ROWS, WIDTH, bytes)));
            weights.pack();
            long left = residentKilobytes(smaps, bytes.address());
            assertTrue(left <= 64, left + " KiB of the file are still resident");
        }
    }

    /** The resident part of the mapping that begins at this address. */
    private static long residentKilobytes(Path smaps, long address) throws IOException {
        String begin = String.format("%x-", address);
        boolean found = false;
        for (String line : Files.readAllLines(smaps)) {
            found |= line.startsWith(begin);
            if (found && line.startsWith("Rss:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IllegalStateException("no mapping begins at " + begin);
    }
}
