package tilewright.edge.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Checksums put together from pieces beside those of the JDK over the whole. */
class PieceChecksumsTest {
    private static int whole(byte[] bytes, int from, int to) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, from, to - from);
        return (int) sum.getValue();
    }

    @Test
    void piecesInAnyOrderAndWhatIsMissingGiveTheChecksumOfTheWhole() {
        long seed = 20261123;
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            byte[] bytes = new byte[1 + random.nextInt(20_000)];
            random.nextBytes(bytes);
            List<Integer> cuts = new ArrayList<>(List.of(0, bytes.length));
            for (int i = random.nextInt(6); i > 0; i--) {
                cuts.add(random.nextInt(bytes.length));
            }
            Collections.sort(cuts);
            List<int[]> pieces = new ArrayList<>();
            for (int i = 1; i < cuts.size(); i++) {
                if (random.nextInt(4) > 0) {
                    pieces.add(new int[] {cuts.get(i - 1), cuts.get(i)});
                }
            }
            Collections.shuffle(pieces, random);
            PieceChecksums sums = new PieceChecksums(MemorySegment.ofArray(bytes));
            for (int[] piece : pieces) {
                sums.add(piece[0], piece[1] - piece[0]);
            }
            String message = "seed " + seed + ", round " + round;
            assertEquals(whole(bytes, 0, bytes.length), sums.between(0, bytes.length), message);
            int from = cuts.get(random.nextInt(cuts.size() - 1));
            assertEquals(whole(bytes, from, bytes.length), sums.between(from, bytes.length), message);
        }
    }
}
