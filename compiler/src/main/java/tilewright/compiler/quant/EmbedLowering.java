package tilewright.compiler.quant;

import java.util.ArrayList;
import java.util.List;
import tilewright.compiler.quant.LayerQuantiser.FloatLayer;
import tilewright.compiler.quant.LayerQuantiser.Widths;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.LinearParameters;
import tilewright.hw.program.PatchGeometry;
import tilewright.hw.program.Step;
import tilewright.model.graph.Node;
import tilewright.model.graph.PatchEmbed;
import tilewright.model.graph.Shape;

/** Lowers patch embedding, with the constant tokens before the patches and the table of positions, to one step. */
final class EmbedLowering {
    private final LoweredTask task;
    private PatchGeometry geometry;

    EmbedLowering(LoweredTask task) {
        this.task = task;
    }

    /** The geometry of the images, null before the patches are embedded. */
    PatchGeometry geometry() {
        return geometry;
    }

    /** Patches wait for the addition of their positions. */
    void patches(Node node) {
        task.put(node.outputs().getFirst(), new Place.Pending(node, List.of()));
    }

    void concat(Node node) {
        List<String> prefix = new ArrayList<>();
        Node embed = null;
        for (String input : node.inputs()) {
            if (task.place(input) instanceof Place.Pending(Node patchEmbed, List<String> before) && embed == null) {
                prefix.addAll(before);
                embed = patchEmbed;
            } else if (task.isParameter(input) && embed == null) {
                prefix.add(input);
            } else {
                throw task.unsupported(node, "only constant tokens before the patches can be joined");
            }
        }
        task.put(node.outputs().getFirst(), new Place.Pending(embed, prefix));
    }

    void add(Node node) {
        String first = node.inputs().get(0);
        String table = node.inputs().get(1);
        if (task.place(first) instanceof Place.Pending(Node embed, List<String> prefix) && task.isParameter(table)) {
            embed(node, embed, prefix, task.floats(table));
            return;
        }
        throw task.unsupported(
                node, "an addition must take the newest residual value and a linear or MoE layer's result");
    }

    private void embed(Node node, Node patchEmbed, List<String> prefix, float[] positions) {
        Shape image = task.shape(patchEmbed.inputs().getFirst());
        int patch = ((PatchEmbed) patchEmbed.op()).patch();
        geometry = new PatchGeometry(image.size(1), image.size(2), image.size(3), patch);
        Buffer residual = task.residual();
        int features = residual.features();
        int[] table = new int[residual.tokens() * features];
        int at = 0;
        for (String name : prefix) {
            for (float value : task.floats(name)) {
                table[at] = residualCode(value + positions[at]);
                at++;
            }
        }
        int firstPatch = at / features;
        for (; at < table.length; at++) {
            table[at] = residualCode(positions[at]);
        }
        // A pixel's code is pixel - 128, so the bias takes 128 times the sum of the weights.
        float[] weights = task.floats(patchEmbed.inputs().get(1));
        float[] bias = patchEmbed.inputs().size() > 2
                ? task.floats(patchEmbed.inputs().get(2)).clone()
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
        LinearParameters linear = task.layer(
                patchEmbed.name(),
                layer,
                new Widths(task.format().weightBits(), 8, task.format().accumulatorBits()),
                1,
                o -> residual.scale());
        task.add(new Step.Embed("embed", task.block(), geometry, linear, table, firstPatch, residual));
        task.residualIs(node);
    }

    private int residualCode(double value) {
        long highest = (1L << (task.format().residualBits() - 1)) - 1;
        return (int) Math.max(
                -highest, Math.min(highest, Math.rint(value / task.residual().scale())));
    }
}
