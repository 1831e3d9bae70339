package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.InvalidInputException;

/** Replayed choices of experts. */
class RoutingTraceTest {
    private static final String HEAD = "# route_trace v1\nturn,phase,step,layer,slot,expert,weight\n";

    @TempDir
    private Path folder;

    private RoutingTrace trace(String lines) throws IOException {
        Path file = folder.resolve("a.route.csv");
        Files.writeString(file, HEAD + lines);
        return RoutingTrace.read(file);
    }

    private static int[] route(RoutingTrace trace, long token, int layer, int layers, int experts, int count) {
        int[] ids = new int[count];
        trace.route(token, layer, layers, experts, ids, 0, count);
        return ids;
    }

    @Test
    void layersAndExpertsAreMappedOntoTheModels() throws IOException {
        RoutingTrace trace = trace("""
                0,0,0,0,0,5,0.6
                0,0,0,0,1,9,0.4
                0,0,0,1,0,13,0.5
                0,0,0,1,1,2,0.5
                0,1,1,0,0,1,1
                0,1,1,0,1,0,0
                0,1,1,1,0,7,1
                0,1,1,1,1,6,0
                0,1,2,0,0,3,1
                """);
        assertEquals(2, trace.tokens(), "the third token did not go through all layers");
        assertArrayEquals(new int[] {5, 9}, route(trace, 0, 0, 2, 16, 2));
        assertArrayEquals(new int[] {13, 2}, route(trace, 0, 1, 2, 16, 2));
        assertArrayEquals(new int[] {1, 0}, route(trace, 3, 0, 2, 16, 2), "after the last token the first follows");
        assertArrayEquals(new int[] {1, 2}, route(trace, 0, 0, 2, 4, 2), "5 and 9 are both 1 of 4, 13 too");
        assertArrayEquals(new int[] {1, 2, 0, 3}, route(trace, 0, 0, 1, 4, 4), "what is missing is filled up");
        assertArrayEquals(new int[] {13}, route(trace, 0, 3, 4, 16, 1), "the last of four layers is the last of two");
    }

    @Test
    void drawnGuessesHaveTheirRecall() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int token = 0; token < 500; token++) {
            for (int slot = 0; slot < 8; slot++) {
                lines.append("0,1," + token + ",0," + slot + "," + (token + 7 * slot) % 64 + ",0\n");
            }
        }
        RoutingTrace trace = trace(lines.toString()).withRecall(0.8);
        int right = 0;
        for (int token = 0; token < 500; token++) {
            int[] truth = route(trace, token, 0, 1, 64, 8);
            int[] guess = new int[8];
            trace.guess(token, 0, 1, 64, guess, 0, 8);
            assertEquals(8, Arrays.stream(guess).distinct().count());
            right += (int) Arrays.stream(guess)
                    .filter(id -> Arrays.stream(truth).anyMatch(each -> each == id))
                    .count();
        }
        assertEquals(0.8, right / 4000.0, 0.03);
        assertTrue(!trace.withRecall(0).guesses());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "0,0,0,0,0|line 3 is '0,0,0,0,0', expected turn,phase,step,layer,slot,expert",
                "0,0,0,0,0,-1,0|line 3 is '0,0,0,0,0,-1,0', expected turn,phase,step,layer,slot,expert",
                "0,0,0,2,0,1,0|line 3 is of layer 2, expected each token's layers in their order",
                "# nothing|holds no token"
            })
    void damagedTracesAreRefusedWithTheirPlace(String line, String message) {
        InvalidInputException e = assertThrows(InvalidInputException.class, () -> trace(line + "\n"));
        assertEquals(folder.resolve("a.route.csv") + ": " + message, e.getMessage());
    }
}
