package tilewright.compiler.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenRowsTest {
    private static RoutedLayer layer(boolean split, boolean scaled, boolean weighted) {
        return new RoutedLayer(null, "r", "x", "ids", "weights", 2, 3, split, scaled, weighted);
    }

    /** Three tokens [10, 11, 12, 13], [20, ...], [30, ...] with two experts each; a third expert is copied through. */
    private static TokenRows rows() {
        return new TokenRows(
                3,
                4,
                2,
                (token, from, count, out, at) -> {
                    for (int i = 0; i < count; i++) {
                        out[at + i] = 10 * (token + 1) + from + i;
                    }
                },
                new float[] {0, 1, 2, 1, 1, 0},
                new float[] {0.5f, 0.25f, 1, 2, 3, 4});
    }

    @Test
    void anExpertGetsTheRowsThatTheRouterSentIt() {
        TokenRows.OfExpert first = rows().of(layer(false, false, true), 0, 9);
        assertEquals(2, first.count());
        assertArrayEquals(new float[] {10, 11, 12, 13, 30, 31, 32, 33}, first.rows());
        assertArrayEquals(new float[] {0.25f, 16}, first.weights());
    }

    @Test
    void rowsAreScaledBeforeTheExpertsWhereTheModelDoesThat() {
        TokenRows.OfExpert first = rows().of(layer(false, true, false), 0, 9);
        assertArrayEquals(new float[] {5, 5.5f, 6, 6.5f, 120, 124, 128, 132}, first.rows());
        assertArrayEquals(new float[] {1, 1}, first.weights());
    }

    @Test
    void eachChoiceGetsItsPartOfASplitRow() {
        TokenRows.OfExpert second = rows().of(layer(true, false, true), 1, 9);
        assertArrayEquals(new float[] {12, 13, 22, 23, 30, 31}, second.rows());
    }

    @Test
    void tooManyRowsAreThinnedEvenly() {
        assertArrayEquals(
                new float[] {30, 31, 32, 33},
                rows().of(layer(false, false, true), 0, 1).rows());
        TokenRows.OfExpert second = rows().of(layer(false, false, true), 1, 2);
        assertArrayEquals(new float[] {20, 21, 22, 23, 30, 31, 32, 33}, second.rows());
        assertArrayEquals(new float[] {4, 9}, second.weights());
    }

    @ParameterizedTest
    @CsvSource({"1000, 1000", "1000, 130", "77, 76", "128, 1"})
    void tokensAreKeptOnceAndEvenlySpread(int all, int kept) {
        State state = new State(Path.of("unused"), new byte[0]);
        TokenRows.Gathering gathering = new TokenRows.Gathering(state, 0, all, kept, 1, 1);
        state.begin();
        for (int first = 0; first < all; first += 50) {
            int count = Math.min(50, all - first);
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = first + i + 1;
            }
            gathering.add(first, 1, count, shifted(values), shifted(values), shifted(values));
        }
        float[] ids = gathering.rows().experts();
        for (int i = 0; i < kept; i++) {
            assertTrue(ids[i] > (double) i * all / kept, "place " + i + " has token " + ids[i]);
            assertTrue(ids[i] < (i + 1.0) * all / kept + 1, "place " + i + " has token " + ids[i]);
        }
    }

    /** The same with a token before it. */
    private static float[] shifted(float[] values) {
        float[] shifted = new float[values.length + 1];
        System.arraycopy(values, 0, shifted, 1, values.length);
        return shifted;
    }

    @ParameterizedTest
    @CsvSource({"512, 128", "512, 200", "10, 3", "7, 7", "9, 1"})
    void windowsOfAPartAreCounted(int all, int part) {
        Windows windows = new Windows(new int[2 * all + 1], 2, all, 1, 3);
        Windows spread = windows.spread(2L * part);
        int step = all / part;
        for (int index = 0, shared = 0; index <= all; index++) {
            assertEquals(shared, windows.shared(spread, index));
            shared += index % step == 0 && index / step < part ? 1 : 0;
        }
    }

    @Test
    void numbersAreKeptAsHalfPrecisionHasThem() {
        assertEquals(0.333251953125f, TokenRows.half(1 / 3f));
        assertEquals(65504f, TokenRows.half(1e9f));
        assertEquals(-65504f, TokenRows.half(-65520f));
    }
}
