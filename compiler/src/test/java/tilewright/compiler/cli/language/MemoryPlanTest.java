package tilewright.compiler.cli.language;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Which budgets are refused, with OLMoE-1B-7B's sizes in Q4_0: 18 bytes for 32 weights. */
class MemoryPlanTest {
    private static final long MEBI = 1 << 20;
    /** 16 layers of 8 experts for a token, of 3 matrices of 2048 by 1024. */
    private static final long TOKEN = 16 * 8 * 3 * 2048L * 1024 * 18 / 32;
    /** As much for two layers' experts. */
    private static final long LEAST = TOKEN / 8;

    private static final long DENSE = 264 * MEBI;
    private static final Path MODEL = Path.of("olmoe.gguf");

    /** Holding so much, with 8 MiB of keys and values and 32 MiB to grow. */
    private static MemoryPlan holding(long held) {
        return new MemoryPlan(held, 8 * MEBI, 32 * MEBI, 64, 1, 1);
    }

    @Test
    void weightsThatEveryTokenNeedsAndOneTokensExpertsAreEnough() {
        assertEquals(432 * MEBI, TOKEN);
        assertDoesNotThrow(() -> holding(DENSE + 100 * MEBI).require(MODEL, 696 * MEBI, DENSE, LEAST, TOKEN));
    }

    @Test
    void lessThanOneTokensExpertsIsRefusedThoughItWouldRun() {
        BudgetException refused = assertThrows(
                BudgetException.class,
                () -> holding(DENSE + 100 * MEBI).require(MODEL, 694 * MEBI, DENSE, LEAST, TOKEN));
        assertEquals(
                "olmoe.gguf: --memory is 694 MiB, the smallest budget that works is 696 MiB: 264 MiB of weights that"
                        + " every token needs and 432 MiB of the experts that one token needs",
                refused.getMessage());
    }

    @Test
    void aBudgetInWhichNothingCouldRunIsRefusedWithWhatIsNeeded() {
        long held = DENSE + 500 * MEBI;
        BudgetException refused = assertThrows(
                BudgetException.class, () -> holding(held).require(MODEL, 800 * MEBI, DENSE, LEAST, TOKEN));
        assertEquals(
                "olmoe.gguf: --memory is 800 MiB, the smallest budget that works is 874 MiB: 264 MiB of weights that"
                        + " every token needs, 8 MiB of keys and values for 64 tokens, 548 MiB of heap and code, and"
                        + " 54 MiB through which experts can be read",
                refused.getMessage());
        assertDoesNotThrow(() -> holding(held).require(MODEL, 858 * MEBI, DENSE, LEAST, TOKEN));
    }

    @Test
    void theSmallestBudgetThatWasNamedWorksThoughALaterProcessHoldsSomeMebibytesMore() {
        BudgetException refused = assertThrows(
                BudgetException.class,
                () -> holding(DENSE + 500 * MEBI).require(MODEL, 800 * MEBI, DENSE, LEAST, TOKEN));
        Matcher named = Pattern.compile("works is (\\d+) MiB").matcher(refused.getMessage());
        assertTrue(named.find(), refused.getMessage());
        long least = Long.parseLong(named.group(1)) * MEBI;
        assertDoesNotThrow(() -> holding(DENSE + 512 * MEBI).require(MODEL, least, DENSE, LEAST, TOKEN));
    }

    @Test
    void aBudgetOfLessThanAMebibyteIsNamedInBytes() {
        BudgetException refused =
                assertThrows(BudgetException.class, () -> holding(DENSE).require(MODEL, 100, DENSE, LEAST, TOKEN));
        assertTrue(refused.getMessage().startsWith("olmoe.gguf: --memory is 100 bytes, "), refused.getMessage());
    }
}
