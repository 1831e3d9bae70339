package tilewright.compiler.quant;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import tilewright.compiler.CompileException;
import tilewright.compiler.quant.LayerQuantiser.FloatLayer;
import tilewright.compiler.quant.LayerQuantiser.Widths;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.arith.TableFunction;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.LinearParameters;
import tilewright.hw.program.Step;
import tilewright.hw.program.TokenRange;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Node;
import tilewright.model.graph.Shape;
import tilewright.model.graph.Type;

/**
 * A task as far as it is lowered: where each value lives, the steps so far, and what steps are made of, which is the graph's
 * parameters and the buffers, layers and units of the model's number format.
 */
final class LoweredTask {
    private final Graph graph;
    private final Lowering.Quantised quantised;
    private final IntegerFormat format;
    private final Scales scales;
    private final Map<String, Type> types;
    private final Map<String, Node> producers;
    private final Map<String, List<Node>> consumers = new HashMap<>();
    private final Map<String, Place> places = new HashMap<>();
    private final Set<Node> fused = new HashSet<>();
    private final List<Step> steps = new ArrayList<>();
    private String residualValue;
    private String block = "embed";

    LoweredTask(Graph graph, Lowering.Quantised quantised, IntegerFormat format, Scales scales) {
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
    }

    IntegerFormat format() {
        return format;
    }

    Scales scales() {
        return scales;
    }

    SoftmaxFormat softmax() {
        return quantised.softmax();
    }

    /** The buffer of the residual stream. */
    Buffer residual() {
        return quantised.residual();
    }

    Shape shape(String value) {
        return types.get(value).shape();
    }

    boolean isParameter(String value) {
        return graph.parameters().containsKey(value);
    }

    float[] floats(String parameter) {
        return graph.parameters().get(parameter).data().load();
    }

    /** The node that makes a value, or null for parameters and inputs. */
    Node producer(String value) {
        return producers.get(value);
    }

    /** All nodes that read a value. */
    List<Node> readers(String value) {
        return consumers.getOrDefault(value, List.of());
    }

    /** The first node that reads a value, or null. */
    Node readerOf(String value) {
        List<Node> readers = readers(value);
        return readers.isEmpty() ? null : readers.getFirst();
    }

    /** The name that the task gives its result. */
    String output() {
        return graph.outputs().keySet().iterator().next();
    }

    /** The value that is the task's result. */
    String outputValue() {
        return graph.outputs().get(output());
    }

    /** Where a value lives, or null before its node was lowered. */
    Place place(String value) {
        return places.get(value);
    }

    void put(String value, Place place) {
        places.put(value, place);
    }

    /** The activation buffer's rows that an operand of a node is. */
    Place.Rows rows(Node node, String value) {
        if (places.get(value) instanceof Place.Rows rows) {
            return rows;
        }
        throw unsupported(node, "operand '" + value + "' is not an activation buffer");
    }

    /** Says that a node is done by the step of another. */
    void fuse(Node node) {
        fused.add(node);
    }

    boolean isFused(Node node) {
        return fused.contains(node);
    }

    void add(Step step) {
        steps.add(step);
    }

    List<Step> steps() {
        return steps;
    }

    /** The block that steps belong to. */
    String block() {
        return block;
    }

    /** Enters the block of a value: {@code block3} for {@code block3.attn}; what has no block belongs to the head. */
    void enterBlockOf(String value) {
        int dot = value.indexOf('.');
        String head = dot < 0 ? value : value.substring(0, dot);
        block = head.matches("block\\d+") ? head : "head";
    }

    /** Says that a node's result is the newest value of the residual stream. */
    void residualIs(Node node) {
        residualValue = node.outputs().getFirst();
        places.put(residualValue, new Place.Residual());
    }

    /** Whether a node adds something to the newest value of the residual stream. */
    boolean addsToResidual(Node node) {
        return node.op() instanceof Add && node.inputs().contains(residualValue);
    }

    void requireNewestResidual(Node node, String value) {
        if (residualValue == null) {
            throw unsupported(node, "patches must be embedded, with positions added, before anything reads them");
        }
        if (!value.equals(residualValue)) {
            throw unsupported(node, "it must read the newest value of the residual stream, '" + residualValue + "'");
        }
    }

    void requireAllTokens(Node node, TokenRange tokens) {
        if (tokens.first() != 0 || tokens.count() != residual().tokens()) {
            throw unsupported(node, "it must cover all tokens");
        }
    }

    /** A buffer for a value at the width of activations. */
    Buffer activationBuffer(String value, int tokens, int features) {
        return Buffer.of(value, tokens, features, format.activationBits(), scales.activation(value));
    }

    /** The widths of all layers but the first and the routers. */
    Widths widths() {
        return new Widths(format.weightBits(), format.activationBits(), format.accumulatorBits());
    }

    /** The quantised layer of a step; tasks that share the step and the weights share it. */
    LinearParameters layer(
            String step, FloatLayer layer, Widths widths, double inputScale, IntToDoubleFunction outputScale) {
        return quantised
                .layers()
                .computeIfAbsent(
                        step + " " + layer.name(),
                        key -> LayerQuantiser.quantise(layer, widths, inputScale, outputScale));
    }

    /** The int16 activation unit reads a fixed-point number, the int8 table a calibrated code. */
    double activationInputScale(String value) {
        return format.activationBits() == 8
                ? scales.activation(value)
                : Math.scalb(1.0, -EvenResidualFunction.INPUT_FRACTION);
    }

    ActivationUnit activation(Node node, Activation kind, double inputScale, double outputScale) {
        if (format.activationBits() == 8) {
            return TableFunction.of(kind::apply, inputScale, outputScale);
        }
        try {
            return EvenResidualFunction.of(kind::apply, outputScale);
        } catch (IllegalArgumentException e) {
            throw unsupported(node, e.getMessage() + "; 8-bit arithmetic can do it");
        }
    }

    /** Scores of softmax are base-2 logarithms in fixed point. */
    static double base2Scores() {
        return Math.scalb(1 / Math.log(2), SoftmaxFormat.SCORE_FRACTION);
    }

    /** The refusal of a node, with the way out. */
    CompileException unsupported(Node node, String why) {
        return new CompileException("graph '" + graph.name() + "', node '" + node.name() + "' ("
                + node.op().mnemonic() + "): the accelerator has no such step: " + why
                + "; nearest: run the model with the float executor");
    }
}
