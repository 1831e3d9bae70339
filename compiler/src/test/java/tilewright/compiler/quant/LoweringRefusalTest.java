package tilewright.compiler.quant;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.compiler.CompileException;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.AttentionSettings;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Concat;
import tilewright.model.graph.Dim;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.MaskedAttention;
import tilewright.model.graph.Normalize;
import tilewright.model.graph.RmsNorm;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.Scale;
import tilewright.model.graph.SelectTokens;
import tilewright.model.graph.Split;
import tilewright.model.graph.Type;

/** What the accelerator has no step for is refused: the node, the reason, the way out, in one line. */
class LoweringRefusalTest {
    /**
     * A graph that cannot be lowered.
     *
     * @param output builds the graph and names its output
     * @param node the node to be named, with its operator
     * @param why the reason to be given
     */
    record Case(String what, int bits, Function<Sketch, String> output, String node, String why) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static Case of(String what, Function<Sketch, String> output, String node, String why) {
        return new Case(what, 8, output, node, why);
    }

    private static RouterSettings logistic(boolean renormalise) {
        return new RouterSettings(
                3,
                2,
                RouterSettings.Score.LINEAR,
                RouterSettings.Normalise.SIGMOID,
                RouterSettings.Select.TOP_K,
                renormalise,
                List.of());
    }

    private static final String ADDITION =
            "an addition must take the newest residual value and a linear or MoE layer's result";
    private static final String ROUTER = "the router unit does softmax, over all experts or over the selected ones";
    private static final String OUTPUT = "the output must be all tokens or the result of a linear layer";
    private static final String PARTS = "its operands must be the three parts of one linear layer, in order";

    static Stream<Case> embeddings() {
        return Stream.of(
                of(
                        "normalisation that was not folded",
                        s -> s.patches(
                                "patches",
                                s.graph.add(
                                        "pixel_values", new Normalize(new float[] {1}, new float[] {0}), s.pixels())),
                        "'pixel_values' (normalize)",
                        "it was not folded into the patch embedding"),
                of(
                        "a constant token behind the patches",
                        s -> s.graph.add(
                                "tokens", new Concat(), s.patches("patches", s.pixels()), s.weight("last", 1, 4)),
                        "'tokens' (concat)",
                        "only constant tokens before the patches can be joined"),
                of(
                        "two patch embeddings",
                        s -> {
                            String pixels = s.pixels();
                            return s.graph.add("tokens", new Concat(), s.patches("a", pixels), s.patches("b", pixels));
                        },
                        "'tokens' (concat)",
                        "only constant tokens before the patches can be joined"),
                of(
                        "patches without positions",
                        s -> s.norm("block0.norm1", s.patches("patches", s.pixels())),
                        "'block0.norm1' (layer_norm)",
                        "patches must be embedded, with positions added, before anything reads them"),
                of("patches alone", s -> s.patches("patches", s.pixels()), "'patches' (patch_embed)", OUTPUT));
    }

    static Stream<Case> structure() {
        return Stream.of(
                of(
                        "a layer on the residual stream itself",
                        s -> s.linear("block0.fc1", s.embed(), 4),
                        "'block0.fc1' (linear)",
                        "operand 'embed' is not an activation buffer"),
                of(
                        "a normalisation of a normalised value",
                        s -> s.norm("block0.norm2", s.norm("block0.norm1", s.embed())),
                        "'block0.norm2' (layer_norm)",
                        "it must read the newest value of the residual stream, 'embed'"),
                of(
                        "a normalisation of an older residual value",
                        s -> {
                            String x = s.embed();
                            String mid = s.add("block0.mid", x, s.linear("block0.attn", s.norm("block0.norm1", x), 4));
                            String late = s.linear("block0.fc", s.norm("block0.norm2", x), 4);
                            return s.add("block0", mid, late);
                        },
                        "'block0.norm2' (layer_norm)",
                        "it must read the newest value of the residual stream, 'block0.mid'"),
                of(
                        "normalisation after the addition, as in the first transformers",
                        s -> {
                            String x = s.norm("block0.norm1", s.embed());
                            return s.norm("block0.norm2", s.add("block0", x, s.linear("block0.fc", x, 4)));
                        },
                        "'block0' (add)",
                        ADDITION),
                of(
                        "an activation without a layer before it",
                        s -> s.graph.add(
                                "block0.act", new Activate(Activation.RELU), s.norm("block0.norm1", s.embed())),
                        "'block0.act' (activate)",
                        "an activation must follow a linear layer directly"),
                of(
                        "an activation of what something else reads too",
                        s -> {
                            String x = s.embed();
                            String fc = s.linear("block0.fc", s.norm("block0.norm1", x), 4);
                            String act = s.graph.add("block0.act", new Activate(Activation.RELU), fc);
                            return s.add("block0", x, s.linear("block0.fc2", s.add("block0.sum", act, fc), 4));
                        },
                        "'block0.act' (activate)",
                        "an activation must follow a linear layer directly"),
                of(
                        "a scale that was not folded",
                        s -> s.graph.add("block0.half", new Scale(0.5), s.norm("block0.norm1", s.embed())),
                        "'block0.half' (scale)",
                        "it was not folded into a linear layer"),
                of(
                        "a layer's result that is added to normalised tokens",
                        s -> {
                            String x = s.embed();
                            String tail = s.graph.add("tail", new SelectTokens(1, -1), s.norm("block0.norm1", x));
                            String head = s.graph.add("head", new SelectTokens(0, 4), s.norm("block0.norm2", x));
                            return s.add("sum", s.linear("block0.fc", tail, 4), head);
                        },
                        "'sum' (add)",
                        ADDITION),
                of(
                        "an output that is a choice of tokens",
                        s -> s.graph.add("token", new SelectTokens(0, 1), s.norm("norm", s.embed())),
                        "'token' (select_tokens)",
                        OUTPUT),
                of(
                        "a constant added to the head's result",
                        s -> s.add("logits", s.linear("head", s.norm("norm", s.embed()), 4), s.weight("prior", 5, 4)),
                        "'logits' (add)",
                        ADDITION),
                of(
                        "a head whose result is doubled by addition",
                        s -> {
                            String head = s.linear("head", s.norm("norm", s.embed()), 4);
                            return s.add("logits", head, head);
                        },
                        "'logits' (add)",
                        ADDITION),
                of(
                        "an output that is read inside the model",
                        s -> {
                            String x = s.embed();
                            String fc = s.linear("block0.fc", s.norm("block0.norm1", x), 4);
                            s.graph.add("block0.act", new Activate(Activation.RELU), fc);
                            return fc;
                        },
                        "'block0.fc' (linear)",
                        OUTPUT));
    }

