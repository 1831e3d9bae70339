package tilewright.edge.language;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tilewright.edge.expert.ProcessMemory;

/** Pages of caches: how they are counted, shared, used again and given back. */
class CachePoolTest {
    private static final PageShape SMALL = new PageShape(2, 8, 8, 32, CacheFormat.F16);
    /** 2 heads of keys and values of 8, the latter padded to whole panels, for 32 positions, 2 bytes each. */
    private static final long SMALL_BYTES = 2 * 32 * (8 + SMALL.paddedValueWidth()) * 2;

    private static AttentionCache filled(CachePool pool, int tokens) {
        AttentionCache cache = new AttentionCache(pool, SMALL);
        cache.reserve(tokens);
        float[] ones = new float[16 * tokens];
        Arrays.fill(ones, 1);
        for (int head = 0; head < 2; head++) {
            cache.write(head, tokens, ones, 8 * head, 16, ones, 8 * head, 16);
        }
        cache.advance(tokens);
        return cache;
    }

    @Test
    void pagesComeAsASequenceGrowsAndAreUsedAgainWhenItEnds() {
        try (CachePool pool = new CachePool(Long.MAX_VALUE)) {
            AttentionCache first = filled(pool, 33);
            assertEquals(2 * SMALL_BYTES, pool.usedBytes());
            Page page = first.page(1);
            first.truncate(0);
            assertEquals(0, pool.usedBytes());
            assertEquals(2 * SMALL_BYTES, pool.memoryBytes());
            AttentionCache second = filled(pool, 1);
            assertSame(page, second.page(0));
            assertEquals(SMALL_BYTES, pool.usedBytes());
            assertEquals(2 * SMALL_BYTES, pool.memoryBytes());
            // What the first sequence wrote is gone: the second position holds zeros.
            float[] keys =
                    second.page(0).openKeys(0, new float[SMALL.keyElements()]).toArray(ValueLayout.JAVA_FLOAT);
            assertEquals(1, keys[SMALL.keyAt(0)]);
            assertEquals(0, keys[SMALL.keyAt(1)]);
        }
    }

    @Test
    void unusedPagesGoBackToTheSystemWhenOthersNeedTheRoom() {
        PageShape large = new PageShape(2, 8, 8, 64, CacheFormat.F16);
        assertEquals(2 * SMALL_BYTES, large.bytes());
        try (CachePool pool = new CachePool(3 * SMALL_BYTES)) {
            filled(pool, 64).truncate(0);
            Page taken = pool.take(large);
            assertEquals(2 * SMALL_BYTES, pool.memoryBytes());
            assertThrows(CacheFullException.class, () -> pool.take(large));
            pool.give(taken);
            pool.take(large);
            assertEquals(2 * SMALL_BYTES, pool.memoryBytes());
        }
    }

    @Test
    void aPoolThatClosesFreesEveryPageAndCachesCanStillBeClosed() {
        CachePool pool = new CachePool(Long.MAX_VALUE);
        AttentionCache used = filled(pool, 40);
        filled(pool, 10).truncate(0);
        Page page = used.page(0);
        pool.close();
        assertEquals(0, pool.memoryBytes());
        assertThrows(IllegalStateException.class, page::clear);
        used.truncate(0);
        assertEquals(0, pool.usedBytes());
    }

