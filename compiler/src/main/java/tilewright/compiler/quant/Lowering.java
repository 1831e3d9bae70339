package tilewright.compiler.quant;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import tilewright.compiler.CompileException;
import tilewright.compiler.quant.LayerQuantiser.FloatLayer;
import tilewright.compiler.quant.LayerQuantiser.Widths;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.arith.LayerNormParameters;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.arith.TableFunction;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.LinearParameters;
import tilewright.hw.program.PatchGeometry;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;
import tilewright.hw.program.TokenRange;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.Attention;
import tilewright.model.graph.CausalConv;
import tilewright.model.graph.Clamp;
import tilewright.model.graph.Collect;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Concat;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Embed;
import tilewright.model.graph.ExpertLinear;
import tilewright.model.graph.Experts;
import tilewright.model.graph.GatedExperts;
import tilewright.model.graph.GatedUnit;
import tilewright.model.graph.Graph;
import tilewright.model.graph.JoinHeads;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.LightningAttention;
import tilewright.model.graph.Linear;
import tilewright.model.graph.LinearRecurrence;
import tilewright.model.graph.MaskedAttention;
import tilewright.model.graph.Multiply;
import tilewright.model.graph.Node;
import tilewright.model.graph.Normalize;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.PatchEmbed;
import tilewright.model.graph.PositionEmbed;
import tilewright.model.graph.PositionScale;
import tilewright.model.graph.RmsNorm;
import tilewright.model.graph.Rope;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.Scale;
import tilewright.model.graph.ScaleQueue;
import tilewright.model.graph.SelectTokens;
import tilewright.model.graph.SelectiveScan;
import tilewright.model.graph.Shape;
import tilewright.model.graph.Split;
import tilewright.model.graph.SplitHeads;
import tilewright.model.graph.Type;

/** Lowers one task's graph, after the standard passes, to the steps of the accelerator. */
final class Lowering {
    private final Graph graph;
    private final Quantised quantised;
    private final IntegerFormat format;
    private final Scales scales;
    private final Map<String, Type> types;
    private final Map<String, List<Node>> consumers = new HashMap<>();
    private final Map<String, Node> producers;
    private final Map<String, Place> places = new HashMap<>();
    private final Set<Node> fused = new HashSet<>();
    private final List<Step> steps = new ArrayList<>();
    private final String output;
    private final String outputValue;
    private PatchGeometry geometry;
    private String residualValue;
    private String block = "embed";

    /** What the tasks of one model share: the residual buffer and the quantised layers, each made once. */
    record Quantised(Buffer residual, SoftmaxFormat softmax, Map<String, LinearParameters> layers) {}

    Lowering(Graph graph, Quantised quantised, IntegerFormat format, Scales scales) {
        this.graph = graph;
        this.quantised = quantised;
        this.format = format;
        this.scales = scales;
        types = graph.types();
        producers = graph.producers();
        graph.nodes()
                .forEach(node -> node.inputs()
                        .forEach(input -> consumers
                                .computeIfAbsent(input, name -> new ArrayList<>())
                                .add(node)));
        Map.Entry<String, String> first = graph.outputs().entrySet().iterator().next();
        output = first.getKey();
        outputValue = first.getValue();
    }