    static Stream<Case> attention() {
        return Stream.of(
                of(
                        "queries, keys and values of three layers",
                        s -> {
                            String x = s.norm("block0.norm1", s.embed());
                            return s.attention(
                                    "block0", List.of(s.linear("q", x, 4), s.linear("k", x, 4), s.linear("v", x, 4)));
                        },
                        "'block0.attention' (attention)",
                        PARTS),
                of(
                        "keys and values in another order",
                        s -> {
                            List<String> qkv = s.qkv("block0", s.norm("block0.norm1", s.embed()));
                            return s.attention("block0", List.of(qkv.get(0), qkv.get(2), qkv.get(1)));
                        },
                        "'block0.attention' (attention)",
                        PARTS),
                of(
                        "parts of two layers",
                        s -> {
                            String x = s.norm("block0.norm1", s.embed());
                            List<String> one = s.qkv("block0", x);
                            List<String> two = s.qkv("block1", x);
                            s.attention("block1", two);
                            return s.attention("block0", List.of(one.get(0), two.get(1), one.get(2)));
                        },
                        "'block0.attention' (attention)",
                        PARTS),
                of(
                        "a split whose parts are no queries",
                        s -> s.linear(
                                "block0.fc",
                                s.qkv("block0", s.norm("block0.norm1", s.embed()))
                                        .getFirst(),
                                4),
                        "'block0.split' (split)",
                        "its parts must be the queries, keys and values of one attention"),
                of(
                        "a split whose queries nothing reads",
                        s -> s.linear(
                                "block0.fc",
                                s.qkv("block0", s.norm("block0.norm1", s.embed()))
                                        .get(1),
                                4),
                        "'block0.split' (split)",
                        "its parts must be the queries, keys and values of one attention"),
                of(
                        "a split in two",
                        s -> s.linear(
                                "block0.fc",
                                s.graph
                                        .add(
                                                "block0.split",
                                                new Split(2),
                                                List.of(s.linear("block0.gate", s.norm("norm", s.embed()), 8)),
                                                List.of("block0.a", "block0.b"))
                                        .getFirst(),
                                4),
                        "'block0.fc' (linear)",
                        "operand 'block0.a' is not an activation buffer"),
                of(
                        "attention among the patches only",
                        s -> s.attention(
                                "block0",
                                s.qkv(
                                        "block0",
                                        s.graph.add("patchesOnly", new SelectTokens(1, -1), s.norm("n", s.embed())))),
                        "'block0.split' (split)",
                        "it must cover all tokens"));
    }

    static Stream<Case> languageModels() {
        String language = "it runs vision transformers; this is an operator of language models";
        return Stream.of(
                of(
                        "a root mean square norm",
                        s -> s.graph.add("block0.norm1", new RmsNorm(1e-6), s.embed()),
                        "'block0.norm1' (rms_norm)",
                        language),
                of(
                        "a causal attention",
                        s -> {
                            String x = s.embed();
                            AttentionSettings causal = AttentionSettings.causal(2, 2, 2, 2, 1);
                            return s.graph.add("block0.attn", new MaskedAttention(causal), x, x, x);
                        },
                        "'block0.attn' (masked_attention)",
                        language),
                of(
                        "a norm of column groups",
                        s -> s.graph.add("n", new LayerNorm(1e-6, 2), s.embed()),
                        "'n' (layer_norm)",
                        "the LayerNorm unit norms whole rows, with gamma and beta"),
                of(
                        "weights that are scaled",
                        s -> s.route(
                                        "block0",
                                        s.norm("n", s.embed()),
                                        RouterSettings.softmaxThenTopK(3, 2, List.of())
                                                .with(new RouterSettings.Weighting(1, 0, 0, 2.5)))
                                .getLast(),
                        "'block0.router' (router)",
                        "the router unit has one gate and neither biases, groups, scaling nor capacity"));
    }

