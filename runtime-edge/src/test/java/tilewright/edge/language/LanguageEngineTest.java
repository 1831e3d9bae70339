package tilewright.edge.language;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.edge.Tensor;
import tilewright.model.graph.Graph;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.Node;

/** Whole models on the engine: sequences, caches, limits. */
class LanguageEngineTest {
    private static int[] ids(long seed, int count) {
        return new Random(seed).ints(count, 0, TinyDecoder.VOCABULARY).toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 20, 64})
    void aModelAgreesWithTheInterpreterHoweverItsTokensAreCut(int window) {
        TestGraph.assertEveryWayAgrees(TinyDecoder.graph(1, window), ids(2, 150), ids(3, 40), 1e-5, false);
    }

    @ParameterizedTest
    @CsvSource({"F16, 3e-3", "Q8, 3e-2"})
    void smallerCachesCostOnlyTheirRounding(CacheFormat format, double tolerance) {
        Graph graph = TinyDecoder.graph(1, 0);
        int[] ids = ids(2, 100);
        double[][] expected = TestGraph.expected(graph, ids);
        try (LanguageEngine engine =
                LanguageEngine.load(graph, TestGraph.exact().withCacheFormat(format))) {
            float[][] whole = TestGraph.run(engine, engine.newSequence(), ids, 100);
            TestGraph.assertAgrees(expected, whole, tolerance, format.toString());
            TestGraph.assertAgrees(
                    expected, TestGraph.run(engine, engine.newSequence(), ids, 3, 1), tolerance, "chunks");
        }
    }

    @Test
    void aForkGoesOnFromTheSamePastAndLeavesTheOriginalAlone() {
        Graph graph = TinyDecoder.graph(4, 40);
        int[] past = ids(5, 50);
        int[] left = ids(6, 30);
        int[] right = ids(7, 30);
        try (LanguageEngine engine = LanguageEngine.load(graph, TestGraph.exact())) {
            Sequence one = engine.newSequence();
            engine.step(Chunk.last(one, past));
            Sequence two = one.fork();
            float[][] first = TestGraph.run(engine, one, left, 7);
            float[][] second = TestGraph.run(engine, two, right, 4);
            TestGraph.assertAgrees(tail(graph, past, left), first, 1e-5, "original");
            TestGraph.assertAgrees(tail(graph, past, right), second, 1e-5, "fork");
            one.close();
            two.close();
            assertEquals(0, engine.cacheBytes());
        }
    }

    private static double[][] tail(Graph graph, int[] past, int[] next) {
        int[] all = Arrays.copyOf(past, past.length + next.length);
        System.arraycopy(next, 0, all, past.length, next.length);
        return Arrays.copyOfRange(TestGraph.expected(graph, all), past.length, all.length);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStepLeftBeforeAnyNodeIsFinishedToTheSameLogits(boolean shared) {
        Graph graph = shared ? TinyDecoder.withSharedExperts(4) : TinyDecoder.graph(4, 40);
        int[] one = ids(5, 50);
        int[] other = ids(6, 30);
        try (LanguageEngine engine = LanguageEngine.load(graph, TestGraph.exact())) {
            List<Chunk> whole = chunks(engine, one, other);
            float[] expected = logits(engine.step(whole));
            whole.forEach(chunk -> chunk.sequence().close());
            StepMark before = null;
            int marks = 0;
            for (Node node : graph.nodes()) {
                // Computed together with the router before it.
                StepMark from = node.name().endsWith(".shared") ? null : before;
                StepMark mark = engine.mark(chunks(engine, one, other), from, node.name());
                assertArrayEquals(expected, logits(engine.finish(chunks(engine, one, other), mark)), node.name());
                // Once more, and from a mark that began at an earlier one.
                assertArrayEquals(expected, logits(engine.finish(chunks(engine, one, other), mark)), node.name());
                before = marks++ % 3 == 0 ? mark : before;
            }
            assertEquals(0, engine.cacheBytes());
            StepMark last = before;
            assertEquals(
                    "7 rows of a step that is left, expected 80 of new sequences",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> engine.finish(List.of(Chunk.all(engine.newSequence(), ids(5, 7))), last))
                            .getMessage());
            assertEquals(
                    "node 'block0.norm' is computed before the place at which the step was left",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> engine.mark(chunks(engine, one, other), last, "block0.norm"))
                            .getMessage());
            assertEquals(
                    "the decoder has no node 'nobody' at which a step can be left",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> engine.mark(chunks(engine, one, other), null, "nobody"))
                            .getMessage());
        }
    }

    private static List<Chunk> chunks(LanguageEngine engine, int[]... texts) {
        return Arrays.stream(texts)
                .map(ids -> Chunk.all(engine.newSequence(), ids))
                .toList();
    }

    private static float[] logits(Logits found) {
        return Arrays.copyOf(found.data(), found.at(found.rows()));
    }

    @Test
    void aTruncatedSequenceGoesOnAsIfTheRestHadNotBeen() {
        Graph graph = TinyDecoder.graph(4, 0);
        int[] past = ids(5, 70);
        int[] next = ids(6, 20);
        try (LanguageEngine engine = LanguageEngine.load(graph, TestGraph.exact())) {
            Sequence sequence = engine.newSequence();
            engine.step(Chunk.last(sequence, past));
            sequence.truncate(33);
            assertEquals(33, sequence.position());
            TestGraph.assertAgrees(
                    tail(graph, Arrays.copyOf(past, 33), next),
                    TestGraph.run(engine, sequence, next, 20),
                    1e-5,
                    "truncated");
            sequence.truncate(0);
            TestGraph.assertAgrees(
                    TestGraph.expected(graph, next), TestGraph.run(engine, sequence, next, 9), 1e-5, "from the begin");
        }
    }

    @Test
    void slidingWindowsGivePagesBackAndRefuseToGoBackBehindThem() {
        try (LanguageEngine engine = LanguageEngine.load(TinyDecoder.graph(4, 10), TestGraph.exact())) {
            Sequence sequence = engine.newSequence();
            for (int i = 0; i < 30; i++) {
                engine.step(Chunk.last(sequence, ids(i, 10)));
            }
            // The first block keeps 300 tokens in 10 pages, the second 10 of them in the last one or two.
            long pages = sequence.cacheBytes() / pageBytes();
            assertTrue(pages >= 11 && pages <= 12, pages + " pages");
            assertMessage(
                    IllegalStateException.class,
                    "a sliding window has dropped keys before position 288, which going back to token 40 would need; fork"
                            + " the sequence there, or begin again from 0",
                    () -> sequence.truncate(40));
        }
    }

    private static long pageBytes() {
        return new PageShape(2, 8, 8, 32, CacheFormat.F32).bytes();
    }

    @Test
    void aFullPoolIsRefusedAndRoomComesBackWithAClosedSequence() {
        EngineOptions options = TestGraph.exact().withCacheBytes(5 * pageBytes());
        try (LanguageEngine engine = LanguageEngine.load(TinyDecoder.graph(4, 0), options)) {
            Sequence one = engine.newSequence();
            engine.step(Chunk.last(one, ids(1, 64)));
            Sequence two = engine.newSequence();
            assertMessage(
                    CacheFullException.class,
                    "the caches hold " + 5 * pageBytes() + " of at most " + 5 * pageBytes() + " bytes and need "
                            + pageBytes() + " more; close sequences, keep the cache in f16 or q8, or raise the limit",
                    () -> engine.step(Chunk.last(two, ids(2, 10))));
            one.close();
            engine.step(Chunk.last(two, ids(2, 10)));
            assertEquals(10, two.position());
        }
    }

    @Test
    void keptValuesHaveARowForEveryTokenOfAStep() {
        EngineOptions options =
                TestGraph.exact().withPrefillTokens(8).withKeep(List.of("block0.router.ids", "block1", "norm"));
        try (LanguageEngine engine = LanguageEngine.load(TinyDecoder.graph(4, 0), options)) {
            Logits logits = engine.step(Chunk.last(engine.newSequence(), ids(1, 20)));
            assertEquals(1, logits.rows());
            Tensor routed = engine.kept("block0.router.ids");
            assertArrayEquals(new int[] {20, 2}, routed.dims());
            for (float id : routed.data()) {
                assertTrue(id >= 0 && id < 6 && id == Math.rint(id));
            }
            assertArrayEquals(new int[] {20, 24}, engine.kept("norm").dims());
            assertMessage(
                    IllegalArgumentException.class,
                    "value 'block0' is not kept; the options keep [block0.router.ids, block1, norm]",
                    () -> engine.kept("block0"));
        }
    }

    @Test
    void whatCannotBeRunIsRefusedBeforeAnythingIsComputed() {
        try (LanguageEngine engine = LanguageEngine.load(
                        TinyDecoder.graph(4, 0), TestGraph.exact().withContextLimit(12));
                LanguageEngine other = LanguageEngine.load(TinyDecoder.graph(4, 0), TestGraph.exact())) {
            Sequence sequence = engine.newSequence();
            engine.step(Chunk.last(sequence, ids(1, 10)));
            assertMessage(
                    IllegalArgumentException.class,
                    "a sequence of 10 tokens and 3 more pass the context limit of 12",
                    () -> engine.step(Chunk.last(sequence, 1, 2, 3)));
            assertMessage(
                    IllegalArgumentException.class,
                    "id 50 is not in the vocabulary, expected 0 to 49",
                    () -> engine.step(Chunk.last(sequence, 50)));
            assertMessage(
                    IllegalArgumentException.class,
                    "chunks 0 and 1 have the same sequence, expected one chunk for each",
                    () -> engine.step(Chunk.last(sequence, 1), Chunk.last(sequence, 2)));
            assertMessage(
                    IllegalArgumentException.class,
                    "chunk 0 has a sequence of another engine",
                    () -> other.step(Chunk.last(sequence, 1)));
            assertMessage(
                    IllegalStateException.class,
                    "the model has no encoder, expected no ids for one",
                    () -> engine.newSequence(new int[] {1}));
            assertMessage(
                    IllegalArgumentException.class,
                    "cannot keep 11 tokens of a sequence of 10, expected 0 to 10",
                    () -> sequence.truncate(11));
            assertEquals(10, sequence.position());
            sequence.close();
            assertMessage(
                    IllegalStateException.class, "the sequence is closed", () -> engine.step(Chunk.last(sequence, 1)));
        }
        assertMessage(
                InvalidGraphException.class,
                "graph 'test' has no value 'block7' to keep",
                () -> LanguageEngine.load(
                        TinyDecoder.graph(4, 0), TestGraph.exact().withKeep(List.of("block7"))));
    }

    private static void assertMessage(Class<? extends Throwable> type, String message, Executable action) {
        assertEquals(message, assertThrows(type, action).getMessage());
    }
}
