package tilewright.edge.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.graph.Add;
import tilewright.model.graph.AttentionSettings;
import tilewright.model.graph.Embed;
import tilewright.model.graph.Graph;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.Linear;
import tilewright.model.graph.MaskedAttention;
import tilewright.model.graph.RelativeBias;
import tilewright.model.graph.RmsNorm;

/** Models whose decoder reads an encoder's values. */
class EncoderDecoderTest {
    private static final int HIDDEN = 12;
    private static final int VOCABULARY = 20;

    private static Graph graph() {
        TestGraph g = new TestGraph(9, VOCABULARY);
        g.encoder();
        String table = g.weight("table", 1, VOCABULARY, HIDDEN);
        String source = g.graph.add("encoder.embed", new Embed(), "encoder_ids", table);
        AttentionSettings both =
                AttentionSettings.full(2, 2, 6, 6, 0.4).withRelativeBias(new RelativeBias(8, 16, true));
        source = attention(g, "encoder.self", both, source, source);
        source = g.add("encoder.norm", new RmsNorm(1e-6), source);
        String x = g.graph.add("embed", new Embed(), "ids", table);
        AttentionSettings past =
                AttentionSettings.causal(2, 2, 6, 6, 0.4).withRelativeBias(new RelativeBias(8, 16, false));
        x = attention(g, "self", past, x, x);
        x = attention(g, "cross", AttentionSettings.full(2, 2, 6, 6, 0.4), x, source);
        return g.build(g.add("logits", new Linear(), x, g.matrix("head", VOCABULARY, HIDDEN)));
    }

    private static String attention(TestGraph g, String name, AttentionSettings settings, String x, String read) {
        String q = g.add(name + ".q", new Linear(), x, g.matrix(name + ".wq", 12, HIDDEN));
        String k = g.add(name + ".k", new Linear(), read, g.matrix(name + ".wk", 12, HIDDEN));
        String v = g.add(name + ".v", new Linear(), read, g.matrix(name + ".wv", 12, HIDDEN));
        String mixed = settings.relativeBias() == null
                ? g.add(name + ".attention", new MaskedAttention(settings), q, k, v)
                : g.add(name + ".attention", new MaskedAttention(settings), q, k, v, g.weight(name + ".bias", 1, 8, 2));
        String out = g.add(name + ".o", new Linear(), mixed, g.matrix(name + ".wo", HIDDEN, 12));
        return g.add(name + ".sum", new Add(), x, out);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 17, 90})
    void theDecoderReadsTheEncodersKeysAndValuesOfItsOwnSequence(int source) {
        TestGraph ids = new TestGraph(source, VOCABULARY);
        TestGraph.assertEveryWayAgrees(graph(), ids.ids(40), ids.ids(11), 1e-5, false, ids.ids(source));
    }

    @Test
    void forksAndResetsKeepTheEncodersValues() {
        TestGraph random = new TestGraph(3, VOCABULARY);
        int[] source = random.ids(33);
        int[] ids = random.ids(10);
        Graph graph = graph();
        try (LanguageEngine engine = LanguageEngine.load(graph, TestGraph.exact())) {
            double[][] expected = TestGraph.expected(graph, ids, source);
            Sequence sequence = engine.newSequence(source);
            TestGraph.assertAgrees(expected, TestGraph.run(engine, sequence, ids, 4), 1e-5, "first");
            sequence.truncate(0);
            Sequence fork = sequence.fork();
            TestGraph.assertAgrees(expected, TestGraph.run(engine, sequence, ids, 10), 1e-5, "again");
            sequence.close();
            TestGraph.assertAgrees(expected, TestGraph.run(engine, fork, ids, 1), 1e-5, "fork");
            fork.close();
            assertEquals(0, engine.cacheBytes());
        }
    }

    @Test
    void encoderIdsAreNeededAndADecoderCannotLookAhead() {
        try (LanguageEngine engine = LanguageEngine.load(graph(), TestGraph.exact())) {
            assertEquals(
                    "the model has an encoder, expected ids for it",
                    assertThrows(IllegalStateException.class, engine::newSequence)
                            .getMessage());
            assertEquals(
                    "the encoder gets no ids, expected at least one",
                    assertThrows(IllegalArgumentException.class, () -> engine.newSequence(new int[0]))
                            .getMessage());
        }
        TestGraph g = new TestGraph(1, 10);
        List<String> x = g.values(4, 4, 4);
        String out =
                g.add("look", new MaskedAttention(AttentionSettings.full(1, 1, 4, 4, 1)), x.get(0), x.get(1), x.get(2));
        Graph ahead = g.build(out);
        assertEquals(
                "node 'look': masked_attention sees tokens after its own, which have not come yet; expected causal attention"
                        + " in a decoder",
                assertThrows(InvalidGraphException.class, () -> LanguageEngine.load(ahead, TestGraph.exact()))
                        .getMessage());
    }
}