    static Stream<Case> mixtures() {
        return Stream.of(
                of(
                        "logistic weights",
                        s -> s.route("block0", s.norm("n", s.embed()), logistic(false))
                                .getLast(),
                        "'block0.router' (router)",
                        ROUTER),
                of(
                        "logistic weights that are divided by their sum",
                        s -> s.route("block0", s.norm("n", s.embed()), logistic(true))
                                .getLast(),
                        "'block0.router' (router)",
                        ROUTER),
                of(
                        "experts' sum that is added to nothing",
                        s -> s.mixture("block0", s.norm("n", s.embed())),
                        "'block0.experts' (experts)",
                        "the experts' weighted sum must be added to the residual stream"),
                of(
                        "experts' sum that a layer reads",
                        s -> s.linear("block0.fc", s.mixture("block0", s.norm("n", s.embed())), 4),
                        "'block0.experts' (experts)",
                        "the experts' weighted sum must be added to the residual stream"),
                of(
                        "experts' rows as the output",
                        s -> {
                            String x = s.norm("n", s.embed());
                            List<String> routes = s.route("block0", x, RouterSettings.softmaxThenTopK(3, 2, List.of()));
                            List<String> queues = s.dispatch("block0", x, routes);
                            return s.experts("block0", queues.get(0), queues.get(1));
                        },
                        "'block0.experts' (experts)",
                        "the experts' weighted sum must be added to the residual stream"),
                of(
                        "tokens combined without experts",
                        s -> {
                            String x = s.norm("n", s.embed());
                            List<String> routes = s.route("block0", x, RouterSettings.softmaxThenTopK(3, 2, List.of()));
                            List<String> queues = s.dispatch("block0", x, routes);
                            return s.graph.add(
                                    "block0.moe", new Combine(2), queues.get(0), queues.get(2), routes.get(1));
                        },
                        "'block0.moe' (combine)",
                        "it must combine what experts on dispatched tokens put out"),
                of(
                        "experts on a queue from outside",
                        s -> {
                            s.norm("n", s.embed());
                            String queue = s.graph.input("queue", Type.f32(Dim.ROUTED, Dim.of(4)));
                            String offsets = s.graph.input("offsets", Type.i32(Dim.of(4)));
                            return s.experts("block0", queue, offsets);
                        },
                        "'block0.experts' (experts)",
                        "its operand must come from a dispatch"));
    }

    static Stream<Case> sixteenBits() {
        return Stream.of(
                activation(
                        Activation.TANH,
                        "the activation is not ReLU minus an even function at 0.015625; 8-bit arithmetic can do it"),
                activation(
                        Activation.SILU, "the activation still differs from ReLU at 16; 8-bit arithmetic can do it"));
    }

    private static Case activation(Activation kind, String why) {
        return new Case(
                kind.label() + " at 16 bits",
                16,
                s -> s.graph.add("act", new Activate(kind), s.linear("fc", s.norm("n", s.embed()), 4)),
                "'act' (activate)",
                why);
    }

    @ParameterizedTest
    @MethodSource({"embeddings", "structure", "attention", "mixtures", "languageModels", "sixteenBits"})
    void whatHasNoStepIsRefused(Case given) {
        Sketch sketch = new Sketch();
        String output = given.output().apply(sketch);
        CompileException refusal =
                assertThrows(CompileException.class, () -> Sketch.lower(sketch.graph(output), given.bits()));

        assertEquals(
                "graph 'sketch', node " + given.node() + ": the accelerator has no such step: " + given.why()
                        + "; nearest: run the model with the float executor",
                refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void theWholeOfTheSamePiecesIsNotRefused(int bits) {
        Sketch sketch = new Sketch();
        String x = sketch.embed();
        String attended = sketch.attention("block0", sketch.qkv("block0", sketch.norm("block0.norm1", x)));
        String mid = sketch.add("block0.mid", x, sketch.linear("block0.attn", attended, 4));
        String out = sketch.add("block0", mid, sketch.mixture("block0", sketch.norm("block0.norm2", mid)));
        String logits = sketch.linear("head", sketch.norm("norm", out), 3);

        assertDoesNotThrow(() -> Sketch.lower(sketch.graph(logits), bits));
    }

    @Test
    void anActivationThatSixteenBitsCannotDoIsDoneByEight() {
        for (Activation kind : Activation.values()) {
            Sketch sketch = new Sketch();
            String fc = sketch.linear("fc", sketch.norm("n", sketch.embed()), 4);
            String act = sketch.graph.add("act", new Activate(kind), fc);

            assertDoesNotThrow(() -> Sketch.lower(sketch.graph(act), 8), kind.label());
        }
    }
}
