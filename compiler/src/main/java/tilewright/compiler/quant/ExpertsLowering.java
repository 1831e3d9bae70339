package tilewright.compiler.quant;

import java.util.ArrayList;
import java.util.List;
import tilewright.compiler.quant.LayerQuantiser.FloatLayer;
import tilewright.compiler.quant.LayerQuantiser.Widths;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.LinearParameters;
import tilewright.hw.program.Step;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Node;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.Shape;

/** Lowers mixtures of experts: the router, and the experts with the combination and the addition that follow them. */
final class ExpertsLowering {
    private final LoweredTask task;

    ExpertsLowering(LoweredTask task) {
        this.task = task;
    }

    void router(Node node, RouterSettings settings) {
        if (!settings.isPlain()) {
            throw task.unsupported(
                    node, "the router unit has one gate and neither biases, groups, scaling nor capacity");
        }
        if (settings.normalise() == RouterSettings.Normalise.SIGMOID) {
            throw task.unsupported(node, "the router unit does softmax, over all experts or over the selected ones");
        }
        // Dividing the selected probabilities by their sum is a softmax over the selected scores.
        boolean overSelected =
                settings.renormalise() || settings.normalise() == RouterSettings.Normalise.SOFTMAX_AFTER_SELECT;
        String input = node.inputs().get(0);
        Place.Rows rows = task.rows(node, input);
        String gate = node.inputs().get(1);
        Shape shape = task.shape(gate);
        FloatLayer layer = new FloatLayer(gate, task.floats(gate), 0, shape.size(0), shape.size(1), null, 0);
        Widths widths = new Widths(
                IntegerFormat.ROUTER_WEIGHT_BITS,
                task.format().activationBits(),
                IntegerFormat.ROUTER_ACCUMULATOR_BITS);
        LinearParameters linear =
                task.layer(node.name(), layer, widths, rows.buffer().scale(), o -> 1 / LoweredTask.base2Scores());
        String result = node.outputs().getFirst();
        Buffer ids = Buffer.of(
                result, rows.buffer().tokens(), settings.topK(), task.format().residualBits(), 1);
        task.add(new Step.Route(node.name(), task.block(), rows.buffer(), linear, settings.topK(), overSelected, ids));
        node.outputs().forEach(name -> task.put(name, new Place.Routed(input)));
    }

    void dispatch(Node node, Dispatch dispatch) {
        if (dispatch.split()) {
            throw task.unsupported(node, "queues take whole tokens");
        }
        String input = node.inputs().getFirst();
        node.outputs().forEach(name -> task.put(name, new Place.Routed(input)));
    }

    void experts(Node node, Activation kind) {
        if (node.inputs().size() != 6) {
            throw task.unsupported(node, "the expert unit adds biases");
        }
        if (!(task.place(node.inputs().getFirst()) instanceof Place.Routed(String tokens))) {
            throw task.unsupported(node, "its operand must come from a dispatch");
        }
        Node combine = task.readerOf(node.outputs().getFirst());
        Node add = combine == null ? null : task.readerOf(combine.outputs().getFirst());
        if (add == null || !(combine.op() instanceof Combine) || !task.addsToResidual(add)) {
            throw task.unsupported(node, "the experts' weighted sum must be added to the residual stream");
        }
        Place.Rows input = task.rows(node, tokens);
        Shape shape = task.shape(node.inputs().get(2));
        int experts = shape.size(0);
        int hidden = shape.size(1);
        int features = shape.size(2);
        String base = node.name();
        Buffer hiddenBuffer = task.activationBuffer(
                Calibrator.expertHidden(node), input.buffer().tokens(), hidden);
        double inner = task.activationInputScale(Calibrator.expertInner(node));
        ActivationUnit activation = task.activation(node, kind, inner, hiddenBuffer.scale());
        float[] firstWeights = task.floats(node.inputs().get(2));
        float[] firstBias = task.floats(node.inputs().get(3));
        float[] secondWeights = task.floats(node.inputs().get(4));
        float[] secondBias = task.floats(node.inputs().get(5));
        List<LinearParameters> first = new ArrayList<>();
        List<LinearParameters> second = new ArrayList<>();
        for (int e = 0; e < experts; e++) {
            int offset = e * hidden * features;
            first.add(task.layer(
                    base,
                    new FloatLayer(base + ".fc1." + e, firstWeights, offset, hidden, features, firstBias, e * hidden),
                    task.widths(),
                    input.buffer().scale(),
                    o -> inner));
            second.add(task.layer(
                    base,
                    new FloatLayer(
                            base + ".fc2." + e, secondWeights, offset, features, hidden, secondBias, e * features),
                    task.widths(),
                    hiddenBuffer.scale(),
                    o -> task.residual().scale()));
        }
        task.add(new Step.Experts(
                base, task.block(), input.buffer(), first, activation, hiddenBuffer, second, task.residual()));
        task.fuse(combine);
        task.fuse(add);
        task.residualIs(add);
    }
}
