package tilewright.compiler.pass;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.graph.Add;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Node;
import tilewright.model.graph.Normalize;
import tilewright.model.graph.ParameterData;
import tilewright.model.graph.PatchEmbed;
import tilewright.model.graph.Scale;
import tilewright.model.graph.Split;
import tilewright.model.graph.Type;

/**
 * Folds constants into the weights that precede or follow them.
 *
 * <ul>
 *   <li>Pixel normalisation into the patch embedding, which then reads raw pixels. There is no padding, so the offset is the
 *       same for every patch and goes into the bias.
 *   <li>The attention scale into the linear layer that makes the queries (their rows only, when keys and values come from the
 *       same layer), if nothing else reads the queries.
 *   <li>A scale behind a linear layer, or behind the sum of linear layers, into their weights. If the unscaled layer is read
 *       elsewhere too, it stays beside the scaled one.
 * </ul>
 *
 * <p>Folded parameters are computed in float64 when they are loaded. What does not fit these forms stays as it is.
 */
public final class ConstantFolding implements Pass {
    @Override
    public String name() {
        return "constant-folding";
    }

    @Override
    public String contract() {
        return "Patch embeddings read raw pixels, attention has scale 1, and no scale follows a linear layer.";
    }

    @Override
    public Graph apply(Graph graph) {
        GraphEdit edit = new GraphEdit(graph);
        for (Node node : edit.nodes()) {
            switch (node.op()) {
                case PatchEmbed patchEmbed -> foldNormalisation(edit, node);
                case Attention attention -> foldAttentionScale(edit, node, attention);
                case Scale(double factor) -> foldScale(edit, node, factor);
                default -> {}
            }
        }
        return edit.done();
    }

    private static void foldNormalisation(GraphEdit edit, Node embed) {
        Node normalise = edit.producer(embed.inputs().getFirst());
        if (normalise == null
                || !(normalise.op() instanceof Normalize constants)
                || !edit.areParameters(embed.inputs().subList(1, embed.inputs().size()))) {
            return;
        }
        String weight = embed.inputs().get(1);
        Type type = edit.parameter(weight).type();
        int channels = type.shape().size(1);
        int taps = type.shape().size(2) * type.shape().size(3);
        String scaled = edit.derive(weight, "normalised", values -> {
            for (int i = 0; i < values.length; i++) {
                values[i] *= constants.scale()[i / taps % channels];
            }
            return values;
        });
        int outputs = type.shape().size(0);
        ParameterData weightData = edit.parameter(weight).data();
        ParameterData biasData = embed.inputs().size() > 2
                ? edit.parameter(embed.inputs().get(2)).data()
                : null;
        ParameterData shifted = ParameterData.computed(() -> {
            double[] weights = weightData.load64();
            double[] bias = biasData == null ? new double[outputs] : biasData.load64();
            for (int i = 0; i < weights.length; i++) {
                bias[i / (channels * taps)] += weights[i] * constants.offset()[i / taps % channels];
            }
            return bias;
        });
        String biasName = embed.inputs().size() > 2 ? embed.inputs().get(2) : embed.name() + ".bias";
        String bias = edit.add(biasName + "|normalised", Type.f32(outputs), shifted);
        edit.replace(embed, embed.withInputs(List.of(normalise.inputs().getFirst(), scaled, bias)));
    }

    private static void foldAttentionScale(GraphEdit edit, Node node, Attention attention) {
        String queries = node.inputs().getFirst();
        if (attention.scale() == 1 || edit.uses(queries) != 1) {
            return;
        }
        Node made = edit.producer(queries);
        Node linear = made;
        int parts = 1;
        int part = 0;
        if (made != null && made.op() instanceof Split split) {
            if (edit.uses(made.inputs().getFirst()) != 1) {
                return;
            }
            linear = edit.producer(made.inputs().getFirst());
            parts = split.parts();
            part = made.outputs().indexOf(queries);
        }
        if (linear == null || !edit.isConstantLinear(linear)) {
            return;
        }
        edit.replace(linear, scaled(edit, linear, linear.name(), attention.scale(), part, parts));
        edit.replace(node, node.withOp(new Attention(attention.heads(), 1)));
    }

    private static void foldScale(GraphEdit edit, Node node, double factor) {
        List<Node> replacements = new ArrayList<>();
        if (scaleInto(edit, node.inputs().getFirst(), node.output(), factor, replacements)) {
            edit.replace(node, replacements.toArray(new Node[0]));
        }
    }

    /** Appends nodes that make {@code factor * value} under the name {@code result}; false when that takes a scale. */
    private static boolean scaleInto(GraphEdit edit, String value, String result, double factor, List<Node> made) {
        Node producer = edit.producer(value);
        if (producer == null) {
            return false;
        }
        if (edit.isConstantLinear(producer)) {
            made.add(scaled(edit, producer, result, factor, 0, 1));
            return true;
        }
        if (producer.op() instanceof Add) {
            List<String> terms = producer.inputs();
            // Named after the result, so that a value that is read twice gets two names.
            List<String> names =
                    List.of(edit.fresh(result + "." + terms.get(0)), edit.fresh(result + "." + terms.get(1)));
            List<Node> sum = new ArrayList<>();
            if (!terms.get(0).equals(terms.get(1))
                    && scaleInto(edit, terms.get(0), names.get(0), factor, sum)
                    && scaleInto(edit, terms.get(1), names.get(1), factor, sum)) {
                made.addAll(sum);
                made.add(new Node(result, new Add(), names, List.of(result)));
                return true;
            }
        }
        return false;
    }

    /** A linear layer with part {@code part} of {@code parts} of its output rows multiplied, under another name. */
    private static Node scaled(GraphEdit edit, Node linear, String name, double factor, int part, int parts) {
        List<String> inputs = new ArrayList<>(linear.inputs());
        for (int operand = 1; operand < inputs.size(); operand++) {
            inputs.set(operand, edit.derive(inputs.get(operand), "scaled", values -> {
                int length = values.length / parts;
                for (int i = part * length; i < (part + 1) * length; i++) {
                    values[i] *= factor;
                }
                return values;
            }));
        }
        return new Node(name, linear.op(), inputs, List.of(name));
    }
}
