package tilewright.edge.language;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tilewright.model.graph.Graph;
import tilewright.model.tokenizer.Tokenizer;

class GeneratorTest {
    private final Graph graph = TinyDecoder.graph(8, 0);
    private final LanguageEngine engine = LanguageEngine.load(graph, TestGraph.exact());
    private final Generator generator = new Generator(engine);
    private final int[] prompt = {3, 1, 4, 1, 5};

    @AfterEach
    void everySequenceIsClosed() {
        assertEquals(0, engine.cacheBytes());
        engine.close();
    }

    /** The greedy continuation by the interpreter, the whole text anew for each token. */
    private int[] greedy(int[] from, int count) {
        int[] ids = from;
        for (int i = 0; i < count; i++) {
            double[] last = TestGraph.expected(graph, ids)[ids.length - 1];
            int best = IntStream.range(0, last.length)
                    .reduce((a, b) -> last[b] > last[a] ? b : a)
                    .getAsInt();
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = best;
        }
        return Arrays.copyOfRange(ids, from.length, ids.length);
    }

    @Test
    void greedyGenerationTakesTheLargestLogitEachTimeUpToTheLength() {
        List<Integer> heard = new ArrayList<>();
        Generation found = generator.generate(GenerationRequest.of(prompt, 12).withListener((id, _) -> heard.add(id)));
        assertArrayEquals(greedy(prompt, 12), found.ids());
        assertEquals(Arrays.stream(found.ids()).boxed().toList(), heard);
        assertEquals(Generation.End.LENGTH, found.end());
        assertEquals("", found.text());
    }

    @Test
    void aSequenceGoesOnWhereItsPromptBeganAndStaysOpen() {
        try (Sequence sequence = engine.newSequence()) {
            engine.step(Chunk.last(sequence, 3, 1));
            assertArrayEquals(
                    greedy(prompt, 6),
                    generator
                            .generate(GenerationRequest.of(prompt, 6), sequence)
                            .ids());
            assertEquals(prompt.length + 5, sequence.position());

            sequence.truncate(4);
            assertArrayEquals(
                    greedy(prompt, 2),
                    generator
                            .generate(GenerationRequest.of(prompt, 2), sequence)
                            .ids());

            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class,
                    () -> generator.generate(GenerationRequest.of(prompt, 2), sequence));
            assertEquals("the sequence has seen 6 tokens, expected fewer than the prompt's 5", refused.getMessage());
        }
    }

    @Test
    void textsGeneratedTogetherAreThoseGeneratedAlone() {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            requests.add(GenerationRequest.of(Arrays.copyOf(prompt, 1 + i), 4 + 3 * i)
                    .withSampling(Sampling.of(0.2 * i, i)));
        }
        List<Generation> together = generator.generate(requests);
        for (int i = 0; i < 5; i++) {
            assertArrayEquals(
                    generator.generate(requests.get(i)).ids(), together.get(i).ids(), "text " + i);
        }
    }

    @Test
    void endIdsStopsCancelAndTheContextLimitEndAText() {
        int[] greedy = greedy(prompt, 12);
        Generation ended = generator.generate(GenerationRequest.of(prompt, 12).withEndIds(Set.of(greedy[4])));
        int first = IntStream.range(0, 12)
                .filter(i -> greedy[i] == greedy[4])
                .findFirst()
                .getAsInt();
        assertArrayEquals(Arrays.copyOf(greedy, first), ended.ids());
        assertEquals(Generation.End.END_ID, ended.end());
        Generation cancelled =
                generator.generate(GenerationRequest.of(prompt, 12).withListener((_, _) -> false));
        assertArrayEquals(Arrays.copyOf(greedy, 1), cancelled.ids());
        assertEquals(Generation.End.CANCELLED, cancelled.end());
        try (LanguageEngine limited =
                LanguageEngine.load(graph, TestGraph.exact().withContextLimit(8))) {
            Generation cut = new Generator(limited).generate(GenerationRequest.of(prompt, 12));
            assertArrayEquals(Arrays.copyOf(greedy, 4), cut.ids());
            assertEquals(Generation.End.LENGTH, cut.end());
        }
    }

    @Test
    void stopStringsThatSpanTokensAreCutOutOfTheText() {
        int[] greedy = greedy(prompt, 12);
        String all = new Words().decode(greedy);
        String stop = all.substring(5, 11);
        List<String> heard = new ArrayList<>();
        Generation found = generator.generate(GenerationRequest.of(prompt, 12)
                .withText(new Words(), List.of(stop, "never"))
                .withListener((_, text) -> heard.add(text)));
        assertEquals(all.substring(0, all.indexOf(stop)), found.text());
        assertEquals(found.text(), String.join("", heard));
        assertEquals(Generation.End.STOP, found.end());
        Generation whole = generator.generate(GenerationRequest.of(prompt, 12)
                .withText(new Words(), List.of(all.charAt(all.length() - 1) + "?")));
        assertEquals(all, whole.text());
        assertTrue(whole.ids().length == 12);
    }

    @Test
    void requestsWithoutMeaningAreRefused() {
        assertEquals(
                "the prompt has no ids, expected at least one; begin with the model's BOS id",
                assertThrows(IllegalArgumentException.class, () -> GenerationRequest.of(new int[0], 1))
                        .getMessage());
        assertEquals(
                "stop strings need a tokenizer, found none",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> GenerationRequest.of(prompt, 1).withText(null, List.of("x")))
                        .getMessage());
        assertEquals(
                "topP is 0.0, expected above 0 to 1",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Sampling.greedy().withLimits(0, 0, 0))
                        .getMessage());
        assertEquals(
                "id 99 is not in the vocabulary, expected 0 to 49",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> generator.generate(GenerationRequest.of(new int[] {99}, 1)))
                        .getMessage());
    }

    /** Every id is a word of its own. */
    private static final class Words implements Tokenizer {
        @Override
        public int vocabularySize() {
            return TinyDecoder.VOCABULARY;
        }

        @Override
        public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String decode(int[] ids, boolean keepSpecial) {
            StringBuilder text = new StringBuilder();
            for (int id : ids) {
                text.append(tokenText(id));
            }
            return text.toString();
        }

        @Override
        public String tokenText(int id) {
            return "w" + id + " ";
        }

        @Override
        public OptionalInt idOf(String tokenText) {
            return OptionalInt.empty();
        }

        @Override
        public OptionalInt bos() {
            return OptionalInt.empty();
        }

        @Override
        public OptionalInt eos() {
            return OptionalInt.empty();
        }

        @Override
        public OptionalInt eot() {
            return OptionalInt.empty();
        }

        @Override
        public int[] endIds() {
            return new int[0];
        }

        @Override
        public boolean isSpecial(int id) {
            return false;
        }
    }
}