    /** The names of all values that the residual stream takes: what patch embedding and every addition make. */
    static Set<String> residualValues(Graph graph) {
        Set<String> values = new LinkedHashSet<>();
        Map<String, Node> producers = graph.producers();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof LayerNorm) {
                String input = node.inputs().getFirst();
                while (producers.get(input) != null && producers.get(input).op() instanceof SelectTokens) {
                    input = producers.get(input).inputs().getFirst();
                }
                values.add(input);
            }
        }
        graph.nodes().stream()
                .filter(node -> node.op() instanceof Add
                        && values.contains(node.inputs().getFirst()))
                .forEach(node -> values.add(node.outputs().getFirst()));
        return values;
    }

    TaskProgram lower() {
        for (Node node : graph.nodes()) {
            if (!fused.contains(node)) {
                lower(node);
            }
        }
        Place result = places.get(outputValue);
        return switch (result) {
            case Place.Residual() -> new TaskProgram(output, steps, quantised.residual());
            case Place.Rows(Buffer buffer, TokenRange tokens)
            when tokens.count() == buffer.tokens() -> new TaskProgram(output, steps, buffer);
            case null, default ->
                throw unsupported(
                        producers.get(outputValue), "the output must be all tokens or the result of a linear layer");
        };
    }

    PatchGeometry geometry() {
        return geometry;
    }

    private void lower(Node node) {
        String result = node.outputs().getFirst();
        String input = node.inputs().getFirst();
        switch (node.op()) {
            case PatchEmbed embed -> places.put(result, new Place.Pending(node, List.of()));
            case Concat concat -> concat(node);
            case Add add -> add(node);
            case LayerNorm norm
            when norm.groups() != 1 || node.inputs().size() != 3 ->
                throw unsupported(node, "the LayerNorm unit norms whole rows, with gamma and beta");
            case LayerNorm norm -> norm(node, norm);
            case Linear linear -> linear(node);
            case Split split -> split(node, split);
            case Attention attention -> attention(node, attention);
            case SelectTokens select -> {
                Place.Rows rows = rows(node, input);
                int count = types.get(result).shape().size(1);
                places.put(
                        result,
                        new Place.Rows(
                                rows.buffer(), new TokenRange(rows.tokens().first() + select.start(), count)));
            }
            case Router router -> router(node, router.settings());
            case Dispatch dispatch when dispatch.split() -> throw unsupported(node, "queues take whole tokens");
            case Dispatch dispatch -> node.outputs().forEach(name -> places.put(name, new Place.Routed(input)));
            case Experts experts -> experts(node, experts.activation());
            case Combine combine ->
                throw unsupported(node, "it must combine what experts on dispatched tokens put out");
            case Activate activate -> throw unsupported(node, "an activation must follow a linear layer directly");
            case Normalize normalize -> throw unsupported(node, "it was not folded into the patch embedding");
            case Scale scale -> throw unsupported(node, "it was not folded into a linear layer");
            case CausalConv _,
                    Clamp _,
                    Collect _,
                    Embed _,
                    ExpertLinear _,
                    GatedExperts _,
                    GatedUnit _,
                    JoinHeads _,
                    LightningAttention _,
                    LinearRecurrence _,
                    MaskedAttention _,
                    Multiply _,
                    PositionEmbed _,
                    PositionScale _,
                    RmsNorm _,
                    Rope _,
                    ScaleQueue _,
                    SelectiveScan _,
                    SplitHeads _ ->
                throw unsupported(node, "it runs vision transformers; this is an operator of language models");
        }
    }

    private void concat(Node node) {
        List<String> prefix = new ArrayList<>();
        Node embed = null;
        for (String input : node.inputs()) {
            if (places.get(input) instanceof Place.Pending(Node patchEmbed, List<String> before) && embed == null) {
                prefix.addAll(before);
                embed = patchEmbed;
            } else if (graph.parameters().containsKey(input) && embed == null) {
                prefix.add(input);
            } else {
                throw unsupported(node, "only constant tokens before the patches can be joined");
            }
        }
        places.put(node.outputs().getFirst(), new Place.Pending(embed, prefix));
    }

    private void add(Node node) {
        String first = node.inputs().get(0);
        Parameter table = graph.parameters().get(node.inputs().get(1));
        if (places.get(first) instanceof Place.Pending(Node embed, List<String> prefix) && table != null) {
            embed(node, embed, prefix, floats(table.name()));
            return;
        }
        throw unsupported(node, "an addition must take the newest residual value and a linear or MoE layer's result");
    }

    private void embed(Node node, Node patchEmbed, List<String> prefix, float[] positions) {
        Shape image = types.get(patchEmbed.inputs().getFirst()).shape();
        int patch = ((PatchEmbed) patchEmbed.op()).patch();
        geometry = new PatchGeometry(image.size(1), image.size(2), image.size(3), patch);
        Buffer residual = quantised.residual();
        int features = residual.features();
        int[] table = new int[residual.tokens() * features];
        int at = 0;
        for (String name : prefix) {
            for (float value : floats(name)) {
                table[at] = residualCode(value + positions[at]);
                at++;
            }
        }
        int firstPatch = at / features;
        for (; at < table.length; at++) {
            table[at] = residualCode(positions[at]);
        }
        // A pixel's code is pixel - 128, so the bias takes 128 times the sum of the weights.
        float[] weights = floats(patchEmbed.inputs().get(1));
        float[] bias = patchEmbed.inputs().size() > 2
                ? floats(patchEmbed.inputs().get(2)).clone()
                : new float[features];
        int taps = geometry.patchSize();
        for (int o = 0; o < features; o++) {
            double sum = 0;
            for (int i = 0; i < taps; i++) {
                sum += weights[o * taps + i];
            }
            bias[o] += (float) (PatchGeometry.PIXEL_OFFSET * sum);
        }
        FloatLayer layer = new FloatLayer(patchEmbed.name(), weights, 0, features, taps, bias, 0);
        LinearParameters linear = layer(
                patchEmbed.name(),
                layer,
                new Widths(format.weightBits(), 8, format.accumulatorBits()),
                1,
                o -> residual.scale());
        steps.add(new Step.Embed("embed", block, geometry, linear, table, firstPatch, residual));
        residualIs(node);
    }

    private int residualCode(double value) {
        long highest = (1L << (format.residualBits() - 1)) - 1;
        return (int) Math.max(
                -highest,
                Math.min(highest, Math.rint(value / quantised.residual().scale())));
    }

    private void norm(Node node, LayerNorm norm) {
        String result = node.outputs().getFirst();
        String input = node.inputs().getFirst();
        requireNewestResidual(node, input);
        block = blockOf(result);
        int tokens = quantised.residual().tokens();
        int features = quantised.residual().features();
        Buffer buffer = activationBuffer(result, tokens, features);
        steps.add(new Step.Norm(
                result,
                block,
                quantised.residual(),
                usedTokens(result, tokens),
                parameters(node, norm, buffer.scale()),
                buffer));
        places.put(result, new Place.Rows(buffer, new TokenRange(0, tokens)));
    }

    private LayerNormParameters parameters(Node node, LayerNorm norm, double outputScale) {
        try {
            return LayerNormParameters.quantise(
                    floats(node.inputs().get(1)),
                    floats(node.inputs().get(2)),
                    norm.epsilon(),
                    quantised.residual().scale(),
                    format.residualBits(),
                    outputScale);
        } catch (IllegalArgumentException e) {
            throw unsupported(node, e.getMessage());
        }
    }

    /** The rows of a value that its readers select; all of them unless every reader selects. */
    private TokenRange usedTokens(String value, int tokens) {
        int first = tokens;
        int last = 0;
        for (Node reader : consumers.getOrDefault(value, List.of())) {
            if (!(reader.op() instanceof SelectTokens select)) {
                return new TokenRange(0, tokens);
            }
            int count = types.get(reader.outputs().getFirst()).shape().size(1);
            first = Math.min(first, select.start());
            last = Math.max(last, select.start() + count);
        }
        return last == 0 || outputValue.equals(value) ? new TokenRange(0, tokens) : new TokenRange(first, last - first);
    }

    private void linear(Node node) {
        String result = node.outputs().getFirst();
        Place.Rows input = rows(node, node.inputs().getFirst());
        Shape weight = types.get(node.inputs().get(1)).shape();
        FloatLayer layer = new FloatLayer(
                node.inputs().get(1),
                floats(node.inputs().get(1)),
                0,
                weight.size(0),
                weight.size(1),
                node.inputs().size() > 2 ? floats(node.inputs().get(2)) : null,
                0);
        List<Node> readers = consumers.getOrDefault(result, List.of());
        Node reader = readers.size() == 1 ? readers.getFirst() : null;
        int tokens = input.tokens().count();
        if (reader != null && reader.op() instanceof Activate(Activation kind)) {
            String activated = reader.outputs().getFirst();
            Buffer buffer = activationBuffer(activated, tokens, layer.outputs());
            double scale = activationInputScale(result);
            linearStep(
                    result, input, layer, o -> scale, activation(reader, kind, scale, buffer.scale()), false, buffer);
            fused.add(reader);
            places.put(activated, new Place.Rows(buffer, new TokenRange(0, tokens)));
        } else if (reader != null
                && reader.op() instanceof Add
                && reader.inputs().contains(residualValue)) {
            requireAllTokens(reader, input.tokens());
            linearStep(result, input, layer, o -> quantised.residual().scale(), null, true, quantised.residual());
            fused.add(reader);
            residualIs(reader);
        } else if (reader != null && isOutputOf(reader) && addsTwoLayers(reader)) {
            // Two heads that are averaged: the first writes the result, the second adds to it.
            Buffer buffer = outputBuffer(tokens, layer.outputs());
            linearStep(result, input, layer, o -> buffer.scale(), null, fused.contains(reader), buffer);
            fused.add(reader);
            places.put(outputValue, new Place.Rows(buffer, new TokenRange(0, tokens)));
        } else if (reader != null && reader.op() instanceof Split(int parts) && parts == 3) {
            qkv(result, reader, input, layer);
        } else if (result.equals(outputValue)) {
            Buffer buffer = outputBuffer(tokens, layer.outputs());
            linearStep(result, input, layer, o -> buffer.scale(), null, false, buffer);
            places.put(result, new Place.Rows(buffer, new TokenRange(0, tokens)));
        } else {
            Buffer buffer = activationBuffer(result, tokens, layer.outputs());
            linearStep(result, input, layer, o -> buffer.scale(), null, false, buffer);
            places.put(result, new Place.Rows(buffer, new TokenRange(0, tokens)));
        }
    }

    private boolean isOutputOf(Node add) {
        return add.outputs().getFirst().equals(outputValue);
    }

    /** Whether a node adds the results of two linear layers that nothing else reads. */
    private boolean addsTwoLayers(Node node) {
        return node.op() instanceof Add
                && node.inputs().stream()
                        .allMatch(value -> producers.get(value) != null
                                && producers.get(value).op() instanceof Linear
                                && consumers.get(value).size() == 1);
    }

    /** The first node that reads a value, or null. */
    private Node readerOf(String value) {
        List<Node> readers = consumers.getOrDefault(value, List.of());
        return readers.isEmpty() ? null : readers.getFirst();
    }

    private Buffer outputBuffer(int tokens, int features) {
        return Buffer.of(
                "output." + output, tokens, features, format.residualBits(), scales.wide(List.of(outputValue)));
    }

    private void linearStep(
            String name,
            Place.Rows input,
            FloatLayer layer,
            IntToDoubleFunction outputScale,
            ActivationUnit activation,
            boolean accumulate,
            Buffer buffer) {
        block = blockOf(name);
        LinearParameters linear = layer(name, layer, widths(), input.buffer().scale(), outputScale);
        steps.add(new Step.Linear(name, block, input.buffer(), input.tokens(), linear, activation, accumulate, buffer));
    }

    private void qkv(String result, Node split, Place.Rows input, FloatLayer layer) {
        requireAllTokens(split, input.tokens());
        Node attention = readerOf(split.outputs().getFirst());
        if (attention == null || !(attention.op() instanceof Attention(int heads, double scale))) {
            throw unsupported(split, "its parts must be the queries, keys and values of one attention");
        }
        int part = layer.outputs() / 3;
        double[] partScales =
                split.outputs().stream().mapToDouble(scales::activation).toArray();
        Buffer buffer = new Buffer(
                result, input.tokens().count(), 3 * heads, part / heads, format.activationBits(), partScales[2]);
        linearStep(result, input, layer, o -> partScales[o / part], null, false, buffer);
        places.put(result, new Place.Rows(buffer, input.tokens()));
    }

    private void split(Node node, Split split) {
        Place.Rows rows = rows(node, node.inputs().getFirst());
        for (int i = 0; i < split.parts(); i++) {
            places.put(
                    node.outputs().get(i),
                    new Place.Part(rows.buffer(), i, node.outputs().get(i)));
        }
    }

    private void attention(Node node, Attention attention) {
        Buffer qkv = null;
        for (int i = 0; i < 3; i++) {
            if (!(places.get(node.inputs().get(i)) instanceof Place.Part(Buffer buffer, int index, String value))
                    || index != i
                    || (qkv != null && qkv != buffer)) {
                throw unsupported(node, "its operands must be the three parts of one linear layer, in order");
            }
            qkv = buffer;
        }
        String result = node.outputs().getFirst();
        int tokens = qkv.tokens();
        Buffer buffer = new Buffer(
                result, tokens, attention.heads(), qkv.groupSize(), format.activationBits(), scales.activation(result));
        double score = scales.activation(node.inputs().get(0))
                * scales.activation(node.inputs().get(1))
                * attention.scale()
                * base2Scores();
        double context = Math.scalb(
                scales.activation(node.inputs().get(2)) / buffer.scale(),
                -quantised.softmax().probabilityBits());
        Step.Attention step = new Step.Attention(
                result,
                block,
                qkv,
                attention.heads(),
                LayerQuantiser.requantizer(result, score),
                LayerQuantiser.requantizer(result, context),
                buffer);
        try {
            steps.add(step.requireAccumulator(quantised.softmax(), format.accumulatorBits()));
        } catch (ArithmeticException e) {
            throw new CompileException(e.getMessage());
        }
        places.put(result, new Place.Rows(buffer, new TokenRange(0, tokens)));
    }

    /** Scores are base-2 logarithms in fixed point. */
    private static double base2Scores() {
        return Math.scalb(1 / Math.log(2), SoftmaxFormat.SCORE_FRACTION);
    }

    private void router(Node node, RouterSettings settings) {
        if (!settings.isPlain()) {
            throw unsupported(node, "the router unit has one gate and neither biases, groups, scaling nor capacity");
        }
        if (settings.normalise() == RouterSettings.Normalise.SIGMOID) {
            throw unsupported(node, "the router unit does softmax, over all experts or over the selected ones");
        }
        // Dividing the selected probabilities by their sum is a softmax over the selected scores.
        boolean overSelected =
                settings.renormalise() || settings.normalise() == RouterSettings.Normalise.SOFTMAX_AFTER_SELECT;
        String input = node.inputs().get(0);
        Place.Rows rows = rows(node, input);
        String gate = node.inputs().get(1);
        Shape shape = types.get(gate).shape();
        FloatLayer layer = new FloatLayer(gate, floats(gate), 0, shape.size(0), shape.size(1), null, 0);
        Widths widths = new Widths(
                IntegerFormat.ROUTER_WEIGHT_BITS, format.activationBits(), IntegerFormat.ROUTER_ACCUMULATOR_BITS);
        LinearParameters linear =
                layer(node.name(), layer, widths, rows.buffer().scale(), o -> 1 / base2Scores());
        String result = node.outputs().getFirst();
        Buffer ids = Buffer.of(result, rows.buffer().tokens(), settings.topK(), format.residualBits(), 1);
        steps.add(new Step.Route(node.name(), block, rows.buffer(), linear, settings.topK(), overSelected, ids));
        node.outputs().forEach(name -> places.put(name, new Place.Routed(input)));
    }

    private void experts(Node node, Activation kind) {
        if (node.inputs().size() != 6) {
            throw unsupported(node, "the expert unit adds biases");
        }
        if (!(places.get(node.inputs().getFirst()) instanceof Place.Routed(String tokens))) {
            throw unsupported(node, "its operand must come from a dispatch");
        }
        Node combine = readerOf(node.outputs().getFirst());
        Node add = combine == null ? null : readerOf(combine.outputs().getFirst());
        if (add == null
                || !(combine.op() instanceof Combine)
                || !(add.op() instanceof Add)
                || !add.inputs().contains(residualValue)) {
            throw unsupported(node, "the experts' weighted sum must be added to the residual stream");
        }
        Place.Rows input = rows(node, tokens);
        Shape shape = types.get(node.inputs().get(2)).shape();
        int experts = shape.size(0);
        int hidden = shape.size(1);
        int features = shape.size(2);
        String base = node.name();
        Buffer hiddenBuffer =
                activationBuffer(Calibrator.expertHidden(node), input.buffer().tokens(), hidden);
        double inner = activationInputScale(Calibrator.expertInner(node));
        ActivationUnit activation = activation(node, kind, inner, hiddenBuffer.scale());
        float[] firstWeights = floats(node.inputs().get(2));
        float[] firstBias = floats(node.inputs().get(3));
        float[] secondWeights = floats(node.inputs().get(4));
        float[] secondBias = floats(node.inputs().get(5));
        List<LinearParameters> first = new ArrayList<>();
        List<LinearParameters> second = new ArrayList<>();
        for (int e = 0; e < experts; e++) {
            int offset = e * hidden * features;
            first.add(layer(
                    base,
                    new FloatLayer(base + ".fc1." + e, firstWeights, offset, hidden, features, firstBias, e * hidden),
                    widths(),
                    input.buffer().scale(),
                    o -> inner));
            second.add(layer(
                    base,
                    new FloatLayer(
                            base + ".fc2." + e, secondWeights, offset, features, hidden, secondBias, e * features),
                    widths(),
                    hiddenBuffer.scale(),
                    o -> quantised.residual().scale()));
        }
        steps.add(new Step.Experts(
                base, block, input.buffer(), first, activation, hiddenBuffer, second, quantised.residual()));
        fused.add(combine);
        fused.add(add);
        residualIs(add);
    }

    /** The quantised layer of a step; tasks that share the step and the weights share it. */
    private LinearParameters layer(
            String step, FloatLayer layer, Widths widths, double inputScale, IntToDoubleFunction outputScale) {
        return quantised
                .layers()
                .computeIfAbsent(
                        step + " " + layer.name(),
                        key -> LayerQuantiser.quantise(layer, widths, inputScale, outputScale));
    }

    private Widths widths() {
        return new Widths(format.weightBits(), format.activationBits(), format.accumulatorBits());
    }

    /** The int16 activation unit reads a fixed-point number, the int8 table a calibrated code. */
    private double activationInputScale(String value) {
        return format.activationBits() == 8
                ? scales.activation(value)
                : Math.scalb(1.0, -EvenResidualFunction.INPUT_FRACTION);
    }

    private ActivationUnit activation(Node node, Activation kind, double inputScale, double outputScale) {
        if (format.activationBits() == 8) {
            return TableFunction.of(kind::apply, inputScale, outputScale);
        }
        try {
            return EvenResidualFunction.of(kind::apply, outputScale);
        } catch (IllegalArgumentException e) {
            throw unsupported(node, e.getMessage() + "; 8-bit arithmetic can do it");
        }
    }

    private Buffer activationBuffer(String value, int tokens, int features) {
        return Buffer.of(value, tokens, features, format.activationBits(), scales.activation(value));
    }

    private void residualIs(Node add) {
        residualValue = add.outputs().getFirst();
        places.put(residualValue, new Place.Residual());
    }

    private void requireNewestResidual(Node node, String value) {
        if (residualValue == null) {
            throw unsupported(node, "patches must be embedded, with positions added, before anything reads them");
        }
        if (!value.equals(residualValue)) {
            throw unsupported(node, "it must read the newest value of the residual stream, '" + residualValue + "'");
        }
    }

    private void requireAllTokens(Node node, TokenRange tokens) {
        if (tokens.first() != 0 || tokens.count() != quantised.residual().tokens()) {
            throw unsupported(node, "it must cover all tokens");
        }
    }

    private Place.Rows rows(Node node, String value) {
        if (places.get(value) instanceof Place.Rows rows) {
            return rows;
        }
        throw unsupported(node, "operand '" + value + "' is not an activation buffer");
    }

    private float[] floats(String parameter) {
        return graph.parameters().get(parameter).data().load();
    }

    /** The block of a value: {@code block3} for {@code block3.attn}; what has no block belongs to the head. */
    private static String blockOf(String value) {
        int dot = value.indexOf('.');
        String head = dot < 0 ? value : value.substring(0, dot);
        return head.matches("block\\d+") ? head : "head";
    }

    private CompileException unsupported(Node node, String why) {
        return new CompileException("graph '" + graph.name() + "', node '" + node.name() + "' ("
                + node.op().mnemonic() + "): the accelerator has no such step: " + why
                + "; nearest: run the model with the float executor");
    }
}
