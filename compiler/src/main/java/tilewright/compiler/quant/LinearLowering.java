package tilewright.compiler.quant;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import tilewright.compiler.quant.LayerQuantiser.FloatLayer;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.LinearParameters;
import tilewright.hw.program.Step;
import tilewright.hw.program.TokenRange;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Node;
import tilewright.model.graph.Shape;
import tilewright.model.graph.Split;

/**
 * Lowers {@link Linear} together with what alone reads its result: an activation, the addition to the residual stream or to the
 * task's result, or the split into queries, keys and values.
 */
final class LinearLowering {
    private final LoweredTask task;

    LinearLowering(LoweredTask task) {
        this.task = task;
    }

    void lower(Node node) {
        String result = node.outputs().getFirst();
        Place.Rows input = task.rows(node, node.inputs().getFirst());
        Shape weight = task.shape(node.inputs().get(1));
        FloatLayer layer = new FloatLayer(
                node.inputs().get(1),
                task.floats(node.inputs().get(1)),
                0,
                weight.size(0),
                weight.size(1),
                node.inputs().size() > 2 ? task.floats(node.inputs().get(2)) : null,
                0);
        List<Node> readers = task.readers(result);
        Node reader = readers.size() == 1 ? readers.getFirst() : null;
        int tokens = input.tokens().count();
        if (reader != null && reader.op() instanceof Activate(Activation kind)) {
            String activated = reader.outputs().getFirst();
            Buffer buffer = task.activationBuffer(activated, tokens, layer.outputs());
            double scale = task.activationInputScale(result);
            linearStep(
                    result,
                    input,
                    layer,
                    o -> scale,
                    task.activation(reader, kind, scale, buffer.scale()),
                    false,
                    buffer);
            task.fuse(reader);
            task.put(activated, new Place.Rows(buffer, new TokenRange(0, tokens)));
        } else if (reader != null && task.addsToResidual(reader)) {
            task.requireAllTokens(reader, input.tokens());
            linearStep(result, input, layer, o -> task.residual().scale(), null, true, task.residual());
            task.fuse(reader);
            task.residualIs(reader);
        } else if (reader != null && isOutputOf(reader) && addsTwoLayers(reader)) {
            // Two heads that are averaged: the first writes the result, the second adds to it.
            Buffer buffer = outputBuffer(tokens, layer.outputs());
            linearStep(result, input, layer, o -> buffer.scale(), null, task.isFused(reader), buffer);
            task.fuse(reader);
            task.put(task.outputValue(), new Place.Rows(buffer, new TokenRange(0, tokens)));
        } else if (reader != null && reader.op() instanceof Split(int parts) && parts == 3) {
            qkv(result, reader, input, layer);
        } else if (result.equals(task.outputValue())) {
            Buffer buffer = outputBuffer(tokens, layer.outputs());
            linearStep(result, input, layer, o -> buffer.scale(), null, false, buffer);
            task.put(result, new Place.Rows(buffer, new TokenRange(0, tokens)));
        } else {
            Buffer buffer = task.activationBuffer(result, tokens, layer.outputs());
            linearStep(result, input, layer, o -> buffer.scale(), null, false, buffer);
            task.put(result, new Place.Rows(buffer, new TokenRange(0, tokens)));
        }
    }

    private boolean isOutputOf(Node add) {
        return add.outputs().getFirst().equals(task.outputValue());
    }

    /** Whether a node adds the results of two linear layers that nothing else reads. */
    private boolean addsTwoLayers(Node node) {
        return node.op() instanceof Add
                && node.inputs().stream()
                        .allMatch(value -> task.producer(value) != null
                                && task.producer(value).op() instanceof Linear
                                && task.readers(value).size() == 1);
    }

    private Buffer outputBuffer(int tokens, int features) {
        return Buffer.of(
                "output." + task.output(),
                tokens,
                features,
                task.format().residualBits(),
                task.scales().wide(List.of(task.outputValue())));
    }

    private void linearStep(
            String name,
            Place.Rows input,
            FloatLayer layer,
            IntToDoubleFunction outputScale,
            ActivationUnit activation,
            boolean accumulate,
            Buffer buffer) {
        task.enterBlockOf(name);
        LinearParameters linear =
                task.layer(name, layer, task.widths(), input.buffer().scale(), outputScale);
        task.add(new Step.Linear(
                name, task.block(), input.buffer(), input.tokens(), linear, activation, accumulate, buffer));
    }

    private void qkv(String result, Node split, Place.Rows input, FloatLayer layer) {
        task.requireAllTokens(split, input.tokens());
        Node attention = task.readerOf(split.outputs().getFirst());
        if (attention == null || !(attention.op() instanceof Attention(int heads, double scale))) {
            throw task.unsupported(split, "its parts must be the queries, keys and values of one attention");
        }
        int part = layer.outputs() / 3;
        double[] partScales =
                split.outputs().stream().mapToDouble(task.scales()::activation).toArray();
        Buffer buffer = new Buffer(
                result,
                input.tokens().count(),
                3 * heads,
                part / heads,
                task.format().activationBits(),
                partScales[2]);
        linearStep(result, input, layer, o -> partScales[o / part], null, false, buffer);
        task.put(result, new Place.Rows(buffer, input.tokens()));
    }
}