    @Test
    void endedSequencesLeaveTheirPagesToTheNext() {
        Random random = new Random(1);
        try (LanguageEngine engine = LanguageEngine.load(TinyDecoder.graph(4, 0), TestGraph.exact())) {
            long most = 0;
            for (int i = 0; i < 20; i++) {
                try (Sequence sequence = engine.newSequence()) {
                    engine.step(Chunk.last(
                            sequence,
                            random.ints(1 + random.nextInt(100), 0, TinyDecoder.VOCABULARY)
                                    .toArray()));
                    most = Math.max(most, engine.cacheBytes());
                }
                assertEquals(0, engine.cacheBytes());
                assertEquals(most, engine.cacheMemoryBytes());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 100", "10, 7", "64, 40", "1, 32"})
    void aSequenceNeedsNoMoreMemoryThanIsForetold(int window, int step) {
        int tokens = 200;
        try (LanguageEngine engine = LanguageEngine.load(TinyDecoder.graph(4, window), TestGraph.exact())) {
            long foretold = engine.sequenceBytes(tokens, step);
            // One block keeps all 200 tokens in pages of 32 tokens; the other, without a window, too.
            long page = new PageShape(2, 8, 8, 32, CacheFormat.F32).bytes();
            if (window == 0) {
                assertEquals(2 * 7 * page, foretold);
            } else {
                assertTrue(foretold >= 8 * page && foretold <= (7 + 6) * page, foretold + " bytes");
            }
            engine.limit(tokens, 512, foretold);
            try (Sequence sequence = engine.newSequence()) {
                for (int done = 0; done < tokens; done += step) {
                    engine.step(Chunk.last(sequence, new int[Math.min(step, tokens - done)]));
                }
                assertEquals(tokens, sequence.position());
                assertTrue(engine.cacheMemoryBytes() <= foretold);
                assertThrows(IllegalArgumentException.class, () -> engine.step(Chunk.last(sequence, 1)));
            }
        }
    }

    @Test
    void aLowerLimitHoldsFromThenOn() {
        try (LanguageEngine engine = LanguageEngine.load(TinyDecoder.graph(4, 0), TestGraph.exact());
                Sequence sequence = engine.newSequence()) {
            engine.step(Chunk.last(sequence, new int[30]));
            engine.limit(300, 16, engine.sequenceBytes(64, 16));
            engine.step(Chunk.last(sequence, new int[34]));
            assertThrows(CacheFullException.class, () -> engine.step(Chunk.last(sequence, 1)));
            assertEquals(64, sequence.position());
        }
    }

    @ParameterizedTest
    @EnumSource(CacheFormat.class)
    void aCopiedPageHoldsWhatTheFirstOneHeld(CacheFormat format) {
        PageShape shape = new PageShape(3, 40, 24, 32, format);
        float[] x = new float[4 * 64];
        for (int i = 0; i < x.length; i++) {
            x[i] = i - 100;
        }
        try (CachePool pool = new CachePool(Long.MAX_VALUE)) {
            Page one = pool.take(shape);
            one.writeKeys(2, 5, 4, x, 0, 64);
            one.writeValues(1, 7, 4, x, 3, 64);
            Page two = pool.take(shape);
            two.copy(one);
            int elements = Math.max(shape.keyElements(), shape.valueElements());
            for (int head = 0; head < 3; head++) {
                float[] of = new float[elements];
                float[] expected = new float[elements];
                copy(one.openKeys(head, expected), expected);
                copy(two.openKeys(head, of), of);
                assertArrayEquals(expected, of);
                copy(one.openValues(head, expected), expected);
                copy(two.openValues(head, of), of);
                assertArrayEquals(expected, of);
            }
            float[] keys = new float[elements];
            copy(one.openKeys(2, keys), keys);
            // Half of a step, where the largest number of a group is 131 and becomes 127 steps.
            float tolerance = format == CacheFormat.Q8 ? 0.501f * 131 / 127 : 0;
            for (int token = 0; token < 4; token++) {
                for (int column = 0; column < 40; column++) {
                    float found = keys[shape.keyAt(5 + token) + column * tilewright.edge.vector.MatrixProduct.PANEL];
                    assertEquals(x[token * 64 + column], found, tolerance);
                }
            }
        }
    }

    private static void copy(MemorySegment from, float[] to) {
        long bytes = Math.min(from.byteSize(), 4L * to.length);
        MemorySegment.ofArray(to).asSlice(0, bytes).copyFrom(from.asSlice(0, bytes));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void pagesThatNothingWasWrittenToTakeNoMemory() {
        PageShape large = new PageShape(16, 128, 128, 1024, CacheFormat.F32);
        assertEquals(16L << 20, large.bytes());
        try (CachePool pool = new CachePool(Long.MAX_VALUE)) {
            long before = ProcessMemory.residentBytes();
            for (int i = 0; i < 64; i++) {
                pool.take(large);
            }
            long grown = ProcessMemory.residentBytes() - before;
            assertTrue(grown < 512L << 20, grown + " bytes of 1 GiB are resident");
        }
    }
}
